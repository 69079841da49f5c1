package io.entrepot.gate.rules;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Denials by digest and by repository, of the image and of what the mirror found in it. */
final class DeniedTest extends PolicyContract {

  private static final String LAYER = "sha256:" + "c".repeat(64);
  private static final String IMAGE_DENIED =
      "deny: [{ digest: %s, reason: poisoned release }]".formatted(Manifests.DIGEST);

  DeniedTest() {
    super(Denied.RULE, IMAGE_DENIED, "");
  }

  @Test
  void digest_isRefusedWithItsReason() {
    assertThat(refused(IMAGE_DENIED, "").message()).contains("poisoned release");
  }

  @Test
  void sourcesRepository_refusesTheCopy() {
    assertThat(refused("rules: [{ match: docker.io/library/*, deny: frozen }]", "").message())
        .contains("frozen");
  }

  @Test
  void layerThatTheMirrorFound_refusesTheImage() {
    String found = "    denied: { digest: %s, reason: poisoned layer }\n".formatted(LAYER);
    assertThat(
            refused("deny: [{ digest: %s, reason: poisoned layer }]".formatted(LAYER), found)
                .message())
        .contains(LAYER, "poisoned layer");
  }

  @Test
  void neighboursDenial_passes() {
    passes("rules: [{ match: docker.io/library/redis-stack, deny: frozen }]", "");
  }

  @Test
  void imageThatWasNotLookedThroughForThis_isNotJudged() {
    String judgedForOthers = "    judged: %s\n".formatted(LAYER);
    assertThat(skipped("deny: [{ digest: %s, reason: x }]".formatted(LAYER), judgedForOthers))
        .hasSize(1);
  }
}
