package io.entrepot.sites.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** References under keys that say nothing. */
final class KnownReferencesTest {

  private final OneFormat read = new OneFormat(new KnownReferences());

  @Test
  void knownRegistryWithATag_isUnmistakable() {
    OneFormat.Result result =
        read.of(
            """
            anything: ghcr.io/acme/app:1
            other: acme/app:1
            without: ghcr.io/acme/app
            """);

    assertThat(result.sites()).containsExactly("anything = ghcr.io/acme/app:1");
  }

  @Test
  void valuesOfAMapOfImages_areSites() {
    OneFormat.Result result =
        read.of(
            """
            images:
              app: acme/app:1
            """);

    assertThat(result.sites()).containsExactly("images.app = docker.io/acme/app:1");
  }

  @Test
  void keysThatNameWhatIsNotPulled_areNone() {
    OneFormat.Result result =
        read.of(
            """
            from: ghcr.io/acme/app:1
            imageID: ghcr.io/acme/app:1
            tags: ghcr.io/acme/app:1
            """);

    assertThat(result.sites()).isEmpty();
  }

  @Test
  void textOfSeveralImages_isOneSiteForEach() {
    OneFormat.Result result =
        read.of(
            """
            images: acme/one:1,acme/two:2
            preload: quay.io/acme/one:1, quay.io/acme/two:2
            hosts: quay.io/acme/one:1, localhost:80
            """);

    assertThat(result.sites())
        .containsExactly(
            "images = docker.io/acme/one:1",
            "images = docker.io/acme/two:2",
            "preload = quay.io/acme/one:1",
            "preload = quay.io/acme/two:2");
  }
}
