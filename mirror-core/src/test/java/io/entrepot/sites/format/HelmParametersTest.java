package io.entrepot.sites.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Argo CD's parameters. */
final class HelmParametersTest {

  private final OneFormat read = new OneFormat(new HelmParameters());

  @Test
  void parameters_ofOnePrefix_areOneImage() {
    OneFormat.Result result =
        read.of(
            """
            parameters:
              - name: app.image.repository
                value: quay.io/acme/app
              - name: app.image.tag
                value: "1"
              - name: replicas.count
                value: "2"
            """);

    assertThat(result.sites()).containsExactly("parameters[0] = quay.io/acme/app:1");
  }

  @Test
  void wholeReference_isASiteOfItsOwn() {
    OneFormat.Result result =
        read.of(
            """
            parameters:
              - name: app.image
                value: quay.io/acme/app:1
            """);

    assertThat(result.sites()).containsExactly("parameters[0].value = quay.io/acme/app:1");
  }

  @Test
  void tagWithoutRepository_isAPart_anythingElseIsDismissed() {
    OneFormat.Result result =
        read.of(
            """
            parameters:
              - name: app.image.tag
                value: "1"
              - name: job.image.registry
                value: quay.io
            """);

    assertThat(result.sites()).containsExactly("parameters[0] = 1");
    assertThat(result.dismissals()).containsExactly("parameters[1]: no repository beside it");
  }
}
