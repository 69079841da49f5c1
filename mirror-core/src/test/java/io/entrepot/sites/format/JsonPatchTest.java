package io.entrepot.sites.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Operations of JSON patches. */
final class JsonPatchTest {

  private final OneFormat read = new OneFormat(new JsonPatch());

  @Test
  void pathThatEndsInImage_isASite() {
    OneFormat.Result result =
        read.of(
            """
            - op: replace
              path: /spec/containers/0/image
              value: quay.io/acme/app:1
            - op: replace
              path: /spec/replicas
              value: quay.io/acme/app:1
            """);

    assertThat(result.sites()).containsExactly("[0].value = quay.io/acme/app:1");
  }

  @Test
  void mapWithoutOperation_isNoPatch() {
    OneFormat.Result result =
        read.of(
            """
            - path: /image
              value: quay.io/acme/app:1
            """);

    assertThat(result.sites()).isEmpty();
  }
}
