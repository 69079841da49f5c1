package io.entrepot.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.yaml.YamlDocument;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LockScopeTest {

  private static final String DIGEST = "sha256:" + "a".repeat(64);

  @Test
  void imageOfTheFile_keepsItsEntry() {
    assertThat(kept("[q.io/a/b:1]", "q.io/a/b:1", "r.io/m/a-b:1")).isTrue();
  }

  @Test
  void imageThatLeftTheFile_losesItsEntry() {
    assertThat(kept("[q.io/a/b:1]", "q.io/a/b:2", "r.io/m/a-b:2")).isFalse();
  }

  @Test
  void imageWithAnotherTarget_losesItsEntry() {
    assertThat(kept("[q.io/a/b:1]", "q.io/a/b:1", "r.io/elsewhere/a-b:1")).isFalse();
  }

  @Test
  void imageByTagAndDigest_isLookedUpByItsDigest() {
    assertThat(kept("['q.io/a/b:1@" + DIGEST + "']", "q.io/a/b@" + DIGEST, "r.io/m/a-b:1"))
        .isTrue();
  }

  @Test
  void tagThatASelectionSelectsNoMore_keepsItsEntry() {
    assertThat(
            kept(
                "[{source: q.io/a/b, tags: {semver: '>=2'}}]",
                "q.io/a/b:1.0.0",
                "r.io/m/a-b:1.0.0"))
        .isTrue();
  }

  @Test
  void selectionWithAnotherTarget_losesItsEntries() {
    assertThat(
            kept(
                "[{source: q.io/a/b, tags: {semver: '>=2'}}]",
                "q.io/a/b:1.0.0",
                "r.io/n/a-b:1.0.0"))
        .isFalse();
  }

  @Test
  void imageThatWaits_isOfTheFileWithOrWithoutItsTarget() {
    String text =
        """
        version: 1
        images:
          q.io/a/b:1: {waiting: [{digest: %1$s, firstSeen: "2026-11-01T00:00:00Z"}]}
          q.io/a/b:2: {waiting: [{digest: %1$s, firstSeen: "2026-11-01T00:00:00Z"}]}
        """
            .formatted(DIGEST);

    LockFile scope =
        new LockScope(spec("[q.io/a/b:1]")).of(LockFileCodec.parse("images.lock.yaml", text));

    assertThat(scope.awaited().keySet()).hasToString("[q.io/a/b:1]");
  }

  private static boolean kept(String images, String key, String target) {
    String text =
        """
        version: 1
        images:
          %s:
            digest: %s
            target: %s
            platforms: []
        """
            .formatted(key, DIGEST, target);
    LockFile lock = LockFileCodec.parse("images.lock.yaml", text);
    LockFile scope = new LockScope(spec(images)).of(lock);
    assertThat(scope.images().size()).isLessThanOrEqualTo(1);
    return scope.equals(lock);
  }

  private static MirrorSpec spec(String images) {
    String text = "target: r.io/m\nimages: " + images + "\n";
    return new MirrorSpecReader(YamlDocument.parse("mirror.yaml", text), Path.of("")).read().spec();
  }
}
