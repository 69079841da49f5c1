package io.entrepot.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.testing.TestRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the example workflow runs, step by step, in a shell. */
@Timeout(300)
class CiScriptTest {

  private static final Path CI = Path.of("../deploy/ci").toAbsolutePath().normalize();

  private final Path folder;
  private final Path home;
  private final Path program;
  private final TestRegistry registry = TestRegistry.start();

  record Run(int exit, String output) {}

  CiScriptTest(@TempDir Path folder) throws IOException {
    home = folder;
    this.folder = Files.createDirectory(folder.resolve("tree"));
    program = folder.resolve("entrepot");
    Files.writeString(
        program,
        Entrepot.command().stream()
            .map(word -> "'" + word + "'")
            .collect(Collectors.joining(" ", "#!/bin/sh\nexec ", " \"$@\"\n")));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @BeforeEach
  void needsWhatRenders() {
    Assumptions.assumeTrue(
        GitOpsTree.program("helm").isPresent() && GitOpsTree.program("kustomize").isPresent(),
        "helm or kustomize is not installed: tests/interop/run --install");
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  @Test
  void schedule_mirrorsAndPins_andThePullRequestPasses() throws Exception {
    GitOpsTree tree = GitOpsTree.copied(folder, GitOpsTree.Images.pushed(registry));
    String lock = tree.read("images.lock.yaml");
    Files.delete(folder.resolve("images.lock.yaml"));

    Run mirrored = run("mirror", "pin");

    assertThat(mirrored.exit()).as(mirrored.output()).isZero();
    assertThat(tree.read("images.lock.yaml")).isEqualTo(lock);
    Run checked = run("pull-request");
    assertThat(checked.exit()).as(checked.output()).isZero();
    assertThat(checked.output()).contains("entrepot-ci: pin-check", "entrepot-ci: check");
    assertThat(tree.read("entrepot-reports/check.sarif")).contains("\"2.1.0\"");
    assertThat(tree.read("entrepot-reports/check.xml")).contains("<testsuites");
    assertThat(tree.read("entrepot-reports/mirror.json")).contains("\"images\"");
  }

  @Test
  void pullRequest_breaksATarget_isRefusedAndBothStepsAreRun() throws Exception {
    GitOpsTree tree = GitOpsTree.copied(folder, GitOpsTree.Images.pushed(registry));
    tree.commit();
    tree.replace(
        "infrastructure/controllers/cache.yaml",
        "      repository: acme/mirror/redis\n",
        "      repository: library/redis\n");
    tree.replace(
        "infrastructure/controllers/cache.yaml", "registry: ghcr.io", "registry: docker.io");

    Run run = run("pull-request");

    assertThat(run.exit()).as(run.output()).isEqualTo(1);
    assertThat(run.output())
        .contains("entrepot-ci: pin-check: exit code 3")
        .contains("Mend it with: entrepot pin . --lock images.lock.yaml")
        .contains("docker-hub: ")
        .contains("entrepot-ci: check: exit code 1");
    assertThat(tree.read("entrepot-reports/check.sarif")).contains("\"ruleId\" : \"docker-hub\"");
    assertThat(JsonMapper.shared().readTree(tree.read("entrepot-reports/pin.json")).get("edits"))
        .isNotEmpty();
  }

  @Test
  void settingsThatNameNoFile_endWithTwo() throws Exception {
    Run run = run(Map.of("ENTREPOT_CHECK", "nowhere.yaml"), "check");
    assertThat(run.exit()).as(run.output()).isEqualTo(2);
    assertThat(run.output()).contains("nowhere.yaml");
    Run unknown = run("chekc");
    assertThat(unknown.exit()).isEqualTo(2);
    assertThat(unknown.output()).contains("no step 'chekc'");
    assertThat(run().output()).contains("entrepot-ci mirror", "ENTREPOT_BASE");
  }

  @Test
  void workflow_namesStepsThatThereAre_andPassesNoTextIntoScripts() throws Exception {
    JsonNode action = yaml("action/action.yml");
    List<String> inputs = action.get("inputs").propertyNames().stream().toList();
    List<JsonNode> steps =
        yaml("workflow.yaml")
            .get("jobs")
            .valueStream()
            .flatMap(job -> job.get("steps").valueStream())
            .toList();
    List<String> named = new ArrayList<>();
    for (JsonNode step : steps) {
      assertThat(step.path("run").asString("")).doesNotContain("${{");
      if (step.path("uses").asString("").contains("deploy/ci/action")) {
        assertThat(inputs).containsAll(step.get("with").propertyNames());
        named.addAll(List.of(step.at("/with/steps").asString().split(" ", -1)));
      }
    }
    assertThat(named).containsExactlyInAnyOrder("pull-request", "mirror", "pin");
    for (String each : named) {
      assertThat(run(Map.of("ENTREPOT", "true"), each).exit()).as(each).isZero();
    }
    assertThat(action.at("/runs/steps").valueStream().map(step -> step.path("run").asString("")))
        .noneMatch(script -> script.contains("${{"));
  }

  private static JsonNode yaml(String file) throws IOException {
    Object read =
        new Load(LoadSettings.builder().build()).loadFromString(Files.readString(CI.resolve(file)));
    return JsonMapper.shared().valueToTree(read);
  }

  private Run run(String... steps) throws IOException, InterruptedException {
    return run(Map.of(), steps);
  }

  private Run run(Map<String, String> settings, String... steps)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Stream.concat(
                        Stream.of("bash", CI.resolve("entrepot-ci").toString()), Stream.of(steps))
                    .toList())
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolveSibling("output").toFile());
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.startsWith("GITHUB_") || name.endsWith("_PROXY"));
    builder.environment().put("HOME", home.toString());
    builder.environment().put("ENTREPOT", program.toString());
    builder.environment().putAll(settings);
    Process process = builder.start();
    if (!process.waitFor(200, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("still running: " + List.of(steps));
    }
    return new Run(process.exitValue(), Files.readString(folder.resolveSibling("output"), UTF_8));
  }
}
