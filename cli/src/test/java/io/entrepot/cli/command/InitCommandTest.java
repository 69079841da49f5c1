package io.entrepot.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.config.SpecLoader;
import io.entrepot.gate.CheckSpecReader;
import io.entrepot.gate.rules.AllRules;
import io.entrepot.mirror.MirrorSpecReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code init} as it is typed, over plain manifests; nobody is asked. */
final class InitCommandTest {

  private static final String OFFLINE = "init --target ghcr.io/acme/mirror --offline";

  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata: { name: app }
      spec:
        containers:
          - { name: app, image: "redis:7" }
          - { name: own, image: "ghcr.io/acme/app:1" }
      """;

  private static Run run(Path directory, String line, String... more) {
    String[] words = line.split(" ", -1);
    String[] all = Arrays.copyOf(words, words.length + more.length);
    System.arraycopy(more, 0, all, words.length, more.length);
    return Run.in(directory, Map.of(), all);
  }

  private static Path tree(Path directory) throws IOException {
    Files.createDirectories(directory.resolve("apps"));
    Files.writeString(directory.resolve("apps/pod.yaml"), POD);
    return directory;
  }

  @Test
  void bothFiles_areWritten_andRead(@TempDir Path directory) throws IOException {
    Run run = run(tree(directory), OFFLINE);
    assertThat(run.code()).as(run.all()).isZero();
    assertThat(run.out())
        .startsWith(
            """
            Written: mirror.yaml and check.yaml.
            1 image from docker.io (1): 3 pulls, size unknown, 0 problems.
            """);
    SpecLoader loader = new SpecLoader(name -> null);
    assertThat(MirrorSpecReader.load(loader, directory.resolve("mirror.yaml")).spec().entries())
        .hasSize(1);
    assertThat(
            CheckSpecReader.load(loader, directory.resolve("check.yaml"), AllRules.RULES)
                .firstParty())
        .containsExactly("ghcr.io/acme/*");
  }

  @Test
  void jsonHasTheShapeOfTheContract(@TempDir Path directory) throws IOException {
    JsonNode json = run(tree(directory), OFFLINE + " -o json").json();
    assertThat(json.get("images").get(0).get("source").asString())
        .isEqualTo("docker.io/library/redis:7");
    assertThat(json.get("images").get(0).get("problem").isNull()).isTrue();
    assertThat(json.get("charts").isArray()).isTrue();
    assertThat(json.get("unsure").isArray()).isTrue();
    assertThat(json.get("firstParty").get(0).asString()).isEqualTo("ghcr.io/acme/app:1");
    assertThat(json.get("registries").get("docker.io").asInt()).isEqualTo(1);
    assertThat(json.get("pulls").asInt()).isEqualTo(3);
    assertThat(json.get("bytes").asLong()).isZero();
  }

  @Test
  void fileThatIsThere_staysAndIsTwo(@TempDir Path directory) throws IOException {
    Files.writeString(tree(directory).resolve("mirror.yaml"), "mine\n");
    Run run = run(directory, OFFLINE);
    assertThat(run.code()).isEqualTo(2);
    assertThat(directory.resolve("mirror.yaml")).hasContent("mine\n");
    assertThat(directory.resolve("check.yaml")).doesNotExist();
  }

  @Test
  void checkThatIsThere_isUsedAndStays(@TempDir Path directory) throws IOException {
    String check =
        """
        targets: { prod: { platforms: [linux/amd64] } }
        # who asks
        registries:
          docker.io: { credentials: { username: me, password: "${TOKEN:-secret}" } }
        lock: images.lock.yaml
        """;
    Files.writeString(tree(directory).resolve("check.yaml"), check);
    Run run = run(directory, OFFLINE);
    assertThat(run.code()).as(run.all()).isZero();
    assertThat(directory.resolve("check.yaml")).hasContent(check);
    assertThat(Files.readString(directory.resolve("mirror.yaml")))
        .contains("platforms: [linux/amd64]\n")
        .contains(
            "registries:\n  docker.io: { credentials: { username: me, password: \"${TOKEN:-secret}\" } }\n");
  }

  @Test
  void dash_printsBoth_writesNothing(@TempDir Path directory) throws IOException {
    Run run = run(tree(directory), "init - --target ghcr.io/acme/mirror --offline");
    assertThat(run.code()).as(run.all()).isZero();
    assertThat(run.out()).contains("target: ghcr.io/acme/mirror\n", "\n---\n", "\ntargets:\n");
    assertThat(directory.resolve("mirror.yaml")).doesNotExist();
    assertThat(directory.resolve("check.yaml")).doesNotExist();
  }

  @Test
  void pods_oneListForEachCluster(@TempDir Path directory) throws IOException {
    String list =
        """
        {"kind": "List", "items": [{"kind": "Pod", "metadata": {"name": "a", "namespace": "n"},
          "spec": {"containers": [{"name": "c", "image": "quay.io/acme/tool:%d"}]}}]}
        """;
    Files.createDirectories(directory.resolve("eu"));
    Files.createDirectories(directory.resolve("us"));
    Files.writeString(directory.resolve("eu/pods.json"), list.formatted(1));
    Files.writeString(directory.resolve("us/pods.json"), list.formatted(2));
    Run run = run(directory, OFFLINE, "--pods", "eu/pods.json", "--pods", "us/pods.json");
    assertThat(run.code()).as(run.all()).isZero();
    assertThat(Files.readString(directory.resolve("mirror.yaml")))
        .contains("quay.io/acme/tool:1 # pod eu/pods n/a", "quay.io/acme/tool:2 # pod us/pods n/a");
  }

  @Test
  void nothingFound_oneAndNoFile(@TempDir Path directory) {
    Run run = run(directory, OFFLINE);
    assertThat(run.code()).as(run.all()).isEqualTo(1);
    assertThat(directory.resolve("mirror.yaml")).doesNotExist();
  }

  @Test
  void badTarget_two(@TempDir Path directory) throws IOException {
    assertThat(run(tree(directory), "init --target mirror --offline").code()).isEqualTo(2);
    assertThat(run(directory, "init --offline").code()).isEqualTo(2);
  }
}
