package io.entrepot.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The gate as it is typed, over plain manifests: nothing is rendered and nobody is asked. */
final class CheckCommandTest {

  private static final String DIGEST = "sha256:" + "c".repeat(64);
  private static final String IMAGE = "ghcr.io/acme/mirror/app:1.2@" + DIGEST;
  private static final String LOCK =
      """
      version: 1
      images:
        docker.io/acme/app:1.2:
          digest: %s
          target: ghcr.io/acme/mirror/app:1.2
          platforms: [linux/amd64, linux/arm64]
      """
          .formatted(DIGEST);
  private static final String CHECK =
      """
      targets:
        local:
          platforms: [linux/amd64, linux/arm64]
          render:
            - manifests: ["rendered/*.yaml"]
      lock: images.lock.yaml
      """;

  private static Run run(Path directory, String line) {
    return Run.in(directory, Map.of(), line.split(" ", -1));
  }

  private static Path tree(Path directory, String image) throws IOException {
    Files.writeString(directory.resolve("images.lock.yaml"), LOCK);
    Files.writeString(directory.resolve("check.yaml"), CHECK);
    Files.createDirectories(directory.resolve("rendered"));
    Files.writeString(
        directory.resolve("rendered/pod.yaml"),
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: app
          namespace: acme
        spec:
          containers:
            - name: app
              image: %s
        """
            .formatted(image));
    return directory;
  }

  @Test
  void nothingRefused_zero(@TempDir Path directory) throws IOException {
    Run run = run(tree(directory, IMAGE), "check --offline");
    assertThat(run.code()).as(run.all()).isZero();
    assertThat(run.out()).isEqualTo("Nothing refused: 1 object, 1 image.\n");
  }

  @Test
  void refused_oneAndTheShapeOfTheContract(@TempDir Path directory) throws IOException {
    Run run = run(tree(directory, "docker.io/acme/app:1.2@" + DIGEST), "check --offline -o json");
    assertThat(run.code()).as(run.all()).isEqualTo(1);
    JsonNode finding = run.json().get("findings").get(0);
    assertThat(finding.get("rule").asString()).isEqualTo("docker-hub");
    assertThat(finding.get("target").asString()).isEqualTo("local");
    assertThat(finding.get("file").asString()).isEqualTo("rendered/pod.yaml");
    assertThat(finding.get("line").asInt()).isEqualTo(9);
    assertThat(finding.at("/object/kind").asString()).isEqualTo("Pod");
    assertThat(finding.at("/object/namespace").asString()).isEqualTo("acme");
    assertThat(finding.at("/object/name").asString()).isEqualTo("app");
    assertThat(finding.get("image").asString()).startsWith("docker.io/acme/app:1.2");
    assertThat(run.json().propertyNames()).contains("findings", "waived", "unjudged");
  }

  @Test
  void notJudged_isNotPassed(@TempDir Path directory) throws IOException {
    Path tree = tree(directory, "ghcr.io/acme/other:1@" + DIGEST);
    Files.writeString(
        tree.resolve("check.yaml"),
        CHECK + "allow: [{ rule: not-mirrored, image: 'ghcr.io/acme/other*', reason: ours }]\n");
    Run run = run(tree, "check --offline");
    assertThat(run.code()).as(run.all()).isEqualTo(4);
    assertThat(run.out()).contains("Not judged, which is not passed:", "ghcr.io/acme/other");
    assertThat(run(tree, "check --offline --allow-unjudged").code()).isZero();
  }

  @Test
  void waived_withItsReason(@TempDir Path directory) throws IOException {
    Path tree = tree(directory, "docker.io/acme/app:1.2@" + DIGEST);
    Files.writeString(
        tree.resolve("check.yaml"),
        CHECK
            + "allow:\n"
            + "  - { rule: docker-hub, image: 'docker.io/acme/*', reason: small }\n"
            + "  - { rule: unpinned, image: 'nothing/*', reason: old }\n");
    Run run = run(tree, "check --offline");
    assertThat(run.code()).as(run.all()).isZero();
    assertThat(run.out()).contains("Accepted by allow:", "small", "accepted nothing", "old");
  }

  @Test
  void configurationElsewhere_filesAreNamedFromHere(@TempDir Path directory) throws IOException {
    Files.createDirectories(directory.resolve("gitops"));
    tree(directory.resolve("gitops"), "docker.io/acme/app:1.2@" + DIGEST);
    Run run = run(directory, "check -c gitops/check.yaml --offline -o json");
    assertThat(run.json().at("/findings/0/file").asString()).isEqualTo("gitops/rendered/pod.yaml");
  }

  @Test
  void paths_needNoConfiguration(@TempDir Path directory) throws IOException {
    Path tree = tree(directory, "redis:7");
    Files.delete(tree.resolve("check.yaml"));
    Run run = run(tree, "check rendered --offline -o json");
    assertThat(run.code()).as(run.all()).isEqualTo(1);
    assertThat(run.json().get("findings").valueStream().map(each -> each.get("rule").asString()))
        .contains("docker-hub", "unpinned");
  }

  @Test
  void reportIntoADirectoryThatIsNotThere_isSaidInWords(@TempDir Path directory)
      throws IOException {
    Run run = run(tree(directory, IMAGE), "check --offline --report none/a.sarif");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("no such file or directory:", "none/a.sarif");
  }

  @Test
  void reports_areWrittenBesideTheOutput(@TempDir Path directory) throws IOException {
    Path tree = tree(directory, "docker.io/acme/app:1.2@" + DIGEST);
    Run run = run(tree, "check --offline --report a.sarif --report a.xml --report a.json");
    assertThat(run.out()).startsWith("1 refused, ").contains("\ndocker-hub: ");
    assertThat(tree.resolve("a.sarif")).content().contains("sarif-schema-2.1.0.json");
    assertThat(tree.resolve("a.xml")).content().startsWith("<?xml");
    assertThat(tree.resolve("a.json")).content().contains("\"findings\"");
  }

  @Test
  void inGithubActions_annotationsAndSummary(@TempDir Path directory) throws IOException {
    Path tree = tree(directory, "docker.io/acme/app:1.2@" + DIGEST);
    Path summary = directory.resolve("summary.md");
    Map<String, String> job =
        Map.of("GITHUB_ACTIONS", "true", "GITHUB_STEP_SUMMARY", summary.toString());
    Run text = Run.in(tree, job, "check", "--offline");
    assertThat(text.out()).startsWith("1 refused, ").contains("\ndocker-hub: ");
    assertThat(text.err()).contains("::error file=rendered/pod.yaml,line=9,title=docker-hub");
    Run annotations = Run.in(tree, job, "check", "--offline", "--output", "github");
    assertThat(annotations.out()).contains("::error file=rendered/pod.yaml,line=9,");
    assertThat(annotations.err()).doesNotContain("::error");
    assertThat(summary).content().contains("#### docker-hub");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "check -c none.yaml|none.yaml",
        "check --output xml|not an output format: 'xml' (text, json, sarif, github or junit)",
        "check --offline --online|contradict",
        "check nowhere|no such file or directory: nowhere",
        "check --lock nowhere.yaml|no such file or directory: nowhere.yaml",
        "check --report a.pdf|--report takes a file that ends in .json, .sarif or .xml",
        "check --base main|not a git repository",
      })
  void mistakes_endWithTwo(String line, String message, @TempDir Path directory)
      throws IOException {
    Run run = run(tree(directory, IMAGE), line);
    assertThat(run.code()).as(run.all()).isEqualTo(2);
    assertThat(run.err()).startsWith("error: ").contains(message).doesNotContain("\tat ");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void noConfiguration_saysWhatToDo(@TempDir Path directory) {
    Run run = run(directory, "check");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("there is no check.yaml here", "entrepot check PATH");
  }

  @Test
  void brokenConfiguration_namesFileLineAndKey(@TempDir Path directory) throws IOException {
    Path tree = tree(directory, IMAGE);
    Files.writeString(tree.resolve("check.yaml"), CHECK + "pulPolicy: Always\n");
    Run run = run(tree, "check");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("check.yaml:7", "pulPolicy", "pullPolicy");
  }
}
