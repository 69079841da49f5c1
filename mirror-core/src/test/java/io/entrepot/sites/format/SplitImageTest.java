package io.entrepot.sites.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Image and tag side by side. */
final class SplitImageTest {

  private final OneFormat read = new OneFormat(new SplitImage());

  @Test
  void nameAndTag_areOneImage() {
    OneFormat.Result result =
        read.of(
            """
            app:
              image: quay.io/acme/app
              tag: "1.2"
            """);

    assertThat(result.sites()).containsExactly("app = quay.io/acme/app:1.2");
  }

  @Test
  void baseImageOfPrometheusOperator_isOneImageWithItsTag() {
    OneFormat.Result result =
        read.of("spec:\n  baseImage: quay.io/prometheus/alertmanager\n  tag: v0.27.0\n");

    assertThat(result.sites()).containsExactly("spec = quay.io/prometheus/alertmanager:v0.27.0");
  }

  @Test
  void digest_isReadToo() {
    OneFormat.Result result =
        read.of(
            """
            app:
              image: quay.io/acme/app
              digest: sha256:1111111111111111111111111111111111111111111111111111111111111111
            """);

    assertThat(result.sites())
        .containsExactly(
            "app = quay.io/acme/app@sha256:1111111111111111111111111111111111111111111111111111111111111111");
  }

  @Test
  void wholeReference_isAnotherFormats() {
    OneFormat.Result result =
        read.of(
            """
            app:
              image: quay.io/acme/app:1
              tag: "2"
            """);

    assertThat(result.sites()).isEmpty();
  }

  @Test
  void repositoryBesideIt_hasTheTag() {
    OneFormat.Result result =
        read.of(
            """
            app:
              image: quay.io/acme/app
              repository: acme/other
              tag: "2"
            """);

    assertThat(result.sites()).isEmpty();
  }
}
