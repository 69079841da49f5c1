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
}
