package io.entrepot.sites.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Assignments in blocks. */
final class AssignmentBlocksTest {

  private final OneFormat read = new OneFormat(new AssignmentBlocks());

  @Test
  void lines_namedAfterImages_areSites() {
    OneFormat.Result result =
        read.of(
            """
            script: |
              APP_IMAGE=quay.io/acme/app:1
              echo done
              PORT=80
            """);

    assertThat(result.sites()).containsExactly("script.APP_IMAGE = quay.io/acme/app:1");
  }

  @Test
  void oneLine_isNoBlock() {
    OneFormat.Result result =
        read.of(
            """
            image: quay.io/acme/app:1
            """);

    assertThat(result.sites()).isEmpty();
  }

  @Test
  void imagesOfATomlFile_areSites() {
    OneFormat.Result result =
        read.of(
            """
            config: |
              [[runners]]
                [runners.kubernetes]
                  image = "ubuntu:22.04" # for jobs
                  helper_image = "quay.io/acme/helper:1"
                  namespace = "gitlab"
                  host = "redis:6379"
                  [[runners.kubernetes.services]]
                    name = "docker:24-dind"
                  [[runners.cache]]
                    name = "docker:24-dind"
            """);

    assertThat(result.sites())
        .containsExactly(
            "config.image = docker.io/library/ubuntu:22.04",
            "config.helper_image = quay.io/acme/helper:1",
            "config.name = docker.io/library/docker:24-dind");
  }

  @Test
  void scriptThatAssignsTexts_isNoTomlFile() {
    OneFormat.Result result =
        read.of(
            """
            source: |
              import random
              image = "not:one"
            """);

    assertThat(result.sites()).isEmpty();
  }
}
