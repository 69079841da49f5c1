package io.entrepot.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.yaml.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two branches have mirrored, and their locks come together. */
class LockMergeTest {

  private static final ImageReference REDIS = ImageReference.parse("docker.io/bitnami/redis:7");
  private static final Digest A = Digest.of(new byte[] {'a'});
  private static final Digest B = Digest.of(new byte[] {'b'});
  private static final Digest C = Digest.of(new byte[] {'c'});

  @TempDir private Path directory;

  private static LockFile lock(String text) {
    return LockFileCodec.parse("l", text(text));
  }

  /** Digests are written as one letter, times as the day of a month. */
  private static String text(String entries) {
    return ("version: 1\nimages:\n" + entries)
        .replace("=A", ": " + A)
        .replace("=B", ": " + B)
        .replace("=C", ": " + C)
        .replaceAll("firstSeen: day ([0-9]+)", "firstSeen: 2026-11-$1T10:00:00Z");
  }

  private static String redis(String rest) {
    return "  docker.io/bitnami/redis:7:\n    target: r.io/m/redis:7\n" + rest;
  }

  private static final String LOCKED_A = redis("    digest=A\n    platforms: []\n");

  private static LockedImage redis(LockFile lock) {
    return Objects.requireNonNull(lock.images().get(REDIS));
  }

  private static Instant day(int day) {
    return Instant.parse("2026-11-%02dT10:00:00Z".formatted(day));
  }

  @Test
  void bothHaveSeenTheSameDigest_earlierSightCounts() {
    LockFile ours = lock(LOCKED_A + "    waiting:\n      - { digest=B, firstSeen: day 21 }\n");
    LockFile theirs = lock(LOCKED_A + "    waiting:\n      - { digest=B, firstSeen: day 20 }\n");
    assertThat(redis(LockMerge.merge(lock(LOCKED_A), ours, theirs)).trust().waiting())
        .containsExactly(new Sight(B, day(20)));
  }

  @Test
  void oneHasTakenWhatTheOtherAwaits_isTakenWithTheEarlierSight() {
    LockFile ours = lock(LOCKED_A + "    waiting:\n      - { digest=B, firstSeen: day 20 }\n");
    LockFile theirs = lock(redis("    digest=B\n    platforms: []\n    firstSeen: day 21\n"));
    LockedImage merged = redis(LockMerge.merge(lock(LOCKED_A), ours, theirs));
    assertThat(merged.digest()).isEqualTo(B);
    assertThat(merged.trust().firstSeen()).contains(day(20));
    assertThat(merged.trust().waiting()).isEmpty();
  }

  @Test
  void whatOneSideHasSeenTakenBack_doesNotComeBack() {
    LockFile base = lock(LOCKED_A + "    waiting:\n      - { digest=B, firstSeen: day 20 }\n");
    LockFile ours = lock(LOCKED_A);
    LockFile theirs =
        lock(
            LOCKED_A
                + "    waiting:\n      - { digest=B, firstSeen: day 20 }\n"
                + "      - { digest=C, firstSeen: day 22 }\n");
    assertThat(redis(LockMerge.merge(base, ours, theirs)).trust().waiting())
        .containsExactly(new Sight(C, day(22)));
  }

  @Test
  void bothHaveMoved_laterSeenDigestCounts() {
    LockFile ours = lock(redis("    digest=C\n    platforms: []\n    firstSeen: day 22\n"));
    LockFile theirs = lock(redis("    digest=B\n    platforms: []\n    firstSeen: day 20\n"));
    assertThat(redis(LockMerge.merge(lock(LOCKED_A), ours, theirs)).digest()).isEqualTo(C);
    assertThat(redis(LockMerge.merge(lock(LOCKED_A), theirs, ours)).digest()).isEqualTo(C);
  }

  @Test
  void awaitedOnOneSide_lockedOnTheOther_isLocked() {
    LockFile ours = lock(redis("    waiting:\n      - { digest=B, firstSeen: day 20 }\n"));
    LockFile merged = LockMerge.merge(LockFile.empty(), ours, lock(LOCKED_A));
    assertThat(redis(merged).digest()).isEqualTo(A);
    assertThat(redis(merged).trust().waiting()).containsExactly(new Sight(B, day(20)));
    assertThat(merged.awaited()).isEmpty();
  }

  @Test
  void removedOnOneSide_untouchedOnTheOther_isRemoved() {
    LockFile base = lock(LOCKED_A);
    assertThat(LockMerge.merge(base, base, LockFile.empty()).images()).isEmpty();
    assertThat(LockMerge.merge(base, LockFile.empty(), base).images()).isEmpty();
    assertThat(LockMerge.merge(LockFile.empty(), base, LockFile.empty()).images())
        .containsKey(REDIS);
  }

  @Test
  void assembledList_isTakenFromOneSideWhole() {
    String parts =
        """
          docker.io/acme/tool:1-amd64:
            digest=A
            targetDigest=%s
            target: r.io/m/tool:1
            platforms: [linux/amd64]
          docker.io/acme/tool:1-arm64:
            digest=B
            targetDigest=%s
            target: r.io/m/tool:1
            platforms: [linux/arm64]
        """;
    LockFile base = lock(parts.formatted("C", "C"));
    LockFile ours = lock(parts.formatted("C", "C").replaceFirst("digest=A", "digest=B"));
    LockFile theirs = lock(parts.formatted("A", "A").replaceFirst("digest=A", "digest=C"));
    LockFile merged = LockMerge.merge(base, ours, theirs);
    assertThat(LockFileCodec.parse("l", LockFileCodec.format(merged))).isEqualTo(merged);
  }

  private static final String CONFLICT =
      """
          digest=A
          platforms: []
          waiting:
      <<<<<<< HEAD
            - { digest=B, firstSeen: day 21 }
      =======
            - { digest=B, firstSeen: day 20 }
            - { digest=C, firstSeen: day 23 }
      >>>>>>> other
      """
          .replaceAll("(?m)^ {4}(?=\\S)", "    ");

  @Test
  void conflictMarks_areReadAsTwoSides_byMirrorOnly() throws Exception {
    Path file = Files.writeString(directory.resolve("images.lock.yaml"), text(redis(CONFLICT)));
    LockFile merged = LockFileCodec.readMerging(file).orElseThrow();
    assertThat(redis(merged).trust().waiting())
        .containsExactly(new Sight(B, day(20)), new Sight(C, day(23)));
    assertThatThrownBy(() -> LockFileCodec.read(file))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("images.lock.yaml:8: has git's conflict marks");
  }

  @Test
  void conflictMarksWithTheAncestor_tellWhatWasRemoved() throws Exception {
    String marks =
        text(
            redis(
                """
                    digest=A
                    platforms: []
                <<<<<<< HEAD
                ||||||| 1234567
                    waiting:
                      - { digest=B, firstSeen: day 20 }
                =======
                    waiting:
                      - { digest=B, firstSeen: day 20 }
                      - { digest=C, firstSeen: day 23 }
                >>>>>>> other
                """));
    Path file = Files.writeString(directory.resolve("images.lock.yaml"), marks);
    assertThat(redis(LockFileCodec.readMerging(file).orElseThrow()).trust().waiting())
        .containsExactly(new Sight(C, day(23)));
  }

  @Test
  void halfOfTheConflictMarks_areRefused_andABrokenSideIsNamedByItsLine() throws Exception {
    Path file = directory.resolve("images.lock.yaml");
    Files.writeString(file, text(redis(CONFLICT)).replace(">>>>>>> other\n", ""));
    assertThatThrownBy(() -> LockFileCodec.readMerging(file))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("conflict marks are not complete");
    Files.writeString(file, text(redis(CONFLICT)).replace("2026-11-23T10:00:00Z", "yesterday"));
    assertThatThrownBy(() -> LockFileCodec.readMerging(file))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(
            "images.lock.yaml:12: images['docker.io/bitnami/redis:7'].waiting[1]");
  }

  @Test
  void emptyFileOfTheAncestor_isAnEmptyLock() throws Exception {
    Path file = Files.writeString(directory.resolve("base"), "");
    assertThat(LockFileCodec.readOrEmpty(file)).isEqualTo(LockFile.empty());
  }

  @Test
  void hundredThousandEntries_areReadWrittenAndMerged() {
    StringBuilder entries = new StringBuilder();
    for (int i = 0; i < 100_000; i++) {
      entries.append(
          "  docker.io/acme/i%d:1:\n    target: r.io/m/i%d:1\n    waiting:\n      - { digest=A, firstSeen: day 20 }\n"
              .formatted(i, i));
    }
    LockFile lock = lock(entries.toString());
    assertThat(lock.awaited()).hasSize(100_000);
    String text = LockFileCodec.format(lock);
    assertThat(LockFileCodec.parse("l", text)).isEqualTo(lock);
    assertThat(LockMerge.merge(LockFile.empty(), lock, lock)).isEqualTo(lock);
    assertThat(Sights.of(lock).find(ImageReference.parse("acme/i99999").repository(), A))
        .contains(day(20));
  }
}
