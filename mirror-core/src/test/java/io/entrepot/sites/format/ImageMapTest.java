package io.entrepot.sites.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The map that most charts have. */
final class ImageMapTest {

  private final OneFormat read = new OneFormat(new ImageMap());

  @Test
  void parts_areOneImage() {
    OneFormat.Result result =
        read.of(
            """
            image:
              registry: quay.io
              repository: acme/app
              tag: "1.2"
            """);

    assertThat(result.sites()).containsExactly("image = quay.io/acme/app:1.2");
  }

  @Test
  void ref_isTheWholeOfIt() {
    OneFormat.Result result =
        read.of(
            """
            image:
              ref: quay.io/acme/app:1
            """);

    assertThat(result.sites()).containsExactly("image.ref = quay.io/acme/app:1");
  }

  @Test
  void tagAlone_isLeftToTheChart() {
    OneFormat.Result result =
        read.of(
            """
            image:
              tag: "1.2"
            """);

    assertThat(result.sites()).containsExactly("image = 1.2");
  }

  @Test
  void sharedRegistry_standsBeforeNamesWithoutOne() {
    OneFormat.Result result =
        read.of(
            """
            global:
              image:
                registry: quay.io
            app:
              image: {repository: acme/app, tag: "1"}
            other:
              image: {repository: ghcr.io/acme/other, tag: "1"}
            """);

    assertThat(result.sites())
        .containsExactly("app.image = quay.io/acme/app:1", "other.image = ghcr.io/acme/other:1");
  }

  @Test
  void repositoryUnderAnotherKey_needsAnImagesFields() {
    OneFormat.Result result =
        read.of(
            """
            source:
              repository: acme/app
            git:
              repository: acme/app
              tag: v1
              branch: main
            """);

    assertThat(result.sites()).isEmpty();
    assertThat(result.dismissals())
        .containsExactly(
            "source: nothing beside it tells of an image",
            "git: a git repository (it has 'branch' beside it)");
  }

  @Test
  void emptyRepository_isTheCharts() {
    OneFormat.Result result =
        read.of(
            """
            image:
              repository: ""
              tag: "1"
            """);

    assertThat(result.sites()).isEmpty();
    assertThat(result.dismissals())
        .containsExactly("image: an empty repository: the chart chooses the image");
  }

  @Test
  void imageBelowTheRegistryBesideIt_isItsName() {
    OneFormat.Result result =
        read.of(
            """
            controller:
              image:
                registry: registry.k8s.io
                image: ingress-nginx/controller
                tag: v1.13.2
            other:
              registry: registry.k8s.io
              image: quay.io/acme/other
              tag: "1"
            """);

    assertThat(result.sites())
        .containsExactly("controller.image = registry.k8s.io/ingress-nginx/controller:v1.13.2");
  }

  @Test
  void tagOrNameThatTheChartCompletes_isNoWholeImage() {
    OneFormat.Result result =
        read.of(
            """
            gitea:
              image: {repository: gitea/gitea, tag: 1.21.5, rootless: true}
            operator:
              image: {repository: quay.io/cilium/operator, tag: v1.15.1, genericDigest: "sha256:ab"}
            plain:
              image: {repository: gitea/gitea, tag: 1.21.5, rootless: false, flavour: ""}
            """);

    assertThat(result.kinds()).containsExactly("NOT_WRITABLE", "NOT_WRITABLE", "image");
  }

  @Test
  void switchForTheDigest_completesNothing() {
    OneFormat.Result result =
        read.of(
            """
            image: {repository: quay.io/cilium/cilium, tag: v1.15.3, digest: "", useDigest: true}
            """);

    assertThat(result.sites()).containsExactly("image = quay.io/cilium/cilium:v1.15.3");
  }
}
