package io.entrepot.sites.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Lists of images. */
final class ImageListsTest {

  private final OneFormat read = new OneFormat(new ImageLists());

  @Test
  void itemsOfImages_areSites() {
    OneFormat.Result result =
        read.of(
            """
            extraImages:
              - acme/app:1
              - logo.png
            names:
              - acme/app:1
              - ghcr.io/acme/any:1
            """);

    assertThat(result.sites())
        .containsExactly("extraImages[0] = docker.io/acme/app:1", "names[1] = ghcr.io/acme/any:1");
  }

  @Test
  void gitlabServices_areImages() {
    OneFormat.Result result =
        read.of(
            ".gitlab-ci.yml",
            """
            test:
              services:
                - postgres:16
            """);

    assertThat(result.sites()).containsExactly("test.services[0] = docker.io/library/postgres:16");
  }

  @Test
  void tagsThatABuildPushes_areNone() {
    assertThat(read.of("tags: [ghcr.io/acme/app:1]\nothers: [ghcr.io/acme/app:1]\n").sites())
        .containsExactly("others[0] = ghcr.io/acme/app:1");
  }
}
