package io.entrepot.sites.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Images of objects that watch them. */
final class WatchedImagesTest {

  private final OneFormat read = new OneFormat(new WatchedImages());

  @Test
  void watchedImage_isNamedAndLeft() {
    OneFormat.Result result =
        read.of(
            """
            kind: ImagePolicy
            spec:
              image: quay.io/acme/app:1
            """);

    assertThat(result.sites()).isEmpty();
    assertThat(result.dismissals())
        .containsExactly("spec.image: this kind watches or checks the image, nothing pulls it");
  }

  @Test
  void policies_holdPatterns_whateverTheirKindIsCalled() {
    OneFormat.Result result =
        read.of(
            """
            apiVersion: kyverno.io/v1
            kind: ClusterPolicy
            spec:
              pattern:
                image: "!*:latest"
            """);

    assertThat(result.sites()).isEmpty();
    assertThat(result.dismissals()).hasSize(1);
  }
}
