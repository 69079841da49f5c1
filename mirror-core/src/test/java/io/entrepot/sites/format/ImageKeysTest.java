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

  @Test
  void versionUnderARelatedKey_isJoinedToo() {
    OneFormat.Result result =
        read.of(
            """
            exporter: {image: acme/exporter, imageVersion: 2.0.1}
            with: {renovate-image: ghcr.io/acme/renovate, renovate-version: "44"}
            env: {APP_IMAGE: ghcr.io/acme/app, APP_VERSION: "1"}
            plain: {image: ghcr.io/acme/app, otherVersion: "1"}
            """);

    assertThat(result.kinds())
        .containsExactly("NOT_WRITABLE", "NOT_WRITABLE", "NOT_WRITABLE", "image");
  }

  @Test
  void blockDeviceOfCeph_isNoImage() {
    OneFormat.Result result =
        read.of(
            """
            volumes:
              - rbd: {image: pool/disk, monitors: []}
            """);

    assertThat(result.dismissals()).containsExactly("volumes[0].rbd.image: a block device of Ceph");
  }

  @Test
  void nameWithItsVersionBesideIt_isJoinedByItsReader() {
    OneFormat.Result result =
        read.of("deployment:\n  image_name: quay.io/kiali/kiali\n  image_version: v1.79\n");

    assertThat(result.kinds()).containsExactly("NOT_WRITABLE");
  }

  @Test
  void annotation_isReadByThePartBehindItsDomain() {
    OneFormat.Result result =
        read.of(
            """
            annotations:
              vault.hashicorp.com/agent-image: hashicorp/vault:1.16.0
              example.com/images-checked: acme/app:1
            """);

    assertThat(result.sites())
        .containsExactly(
            "annotations.\"vault.hashicorp.com/agent-image\" = docker.io/hashicorp/vault:1.16.0");
  }
}
