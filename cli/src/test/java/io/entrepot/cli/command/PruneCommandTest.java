package io.entrepot.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.testing.TestImage;
import io.entrepot.testing.TestImages;
import io.entrepot.testing.TestRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code prune} as it is typed, over a git repository and a registry. */
final class PruneCommandTest {

  @SuppressWarnings("NullAway.Init")
  @TempDir
  private Path directory;

  private final TestRegistry registry = TestRegistry.start().deletes(true);
  private final TestImage old = TestImages.multiPlatform("linux/arm64");
  private final TestImage current = TestImages.multiPlatform("linux/amd64");

  @BeforeEach
  void plant() throws Exception {
    Files.writeString(
        directory.resolve("mirror.yaml"),
        "target: %s/mirror\nplatforms: [linux/amd64]\nimages: [docker.io/acme/app:1]\n"
            .formatted(registry.name()));
    git("init", "-q");
    lock(old, 200);
    lock(current, 100);
    old.push(registry, "mirror/app", "1_old");
    current.push(registry, "mirror/app", "1");
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private void lock(TestImage image, int days) throws Exception {
    Files.writeString(
        directory.resolve("images.lock.yaml"),
        """
        version: 1
        images:
          docker.io/acme/app:1:
            digest: %s
            target: %s/mirror/app:1
            platforms: [linux/amd64]
        """
            .formatted(image.digest(), registry.name()));
    git("add", "-A");
    long time = Instant.now().minus(Duration.ofDays(days)).getEpochSecond();
    git(time, "commit", "-q", "--no-gpg-sign", "-m", "x");
  }

  private void git(String... arguments) throws Exception {
    git(0, arguments);
  }

  private void git(long time, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("git", "-c", "user.name=t", "-c", "user.email=t@example.org"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().put("GIT_COMMITTER_DATE", "@" + time + " +0000");
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  private Run run(String line) {
    return Run.in(directory, Map.of(), line.split(" ", -1));
  }

  @Test
  void jsonHasTheShapeOfTheContract_confirmOrNot() {
    Run said = run("prune -o json");
    assertThat(said.code()).as(said.all()).isZero();
    JsonNode remove = said.json().get("remove");
    assertThat(remove).hasSize(2);
    assertThat(remove.get(0).get("repository").asString())
        .isEqualTo(registry.name() + "/mirror/app");
    assertThat(remove.get(0).get("digest").asString()).isEqualTo(old.digest().toString());
    assertThat(remove.get(0).get("tags").get(0).asString()).isEqualTo("1_old");
    assertThat(remove.get(0).get("reason").asString()).isNotEmpty();
    JsonNode keep = said.json().get("keep");
    assertThat(keep.valueStream().map(each -> each.get("digest").asString()))
        .contains(current.digest().toString());
    assertThat(keep.get(0).get("because").asString()).isNotEmpty();
    assertThat(said.json().get("unseen")).isEmpty();
    assertThat(registry.hasManifest("mirror/app", old.digest().toString())).isTrue();

    Run done = run("prune -o json --confirm");
    assertThat(done.code()).as(done.all()).isZero();
    assertThat(done.json().get("remove")).isEqualTo(remove);
    assertThat(registry.tags("mirror/app")).containsExactly("1");
  }

  @Test
  void since_isTheAge() {
    assertThat(run("prune -o json --since 400d").json().get("remove")).isEmpty();
    assertThat(run("prune --since soon").code()).isEqualTo(2);
  }

  @Test
  void keep_isAnImage() {
    assertThat(
            run("prune -o json --keep " + registry.name() + "/mirror/app:1_old")
                .json()
                .get("remove"))
        .isEmpty();
  }

  @Test
  void noLock_two() throws Exception {
    Files.delete(directory.resolve("images.lock.yaml"));
    assertThat(run("prune").code()).isEqualTo(2);
  }

  @Test
  void podsWithFurtherPages_one_andNothingGoes() throws Exception {
    Files.writeString(
        directory.resolve("pods.json"),
        "{\"kind\": \"PodList\", \"metadata\": {\"continue\": \"x\"}, \"items\": []}");
    Run run = run("prune -o json --confirm --pods pods.json");
    assertThat(run.code()).as(run.all()).isEqualTo(1);
    assertThat(run.json().get("unseen")).hasSize(1);
    assertThat(registry.tags("mirror/app")).contains("1_old");
  }
}
