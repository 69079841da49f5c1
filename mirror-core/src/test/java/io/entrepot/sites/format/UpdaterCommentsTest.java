package io.entrepot.sites.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Texts that Flux or Renovate own. */
final class UpdaterCommentsTest {

  private final OneFormat read = new OneFormat(new UpdaterComments());

  @Test
  void fluxSetterOfAWholeImage_isASite() {
    OneFormat.Result result =
        read.of(
            """
            anything: quay.io/acme/app:1 # {"$imagepolicy": "flux-system:app"}
            """);

    assertThat(result.sites()).containsExactly("anything = quay.io/acme/app:1");
  }

  @Test
  void fluxSetterOfATag_isAPart() {
    OneFormat.Result result =
        read.of(
            """
            anything: "1.2" # {"$imagepolicy": "flux-system:app:tag"}
            """);

    assertThat(result.sites()).containsExactly("anything = 1.2");
  }

  @Test
  void renovatesHint_namesTheImage() {
    OneFormat.Result result =
        read.of(
            """
            # renovate: datasource=docker depName=quay.io/acme/app
            version: "1.2"
            """);

    assertThat(result.sites()).containsExactly("version = quay.io/acme/app:1.2");
  }

  @Test
  void otherComments_sayNothing() {
    OneFormat.Result result =
        read.of(
            """
            # renovate: datasource=github-releases depName=acme/app
            version: "1.2"
            anything: quay.io/acme/app:1 # our own
            """);

    assertThat(result.sites()).isEmpty();
  }
}
