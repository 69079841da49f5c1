package io.entrepot.sites.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Maps with a whole reference in them. */
final class WholeReferencesTest {

  private final OneFormat read = new OneFormat(new WholeReferences());

  @Test
  void imageVolume_isARef() {
    OneFormat.Result result =
        read.of(
            """
            volumes:
              - name: data
                image:
                  reference: quay.io/acme/data:1
            """);

    assertThat(result.sites()).containsExactly("volumes[0].image.reference = quay.io/acme/data:1");
  }

  @Test
  void gitlabService_isNamed() {
    OneFormat.Result result =
        read.of(
            ".gitlab-ci.yml",
            """
            test:
              services:
                - name: postgres:16
            """);

    assertThat(result.sites())
        .containsExactly("test.services[0].name = docker.io/library/postgres:16");
  }

  @Test
  void nameWithoutTag_mayBeAnything() {
    OneFormat.Result result =
        read.of(
            """
            image:
              name: app
            """);

    assertThat(result.sites()).isEmpty();
  }

  @Test
  void nameBesideATag_isAnotherFormats() {
    OneFormat.Result result =
        read.of(
            """
            image:
              name: quay.io/acme/app:1
              tag: "2"
            """);

    assertThat(result.sites()).isEmpty();
  }
}
