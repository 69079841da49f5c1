package io.entrepot.sites.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Texts under keys that say image. */
final class ImageKeysTest {

  private final OneFormat read = new OneFormat(new ImageKeys());

  @Test
  void imageOfAContainer_isASite() {
    OneFormat.Result result =
        read.of(
            """
            containers:
              - image: redis
                ports: []
            app:
              sidecarImage: acme/sidecar:1
            """);

    assertThat(result.sites())
        .containsExactly(
            "containers[0].image = docker.io/library/redis",
            "app.sidecarImage = docker.io/acme/sidecar:1");
  }

  @Test
  void bareWord_mayBeAnything() {
    OneFormat.Result result =
        read.of(
            """
            image: redis
            """);

    assertThat(result.sites()).isEmpty();
    assertThat(result.dismissals()).containsExactly("image: a bare word, which may be anything");
  }

  @Test
  void urlsPicturesAndAddresses_areNoImages() {
    OneFormat.Result result =
        read.of(
            """
            image: https://example.com/a.png
            logoImage: logo.svg
            IMAGE: example.com:80
            """);

    assertThat(result.sites()).isEmpty();
    assertThat(result.dismissals())
        .containsExactly(
            "image: a URL",
            "logoImage: the name of a picture or disk image",
            "IMAGE: an address with a port");
  }

  @Test
  void patchTarget_saysWhatIsPatched() {
    OneFormat.Result result =
        read.of(
            """
            kind: Kustomization
            patches:
              - target:
                  image: quay.io/acme/app:1
            """);

    assertThat(result.sites()).isEmpty();
    assertThat(result.dismissals())
        .containsExactly("patches[0].target.image: a patch's target, which says what is patched");
  }

  @Test
  void versionBesideABareImage_isJoinedByItsReader() {
    OneFormat.Result result =
        read.of(
            """
            app:
              image: quay.io/acme/app
              version: "1"
            """);

    assertThat(result.sites()).containsExactly("app.image = quay.io/acme/app");
  }
}
