package io.entrepot.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.cli.command.Entrepot;
import io.entrepot.cli.command.Invocation;
import io.entrepot.cli.output.Console;
import io.entrepot.cli.output.Terminal;
import io.entrepot.gate.Rule;
import io.entrepot.gate.rules.AllRules;
import io.entrepot.testing.TestRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code entrepot check} over a tree as people have it, with real helm and kustomize and registries
 * on loopback: what stands is passed, and each change of {@code check-cases.yaml} is told apart.
 */
@Timeout(120)
class CheckEndToEndTest {

  @SuppressWarnings("NullAway.Init")
  private static TestRegistry registry;

  @SuppressWarnings("NullAway.Init")
  private static GitOpsTree.Images images;

  @SuppressWarnings("NullAway.Init")
  @TempDir
  static Path home;

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path folder;

  record Outcome(int exit, String out, String err) {

    JsonNode json() {
      return JsonMapper.shared().readTree(out);
    }

    String all() {
      return "exit " + exit + "\n--- out\n" + out + "\n--- err\n" + err;
    }
  }

  @BeforeAll
  static void start() throws IOException {
    for (String tool : List.of("helm", "kustomize")) {
      if (GitOpsTree.program(tool).isEmpty()) {
        String message = tool + " is not installed: tests/interop/run --install";
        if ("true".equals(System.getenv("CI"))) {
          throw new AssertionError(message);
        }
        Assumptions.abort(message);
      }
    }
    registry = TestRegistry.start();
    images = GitOpsTree.Images.pushed(registry);
  }

  @AfterAll
  @SuppressWarnings("ConstantValue")
  static void stop() {
    if (registry != null) {
      registry.close();
    }
  }

  static List<CheckCase> cases() throws IOException {
    return CheckCase.all();
  }

  @Test
  void everyRule_hasABreakANeighbourAndAWaiver() throws Exception {
    Map<String, Set<String>> kinds =
        cases().stream()
            .collect(
                Collectors.groupingBy(
                    CheckCase::rule, Collectors.mapping(CheckCase::kind, Collectors.toSet())));
    assertThat(kinds.keySet())
        .containsExactlyInAnyOrderElementsOf(AllRules.RULES.all().stream().map(Rule::id).toList());
    assertThat(kinds.values()).allSatisfy(each -> assertThat(each).hasSize(3));
  }

  @Test
  void unbrokenTree_passesWithoutAnyFinding() throws Exception {
    GitOpsTree.copied(folder, images);

    Outcome outcome = check("--output", "json");

    assertThat(outcome.exit()).as(outcome.all()).isZero();
    JsonNode report = outcome.json();
    assertThat(report.get("findings")).as(outcome.all()).isEmpty();
    assertThat(rules(report.get("waived"))).containsExactly("not-mirrored");
    assertThat(report.get("unjudged")).as(outcome.all()).isEmpty();
    assertThat(report.get("objects").asInt()).isGreaterThanOrEqualTo(50);
    assertThat(report.get("images").asInt()).isGreaterThanOrEqualTo(10);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void change(CheckCase each) throws Exception {
    GitOpsTree tree = GitOpsTree.copied(folder, images);
    each.apply(tree, images);
    List<String> arguments = new ArrayList<>(List.of("--output", "json"));
    if (each.base()) {
      arguments.addAll(List.of("--base", "HEAD"));
    }
    if (!each.pods().isEmpty()) {
      arguments.addAll(List.of("--pods", "edge.json"));
    }

    Outcome outcome = check(arguments.toArray(String[]::new));

    assertThat(outcome.out()).as(outcome.all()).startsWith("{");
    JsonNode report = outcome.json();
    Set<String> found = rules(report.get("findings"));
    switch (each.kind()) {
      case "breaks" -> {
        assertThat(outcome.exit()).as(outcome.all()).isEqualTo(1);
        Set<String> expected = new HashSet<>(each.also());
        expected.add(each.rule());
        found.removeAll(each.may().stream().filter(rule -> !expected.contains(rule)).toList());
        assertThat(found).as(outcome.all()).isEqualTo(expected);
        assertThat(report.get("findings").valueStream().filter(this::hasWords).count())
            .as("says what is wrong and what to do")
            .isEqualTo(report.get("findings").size());
        List<String> misses = new ArrayList<>();
        boolean told =
            report
                .get("findings")
                .valueStream()
                .filter(finding -> finding.get("rule").asString().equals(each.rule()))
                .anyMatch(finding -> fits(tree, each, finding, misses));
        assertThat(told).as("%s%n%s", String.join("\n", misses), outcome.all()).isTrue();
      }
      case "passes" -> {
        assertThat(report.get("findings")).as(outcome.all()).isEmpty();
        assertThat(report.get("unjudged")).as(outcome.all()).isEmpty();
        assertThat(outcome.exit()).as(outcome.all()).isZero();
      }
      default -> {
        assertThat(report.get("findings")).as(outcome.all()).isEmpty();
        assertThat(
                report
                    .get("waived")
                    .valueStream()
                    .filter(waived -> waived.get("rule").asString().equals(each.rule()))
                    .map(waived -> waived.get("reason").asString()))
            .as(outcome.all())
            .contains(String.valueOf(each.allow().getFirst().get("reason")));
        assertThat(outcome.exit()).as(outcome.all()).isZero();
      }
    }
  }

  /** The incidents of the contract's first section, in the words a newcomer reads. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "docker-hub|a base points back at docker.io|429",
        "docker-hub|one environment's values quietly point back at docker.io|429",
        "not-a-list|the digest that one laptop had pulled|no match for platform in manifest",
        "platform-missing|the list says arm64, what lies there says amd64|exec format error",
        "platform-missing|a list without arm64|ImagePullBackOff",
        "not-found|a tag that was never published|ImagePullBackOff",
      })
  void incident_isToldInWordsThatHelp(String rule, String name, String symptom) throws Exception {
    CheckCase change =
        cases().stream()
            .filter(each -> each.rule().equals(rule) && each.name().equals(name))
            .findFirst()
            .orElseThrow();
    change.apply(GitOpsTree.copied(folder, images), images);

    Outcome outcome = check();

    assertThat(outcome.exit()).as(outcome.all()).isEqualTo(1);
    assertThat(outcome.out()).matches("(?s)[1-9][0-9]* refused.*");
    assertThat(outcome.out()).contains("\n" + rule + ": ", "why: ", "mend: ", symptom);
    assertThat(outcome.out()).as("a place to look at").containsPattern("[a-z/_.-]+\\.yaml:\\d+  ");
    assertThat(outcome.out()).as("which target").containsPattern("\\[(dev|local)");
    assertThat(outcome.all()).doesNotContain("Exception", "\tat ", "null");
  }

  @Test
  void offline_saysWhatWasNotJudged() throws Exception {
    GitOpsTree.copied(folder, images);
    int before = registry.requests().size();

    Outcome outcome = check("--offline", "--output", "json", "--cache", "empty-cache");

    assertThat(registry.requests()).hasSize(before);
    JsonNode report = outcome.json();
    assertThat(report.get("findings")).as(outcome.all()).isEmpty();
    assertThat(rules(report.get("unjudged"))).as(outcome.all()).contains("not-found");
    assertThat(report.get("unjudged").valueStream().map(each -> each.get("what").asString()))
        .anyMatch(what -> what.contains("ghcr.io/acme/shop"))
        .noneMatch(what -> what.contains("ghcr.io/acme/mirror/redis"));
    assertThat(outcome.exit()).as(outcome.all()).isEqualTo(4);
  }

  @Test
  void offlineAfterARun_theCacheKnows() throws Exception {
    GitOpsTree.copied(folder, images);
    assertThat(check("--cache", "cache").exit()).isZero();

    Outcome outcome = check("--offline", "--cache", "cache");

    assertThat(outcome.exit()).as(outcome.all()).isZero();
  }

  @Test
  void secondRun_asksForNothingThatCannotChange() throws Exception {
    GitOpsTree.copied(folder, images);
    assertThat(check("--cache", "cache").exit()).isZero();
    registry.clear();

    assertThat(check("--cache", "cache").exit()).isZero();

    assertThat(registry.count("GET manifest")).isZero();
    assertThat(registry.count("GET blob")).isZero();
  }

  @Test
  void everyImage_isAskedOnce() throws Exception {
    GitOpsTree.copied(folder, images);
    registry.clear();

    assertThat(check("--cache", "cold").exit()).isZero();

    List<String> asked =
        registry.requests().stream().map(each -> each.method() + " " + each.path()).toList();
    assertThat(asked).doesNotHaveDuplicates();
  }

  @Test
  void allowThatAcceptsNothing_isReported() throws Exception {
    GitOpsTree tree = GitOpsTree.copied(folder, images);
    tree.add("check.yaml", "  - { rule: docker-hub, image: redis*, reason: long gone }\n");

    Outcome outcome = check();

    assertThat(outcome.exit()).as(outcome.all()).isZero();
    assertThat(outcome.out()).contains("accepted nothing", "long gone", "check.yaml:");
  }

  @Test
  void base_whatStoodBeforeIsNotReported() throws Exception {
    GitOpsTree tree = GitOpsTree.copied(folder, images);
    tree.replace(
        "rendered/dev/loki.yaml", "http://alertmanager.monitoring.svc:9093", "http://:9093");
    tree.commit();
    tree.replace(
        "rendered/local/loki.yaml", "http://alertmanager.monitoring.svc:9093", "http:///x");

    JsonNode all = check("--output", "json").json();
    JsonNode brought = check("--output", "json", "--base", "HEAD").json();

    assertThat(all.get("findings").valueStream().map(each -> each.get("target").asString()))
        .containsExactlyInAnyOrder("dev", "local");
    assertThat(brought.get("findings").valueStream().map(each -> each.get("target").asString()))
        .containsExactly("local");
  }

  @Test
  void paths_areJudgedAsTheyStand() throws Exception {
    GitOpsTree tree = GitOpsTree.copied(folder, images);
    tree.replace(
        "rendered/dev/loki.yaml", "http://alertmanager.monitoring.svc:9093", "http://:9093");

    Outcome broken = check("rendered/dev", "--output", "json");
    Outcome fine = check("rendered/local", "--output", "json");

    assertThat(rules(broken.json().get("findings"))).as(broken.all()).contains("empty-host");
    assertThat(rules(fine.json().get("findings")))
        .as(fine.all())
        .doesNotContain("empty-host", "docker-hub");
  }

  @Test
  void programMissing_saysWhichEntryNeedsIt() throws Exception {
    GitOpsTree tree = GitOpsTree.copied(folder, images);
    Path helm = GitOpsTree.program("helm").orElseThrow();
    tree.replace("check.yaml", "  helm: " + helm, "  helm: /nowhere/helm");

    Outcome outcome = check();

    assertThat(outcome.exit()).as(outcome.all()).isIn(1, 2);
    assertThat(outcome.all()).contains("/nowhere/helm", "dashboard");
  }

  @Test
  void process_writesAnnotationsAndAStepSummary() throws Exception {
    GitOpsTree tree = GitOpsTree.copied(folder, images);
    tree.replace(
        "rendered/dev/loki.yaml", "http://alertmanager.monitoring.svc:9093", "http://:9093");
    int line = tree.lineOf("rendered/dev/loki.yaml", "http://:9093");

    io.entrepot.tests.Entrepot.Outcome outcome =
        io.entrepot.tests.Entrepot.in(folder)
            .with("GITHUB_ACTIONS", "true")
            .with("GITHUB_STEP_SUMMARY", folder.resolve("summary.md").toString())
            .run("check", "--output", "github");

    assertThat(outcome.exit()).as(outcome.all()).isEqualTo(1);
    assertThat(outcome.out())
        .startsWith("::error file=rendered/dev/loki.yaml,line=%d,".formatted(line));
    assertThat(tree.read("summary.md")).contains("#### empty-host", "http://:9093");
  }

  private boolean hasWords(JsonNode finding) {
    return finding.get("message").asString().length() > 10
        && finding.get("remedy").asString().length() > 10
        && !finding.get("message").asString().contains("null");
  }

  private static boolean fits(
      GitOpsTree tree, CheckCase each, JsonNode finding, List<String> misses) {
    String target = each.find("target");
    String file = each.find("file");
    String at = each.find("at");
    String object = each.find("object");
    String image = each.find("image");
    String text = finding.get("message").asString() + "\n" + finding.get("remedy").asString();
    text += "\n" + finding.path("why").asString("");
    List<String> wrong = new ArrayList<>();
    if (target != null && !target.equals(finding.get("target").asString(""))) {
      wrong.add("target");
    }
    if (file != null && !file.equals(finding.get("file").asString(""))) {
      wrong.add("file");
    }
    try {
      if (at != null
          && file != null
          && tree.lineOf(file, images.real(at)) != finding.get("line").asInt(0)) {
        wrong.add("line");
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    if (object != null && !object.equals(name(finding.get("object")))) {
      wrong.add("object");
    }
    if (image != null && !finding.get("image").asString("").startsWith(image)) {
      wrong.add("image");
    }
    for (String word : each.words()) {
      if (!text.contains(word)) {
        wrong.add("word '" + word + "'");
      }
    }
    misses.add("not fitting " + wrong + ": " + finding);
    return wrong.isEmpty();
  }

  private static String name(JsonNode object) {
    if (object.isNull()) {
      return "";
    }
    String namespace = object.get("namespace").asString("");
    return object.get("kind").asString()
        + (namespace.isEmpty() ? "/" : "/" + namespace + "/")
        + object.get("name").asString();
  }

  private static Set<String> rules(JsonNode list) {
    return list.valueStream()
        .map(each -> each.get("rule").asString())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Outcome check(String... arguments) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console =
        new Console(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), false);
    List<String> words = new ArrayList<>(List.of("check"));
    words.addAll(List.of(arguments));
    Files.createDirectories(home);
    int exit =
        Entrepot.run(
            new Invocation(console, new Terminal(false, false, Map.of()), Map.of(), folder, home),
            words.toArray(String[]::new));
    return new Outcome(exit, out.toString(UTF_8), err.toString(UTF_8));
  }
}
