package io.entrepot.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.testing.TestRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The dashboard and the alert rules ask for what a running server tells, and for nothing else. */
@Timeout(120)
class ObservabilityTest {

  private static final Path FOLDER = DeployTest.DEPLOY.resolve("observability");
  private static final Pattern NAME = Pattern.compile("\\bentrepot_[a-z0-9_]+");
  private static final Pattern SELECTOR = Pattern.compile("(entrepot_[a-z0-9_]+)\\{([^}]*)}");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)\\s*(?:=~|!~|!=|=)");
  private static final Pattern GROUPING = Pattern.compile("\\bby \\(([^)]*)\\)");
  private static final Pattern LISTENING = Pattern.compile("listening on (\\S+)");

  /** Prometheus adds these. */
  private static final Set<String> ADDED = Set.of("job", "instance");

  private final HttpClient client = HttpClient.newHttpClient();
  private final Path folder;

  ObservabilityTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void everyNameAndLabel_isOnThePage_andEveryNameOfThePageIsShown() throws Exception {
    String page = pageOfARunningServer();
    Map<String, Set<String>> exported = exported(page);
    assertThat(documented()).as("docs/metrics.md").isEqualTo(described(page));
    List<String> shown = dashboardExpressions();
    List<String> watched = alertExpressions();

    for (List<String> expressions : List.of(shown, watched)) {
      for (String expression : expressions) {
        assertThat(exported.keySet()).as(expression).containsAll(all(NAME, expression));
        SELECTOR
            .matcher(expression)
            .results()
            .forEach(
                use -> {
                  Set<String> labels = new HashSet<>(exported.get(use.group(1)));
                  labels.addAll(ADDED);
                  assertThat(labels).as(expression).containsAll(first(LABEL, use.group(2)));
                });
        Set<String> known = new HashSet<>(ADDED);
        all(NAME, expression).forEach(name -> known.addAll(exported.get(name)));
        for (String grouping : first(GROUPING, expression)) {
          assertThat(known).as(expression).containsAll(List.of(grouping.split(",\\s*", -1)));
        }
      }
    }
    assertThat(all(NAME, String.join("\n", shown)))
        .as("what is counted is shown")
        .isEqualTo(exported.keySet());
  }

  @Test
  void operatorsRules_areTheSame() throws IOException {
    assertThat(read("prometheusrule.yaml").at("/spec/groups"))
        .isEqualTo(read("alerts.yaml").get("groups"));
  }

  @Test
  void rules_passPromtool_andTheirOwnTests() throws Exception {
    Path promtool = DeployTest.program("promtool");
    for (List<String> arguments :
        List.of(
            List.of("check", "rules", "alerts.yaml"),
            List.of("test", "rules", "alerts.test.yaml"))) {
      List<String> command = new ArrayList<>(List.of(promtool.toString()));
      command.addAll(arguments);
      Path output = folder.resolve("output");
      Process process =
          new ProcessBuilder(command)
              .directory(FOLDER.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    }
  }

  /** A server that has served, fetched, and found an upstream dead. */
  private String pageOfARunningServer() throws Exception {
    try (TestRegistry registry = TestRegistry.start()) {
      SampleImage.twoPlatforms(registry, "library/app", "1");
      Entrepot entrepot = Entrepot.in(folder);
      entrepot.write(
          "proxy.yaml",
          """
          listen: 127.0.0.1:0
          cache: { directory: store }
          registries:
            docker.io: { endpoints: ["%s"] }
            quay.io: { endpoints: ["http://127.0.0.1:1"] }
          """
              .formatted(registry.origin()));
      entrepot.write(
          "policy.yaml",
          "deny: [{ digest: \"sha256:%s\", reason: poisoned }]\n".formatted("0".repeat(64)));
      Process server = entrepot.start("serve", "-c", "proxy.yaml");
      try {
        String origin = "http://" + listening(server, entrepot);
        JsonNode index = json(get(origin + "/v2/docker.io/library/app/manifests/1"));
        String digest = index.at("/manifests/0/digest").asString();
        JsonNode manifest = json(get(origin + "/v2/docker.io/library/app/manifests/" + digest));
        get(origin + "/v2/docker.io/library/app/blobs/" + manifest.at("/config/digest").asString());
        assertThat(get(origin + "/v2/quay.io/any/thing/manifests/1").statusCode()).isEqualTo(502);
        assertThat(
                get(origin + "/v2/docker.io/library/app/manifests/sha256:" + "0".repeat(64))
                    .statusCode())
            .isEqualTo(403);
        return get(origin + "/metrics").body();
      } finally {
        server.destroy();
        if (!server.waitFor(30, TimeUnit.SECONDS)) {
          server.destroyForcibly();
        }
      }
    }
  }

  private static String listening(Process server, Entrepot entrepot)
      throws IOException, InterruptedException {
    while (true) {
      Matcher matcher = LISTENING.matcher(entrepot.read(".err"));
      if (matcher.find()) {
        return matcher.group(1);
      }
      assertThat(server.isAlive()).as(entrepot.read(".err")).isTrue();
      Thread.sleep(20);
    }
  }

  private HttpResponse<String> get(String url) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JsonMapper.shared().readTree(response.body());
  }

  /** Names of series with their labels. */
  private static Map<String, Set<String>> exported(String page) {
    Map<String, Set<String>> exported = new TreeMap<>();
    page.lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(
            line -> {
              String name = line.split("[{ ]", 2)[0];
              String labels = line.contains("{") ? line.substring(line.indexOf('{')) : "";
              exported
                  .computeIfAbsent(name, unused -> new TreeSet<>())
                  .addAll(first(LABEL, labels));
            });
    return exported;
  }

  /** Type and labels of each series on a page. */
  private static Map<String, String> described(String page) {
    Map<String, String> described = new TreeMap<>();
    exported(page)
        .forEach(
            (name, labels) -> {
              Matcher type = Pattern.compile("(?m)^# TYPE " + name + " (\\w+)$").matcher(page);
              assertThat(type.find()).as(name).isTrue();
              described.put(name, type.group(1) + " " + labels);
            });
    return described;
  }

  /** The same as the documentation has it. */
  private static Map<String, String> documented() throws IOException {
    Map<String, String> documented = new TreeMap<>();
    for (List<String> row :
        DocumentsTest.rows(
            Path.of("../docs/metrics.md").toAbsolutePath().normalize(), "Every metric")) {
      assertThat(row).hasSize(6).allSatisfy(cell -> assertThat(cell).isNotBlank());
      documented.put(
          row.getFirst(), row.get(1) + " " + new TreeSet<>(DocumentsTest.names(row.get(2))));
    }
    return documented;
  }

  private static List<String> dashboardExpressions() throws IOException {
    JsonNode board =
        JsonMapper.shared().readTree(Files.readString(FOLDER.resolve("dashboard.json")));
    List<String> expressions = new ArrayList<>();
    board
        .get("panels")
        .forEach(
            panel ->
                panel
                    .path("targets")
                    .forEach(target -> expressions.add(target.get("expr").asString())));
    board
        .at("/templating/list")
        .forEach(variable -> expressions.add(variable.path("definition").asString("")));
    return expressions;
  }

  private static List<String> alertExpressions() throws IOException {
    return read("alerts.yaml")
        .at("/groups")
        .valueStream()
        .flatMap(group -> group.get("rules").valueStream())
        .map(rule -> rule.get("expr").asString())
        .toList();
  }

  private static JsonNode read(String file) throws IOException {
    return DeployTest.yaml(Files.readString(FOLDER.resolve(file))).getFirst();
  }

  private static Set<String> all(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> first(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(result -> result.group(1))
        .collect(Collectors.toSet());
  }
}
