package io.entrepot.sites.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Templates without quotes. */
final class UnquotedTemplatesTest {

  private final OneFormat read = new OneFormat(new UnquotedTemplates());

  @Test
  void bracesUnderAnImageKey_areFilledIn() {
    OneFormat.Result result =
        read.of(
            """
            image: {{ .Values.image }}
            other: {{ .Values.image }}
            """);

    assertThat(result.sites()).containsExactly("image = {{ .Values.image }}");
  }
}
