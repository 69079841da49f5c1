package io.entrepot.sites.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A kustomization's images. */
final class KustomizeImagesTest {

  private final OneFormat read = new OneFormat(new KustomizeImages());

  @Test
  void entry_meansItsNewName() {
    OneFormat.Result result =
        read.of(
            "kustomization.yaml",
            """
            images:
              - name: app
                newName: quay.io/acme/app
                newTag: "1"
              - name: quay.io/acme/other
                digest: sha256:2222222222222222222222222222222222222222222222222222222222222222
            """);

    assertThat(result.sites())
        .containsExactly(
            "images[0] = quay.io/acme/app:1",
            "images[1] = quay.io/acme/other@sha256:2222222222222222222222222222222222222222222222222222222222222222");
  }

  @Test
  void entryThatChangesNothing_isDismissed() {
    OneFormat.Result result =
        read.of(
            "kustomization.yaml",
            """
            images:
              - name: app
            """);

    assertThat(result.sites()).isEmpty();
    assertThat(result.dismissals()).containsExactly("images[0]: an entry that changes nothing");
  }

  @Test
  void argoCdText_hasTheNewNameBehindEquals() {
    OneFormat.Result result =
        read.of(
            """
            kustomize:
              images:
                - app=quay.io/acme/app:1
            """);

    assertThat(result.sites()).containsExactly("kustomize.images[0] = quay.io/acme/app:1");
  }

  @Test
  void imagesOfOtherYaml_areNotKustomizes() {
    OneFormat.Result result =
        read.of(
            """
            images:
              - name: app
                newName: quay.io/acme/app
                newTag: "1"
            """);

    assertThat(result.sites()).isEmpty();
  }

  @Test
  void newDigest_isNoFieldOfKustomize() {
    OneFormat.Result result =
        read.of(
            "kustomization.yaml",
            """
            images:
              - name: quay.io/acme/app
                newDigest: sha256:2222222222222222222222222222222222222222222222222222222222222222
                newTag: "1"
            """);

    assertThat(result.sites()).containsExactly("images[0] = quay.io/acme/app:1");
  }
}
