package io.entrepot.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.testing.TestImage;
import io.entrepot.testing.TestImages;
import io.entrepot.testing.TestRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code mirror} and {@code copy} with a policy.yaml beside them: exit codes, words, files. */
class MirrorPolicyTest {

  @TempDir private Path folder;

  private final TestRegistry source = TestRegistry.start();
  private final TestRegistry target = TestRegistry.start();
  private final TestImage image = TestImages.multiPlatform("linux/amd64", "linux/arm64");

  @BeforeEach
  void write() throws IOException {
    image.push(source, "acme/tool", "1.0");
    Files.writeString(
        folder.resolve("mirror.yaml"),
        """
        target: %s/mirror
        platforms: [linux/amd64, linux/arm64]
        images: [{ source: "%s/acme/tool:1.0", as: tool }]
        """
            .formatted(target.name(), source.name()));
    policy("minAge: 72h");
  }

  @AfterEach
  void stop() {
    source.close();
    target.close();
  }

  private void policy(String text) throws IOException {
    Files.writeString(folder.resolve("policy.yaml"), text);
  }

  private Run run(String... words) {
    return Run.in(folder, Map.of(), words);
  }

  private Run mirror(String day, String... more) {
    List<String> words = new ArrayList<>(List.of("mirror", "--now", day + "T10:00:00Z"));
    words.addAll(List.of(more));
    return run(words.toArray(String[]::new));
  }

  private String lock() throws IOException {
    return Files.readString(folder.resolve("images.lock.yaml"));
  }

  @Test
  void imageThatWaits_isNoFailure_andTheLockRemembersIt() throws IOException {
    Run first = mirror("2026-11-01", "--output", "json");
    assertThat(first.code()).as(first.all()).isZero();
    assertThat(first.json().at("/images/0/outcome").asString()).isEqualTo("waiting");
    assertThat(first.json().at("/images/0/notes/0").asString())
        .contains("waits until 2026-11-04T10:00:00Z");
    assertThat(lock())
        .contains(
            "waiting:\n      - { digest: %s, firstSeen: 2026-11-01T10:00:00Z }"
                .formatted(image.digest()))
        .doesNotContain("    digest:");

    Run second = mirror("2026-11-03");
    assertThat(second.code()).isZero();
    assertThat(second.out()).contains("1 image: 1 waiting");

    Run third = mirror("2026-11-04");
    assertThat(third.code()).as(third.all()).isZero();
    assertThat(third.out()).contains("1 copied");
    assertThat(lock()).contains("firstSeen: 2026-11-01T10:00:00Z").doesNotContain("waiting");
  }

  @Test
  void check_namesWhatWaits_withExitCodeThree_andWritesNothing() {
    Run check = mirror("2026-11-01", "--check");
    assertThat(check.code()).as(check.all()).isEqualTo(3);
    assertThat(check.out()).contains("waits").contains(image.digest().toString());
    assertThat(folder.resolve("images.lock.yaml")).doesNotExist();
    Run dry = mirror("2026-11-01", "--dry-run");
    assertThat(dry.code()).isZero();
    assertThat(dry.out()).contains("waits until 2026-11-04T10:00:00Z").contains("1 waits");
    assertThat(folder.resolve("images.lock.yaml")).doesNotExist();
  }

  @Test
  void deniedDigest_isExitCodeOne_withReasonAndRemedy() throws IOException {
    policy("deny: [{ digest: '%s', reason: poisoned release }]".formatted(image.digest()));
    Run run = mirror("2026-11-01");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .contains("denied: it is denied: poisoned release")
        .contains("take another digest");
    assertThat(target.repositories()).isEmpty();
    assertThat(mirror("2026-11-01", "--check").code()).isEqualTo(1);
  }

  @Test
  void lockedDigestThatIsDeniedLater_standsInTheLockAsDenied() throws IOException {
    policy("{}");
    assertThat(mirror("2026-11-01").code()).isZero();
    policy("deny: [{ digest: '%s', reason: poisoned }]".formatted(image.digest()));
    assertThat(mirror("2026-11-02").code()).isEqualTo(1);
    assertThat(lock())
        .contains("    digest: " + image.digest())
        .contains("denied: { digest: %s, reason: \"poisoned\" }".formatted(image.digest()));
  }

  @Test
  void policyNamedElsewhere_goesBeforeTheOneBesideTheFile() throws IOException {
    Files.writeString(folder.resolve("none.yaml"), "{}");
    assertThat(mirror("2026-11-01", "--policy", "none.yaml").out()).contains("1 copied");
  }

  @Test
  void brokenPolicy_isExitCodeTwo_beforeAnythingIsAsked() throws IOException {
    policy("minAge: 72");
    assertThat(mirror("2026-11-01").code()).isEqualTo(2);
    assertThat(source.requests()).isEmpty();
  }

  @Test
  void lockWithConflictMarks_isMergedAndWritten() throws IOException {
    mirror("2026-11-01");
    String ours = lock();
    String theirs = ours.replace("2026-11-01", "2026-10-31");
    Files.writeString(
        folder.resolve("images.lock.yaml"),
        "<<<<<<< HEAD\n" + ours + "=======\n" + theirs + ">>>>>>> other\n");
    Run run = mirror("2026-11-02");
    assertThat(run.code()).as(run.all()).isZero();
    assertThat(lock()).contains("firstSeen: 2026-10-31T10:00:00Z").doesNotContain("<<<<");
  }

  @Test
  void copy_underAnAge_isRefusedWithoutALock_andDoneWithOneThatKnows() {
    String from = source.name() + "/acme/tool:1.0";
    String to = target.name() + "/other/tool:1.0";
    Run refused = run("copy", from, to);
    assertThat(refused.code()).as(refused.all()).isEqualTo(1);
    assertThat(refused.err()).contains("too-young: nobody knows when").contains("--lock");
    mirror("2026-11-01");
    assertThat(
            run("copy", from, to, "--lock", "images.lock.yaml", "--now", "2026-11-02T00:00:00Z")
                .code())
        .isEqualTo(1);
    Run done = run("copy", from, to, "--lock", "images.lock.yaml", "--now", "2026-11-04T10:00:00Z");
    assertThat(done.code()).as(done.all()).isZero();
    assertThat(target.hasManifest("other/tool", "1.0")).isTrue();
  }

  @Test
  void copy_ofWhatIsDenied_isRefused_andTheHookIsAsked() throws IOException {
    String from = source.name() + "/acme/tool:1.0";
    policy("deny: [{ digest: '%s', reason: poisoned }]".formatted(image.digest()));
    assertThat(run("copy", from, target.name() + "/o/t:1").err()).contains("poisoned");
    policy("hook: [sh, -c, \"exit 9\"]");
    Run hooked = run("copy", from, target.name() + "/o/t:1");
    assertThat(hooked.code()).isEqualTo(1);
    assertThat(hooked.err()).contains("the hook sh refused").contains("exit code 9");
    assertThat(target.tags("o/t")).isEmpty();
  }

  @Test
  void drift_isTheSameInARunAndInACheck() throws IOException {
    policy("{}");
    assertThat(mirror("2026-11-01", "--output", "json").json().at("/images/0/drift").isNull())
        .as("a first copy has not moved")
        .isTrue();
    TestImage attested = TestImages.withAttestations("linux/amd64", "linux/arm64");
    attested.push(source, "acme/tool", "1.0");
    Run quiet = mirror("2026-11-02", "--check", "--output", "json");
    assertThat(quiet.code()).isZero();
    assertThat(quiet.json().at("/images/0/drift").asString()).isEqualTo("quiet");
    assertThat(quiet.json().at("/images/0/outcome").asString()).isEqualTo("unchanged");
    assertThat(quiet.json().at("/images/0/digest").asString()).isEqualTo(image.digest().toString());
    assertThat(quiet.json().at("/images/0/sourceDigest").asString())
        .isEqualTo(attested.digest().toString());
    TestImage next =
        TestImages.index(
            TestImages.dockerImage("linux/amd64"), TestImages.dockerImage("linux/arm64"));
    next.push(source, "acme/tool", "1.0");

    Run moved = mirror("2026-11-02", "--check", "--output", "json");
    assertThat(moved.code()).isEqualTo(3);
    assertThat(moved.json().at("/images/0/drift").asString()).isEqualTo("moved");
    assertThat(moved.json().at("/images/0/outcome").asString()).isEqualTo("copied");

    policy("minAge: 72h");
    Run waiting = mirror("2026-11-02", "--output", "json");
    assertThat(waiting.json().at("/images/0/drift").asString()).isEqualTo("waiting");
    assertThat(waiting.json().at("/images/0/digest").asString())
        .isEqualTo(image.digest().toString());
    assertThat(waiting.json().at("/images/0/sourceDigest").asString())
        .isEqualTo(next.digest().toString());

    source.removeTag("acme/tool", "1.0");
    Run gone = mirror("2026-11-03", "--check", "--output", "json");
    assertThat(gone.code()).isEqualTo(1);
    assertThat(gone.json().at("/images/0/drift").asString()).isEqualTo("gone");
    assertThat(gone.json().at("/images/0/outcome").asString()).isEqualTo("failed");
    assertThat(lock()).contains("    digest: " + image.digest());
  }
}
