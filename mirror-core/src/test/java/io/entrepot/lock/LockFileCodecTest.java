package io.entrepot.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.yaml.ConfigException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LockFileCodecTest {

  private static final Digest D1 = Digest.parse("sha256:" + "1".repeat(64));
  private static final Digest D2 = Digest.parse("sha256:" + "2".repeat(64));
  private static final Platform AMD64 = Platform.parse("linux/amd64");
  private static final Platform ARM64 = Platform.parse("linux/arm64");

  private static final String GOLDEN =
      """
      # Written by entrepot mirror. Commit it; change mirror.yaml instead of this file.
      version: 1
      images:
        "[::1]:5000/a:1":
          digest: sha256:D1
          target: "[::1]:5000/m/a:1"
          platforms: [linux/arm/v7]
        docker.io/acme/tool:1.0-amd64:
          digest: sha256:D1
          targetDigest: sha256:D2
          target: ghcr.io/acme/mirror/tool:1.0
          platforms: [linux/amd64]
        docker.io/library/busybox:1.36:
          digest: sha256:D1
          target: ghcr.io/acme/mirror/busybox:1.36
          platforms: [linux/amd64, linux/arm64]
        registry.k8s.io/pause@sha256:D2:
          digest: sha256:D2
          target: ghcr.io/acme/mirror/pause:3.10
          platforms: []
      """
          .replace("D1", "1".repeat(64))
          .replace("D2", "2".repeat(64));

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @Test
  void format_isTheGoldenText() {
    assertThat(LockFileCodec.format(example())).isEqualTo(GOLDEN);
  }

  @Test
  void parse_roundTrips() {
    assertThat(LockFileCodec.parse("l", GOLDEN)).isEqualTo(example());
    assertThat(LockFileCodec.parse("l", LockFileCodec.format(LockFile.empty())))
        .isEqualTo(LockFile.empty());
  }

  @Test
  void platforms_inAnyOrder_giveTheSameBytes() {
    LockedImage one = new LockedImage(D1, D1, ref("r.io/m/a:1"), List.of(ARM64, AMD64, AMD64));
    LockedImage two = new LockedImage(D1, null, ref("r.io/m/a:1"), List.of(AMD64, ARM64));
    assertThat(one).isEqualTo(two);
  }

  @Test
  void pinnedTarget_isTheDigestAtTheTarget() {
    LockedImage image = new LockedImage(D1, D2, ref("r.io/m/a:1"), List.of());
    assertThat(image.pinnedTarget()).isEqualTo(ref("r.io/m/a@" + D2));
  }

  @Test
  void write_keepsModeAndLeavesNoOtherFile() throws Exception {
    Path file = directory.resolve("images.lock.yaml");
    Files.writeString(file, "old");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));

    assertThat(LockFileCodec.write(file, example())).isTrue();

    assertThat(file).hasContent(GOLDEN);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-rw-r--");
    assertThat(directory.toFile().list()).containsExactly("images.lock.yaml");
  }

  @Test
  void write_newFile_isReadableByAll() throws Exception {
    Path file = directory.resolve("images.lock.yaml");
    LockFileCodec.write(file, LockFile.empty());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r--r--");
    assertThat(LockFileCodec.read(file)).isEqualTo(LockFile.empty());
    assertThat(LockFileCodec.readIfPresent(file)).contains(LockFile.empty());
    assertThat(LockFileCodec.readIfPresent(directory.resolve("none"))).isEmpty();
  }

  @Test
  void write_sameState_doesNotTouchTheFile() throws Exception {
    Path file = directory.resolve("images.lock.yaml");
    LockFileCodec.write(file, example());
    FileTime old = FileTime.from(Instant.EPOCH);
    Files.setLastModifiedTime(file, old);

    assertThat(LockFileCodec.write(file, example())).isFalse();
    assertThat(Files.getLastModifiedTime(file)).isEqualTo(old);
  }

  @Test
  void write_throughASymbolicLink_keepsTheLink() throws Exception {
    Path file = Files.writeString(directory.resolve("real.yaml"), "old");
    Path link = Files.createSymbolicLink(directory.resolve("link.yaml"), file);
    LockFileCodec.write(link, example());
    assertThat(link).isSymbolicLink();
    assertThat(file).hasContent(GOLDEN);
  }

  @Test
  void write_intoNoDirectory_saysSo() {
    assertThatThrownBy(() -> LockFileCodec.write(directory.resolve("a/b"), LockFile.empty()))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("no such directory");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "version: 1 => version: 2 | 2: version: a version this program does not know; it reads 1",
        "version: 1 => version: one | 2: version: expected a whole number",
        "version: 1 => versoin: 1 | 2: versoin: unknown property; did you mean 'version'?",
        "images: => image: | 3: image: unknown property; did you mean 'images'?",
        "library/busybox:1.36: => library/busybox: | 13: images['docker.io/library/busybox']: not a"
            + " source with either a tag or a digest",
        "docker.io/library/busybox:1.36: => busybox:1.36: | 13: images['busybox:1.36']: not canonical;"
            + " write docker.io/library/busybox:1.36",
        "docker.io/library/busybox:1.36: => docker.io/acme/tool:1.0-amd64: | 13:"
            + " images['docker.io/acme/tool:1.0-amd64']: given twice; first in line 8",
        "mirror/busybox:1.36 => mirror/busybox | 15: images['docker.io/library/busybox:1.36'].target:"
            + " expected a tag and no digest",
        "ghcr.io/acme/mirror/busybox:1.36 => acme/busybox:1.36 | 15:"
            + " images['docker.io/library/busybox:1.36'].target: not canonical",
        "mirror/busybox:1.36 => mirror/pause:3.10 | 18:",
        "[linux/amd64, linux/arm64] => linux/amd64 | 16:"
            + " images['docker.io/library/busybox:1.36'].platforms: expected a list",
        "[linux/amd64, linux/arm64] => [amd64] | 16:"
            + " images['docker.io/library/busybox:1.36'].platforms[0]: not a platform",
        "    digest: sha256:2 => digest: sha256:3 | 18: images['registry.k8s.io/pause@",
        "targetDigest: sha256:2 => targetDigest: sha256:x | 10:"
            + " images['docker.io/acme/tool:1.0-amd64'].targetDigest: not a digest",
        "    platforms: [] => " + " | 18: images['registry.k8s.io/pause@",
      })
  void brokenFile_isRefusedWithItsLine(String change, String expected) {
    String[] sides = change.split(" => ?", -1);
    String broken = GOLDEN.replace(sides[0], sides[1].isEmpty() ? "" : indent(sides[0]) + sides[1]);
    assertThat(broken).isNotEqualTo(GOLDEN);
    assertThatThrownBy(() -> LockFileCodec.parse("images.lock.yaml", broken))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("images.lock.yaml:" + expected);
  }

  private static final String TRUSTED =
      """
      # Written by entrepot mirror. Commit it; change mirror.yaml instead of this file.
      version: 1
      images:
        docker.io/acme/new:1:
          target: ghcr.io/acme/mirror/new:1
          waiting:
            - { digest: sha256:D1, firstSeen: 2026-11-26T10:00:00Z }
        docker.io/acme/tool:1.0:
          digest: sha256:D1
          target: ghcr.io/acme/mirror/tool:1.0
          platforms: []
          firstSeen: 2026-11-20T10:00:00Z
          waiting:
            - { digest: sha256:D2, firstSeen: 2026-11-26T10:00:00Z }
          signedBy:
            - { key: "keys/acme.pub", fingerprint: sha256:D2, statement: sha256:D1, type: "https://t" }
            - { keyless: "me@acme", issuer: "https://i", statement: sha256:D1, type: "https://t" }
            - { notation: "CN=a, O=\\"b\\"", ca: sha256:D2, statement: sha256:D1, type: "https://t" }
          judged: sha256:D2
          denied: { digest: sha256:D2, reason: "poisoned:\\u000Ayes" }
          from:
            docker.io/library/debian:12-slim: sha256:D2
          charts: [registry-1.docker.io/bitnamicharts/redis:20.1.0]
      """
          .replace("D1", "1".repeat(64))
          .replace("D2", "2".repeat(64));

  @Test
  void whatPoliciesAndChartsAdd_isReadAndWritten() {
    LockFile lock = LockFileCodec.parse("l", TRUSTED);
    assertThat(LockFileCodec.format(lock)).isEqualTo(TRUSTED);
    assertThat(lock.awaited()).containsOnlyKeys(ref("acme/new:1"));
    assertThat(lock.images()).containsOnlyKeys(ref("acme/tool:1.0"));
    Sights sights = Sights.of(lock);
    assertThat(sights.find(ref("acme/tool:1.0").repository(), D2))
        .contains(Instant.parse("2026-11-26T10:00:00Z"));
    assertThat(sights.find(ref("acme/new:1").repository(), D2)).isEmpty();
    assertThat(sights.latest()).contains(Instant.parse("2026-11-26T10:00:00Z"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "firstSeen: 2026-11-20T10:00:00Z => firstSeen: 2026-11-20 | 12: images['docker.io/acme/tool:1.0']"
            + ".firstSeen: not a time in UTC",
        "firstSeen: 2026-11-20T10:00:00Z => firstSeen: 2026-11-20T10:00:00.5Z | 12:",
        "firstSeen: 2026-11-20T10:00:00Z => firstSeen: 2026-11-20T11:00:00+01:00 | 12:",
        "firstSeen: 2026-11-26T10:00:00Z } => seen: 2026-11-26T10:00:00Z } | 7:"
            + " images['docker.io/acme/new:1'].waiting[0].seen: unknown property",
        "key: => kee: | 16: images['docker.io/acme/tool:1.0'].signedBy[0]",
        "issuer: => ca: | 17: images['docker.io/acme/tool:1.0'].signedBy[1]",
        "target: ghcr.io/acme/mirror/new:1 => judged: sha256:x | 5:"
            + " images['docker.io/acme/new:1'].judged: says something of a digest",
        "charts: [ => charts: x # | 23: images['docker.io/acme/tool:1.0'].charts: expected a list",
      })
  void brokenPartOfAPolicy_isRefusedWithItsLine(String change, String expected) {
    String[] sides = change.split(" => ", -1);
    String broken = TRUSTED.replaceFirst(Pattern.quote(sides[0]), sides[1]);
    assertThat(broken).isNotEqualTo(TRUSTED);
    assertThatThrownBy(() -> LockFileCodec.parse("images.lock.yaml", broken))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("images.lock.yaml:" + expected);
  }

  private static String indent(String text) {
    return " ".repeat(text.length() - text.stripLeading().length());
  }

  private static LockFile example() {
    TreeMap<ImageReference, LockedImage> images = new TreeMap<>();
    images.put(
        ref("registry.k8s.io/pause@" + D2),
        new LockedImage(D2, null, ref("ghcr.io/acme/mirror/pause:3.10"), List.of()));
    images.put(
        ref("busybox:1.36"),
        new LockedImage(D1, null, ref("ghcr.io/acme/mirror/busybox:1.36"), List.of(ARM64, AMD64)));
    images.put(
        ref("acme/tool:1.0-amd64"),
        new LockedImage(D1, D2, ref("ghcr.io/acme/mirror/tool:1.0"), List.of(AMD64)));
    images.put(
        ref("[::1]:5000/a:1"),
        new LockedImage(
            D1, null, ref("[::1]:5000/m/a:1"), List.of(Platform.parse("linux/arm/v7"))));
    return LockFile.of(images);
  }

  private static ImageReference ref(String text) {
    return ImageReference.parse(text);
  }
}
