package io.entrepot.gate;

import static io.entrepot.gate.GateTree.DIGEST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A saved report that an old repository begins with, and rules that only warn. */
final class BaselineTest {

  private static final String CHECK =
      "targets: { dev: { platforms: [linux/amd64], render: [{ manifests: 'app/*.yaml' }] } }\n";

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @SuppressWarnings("NullAway.Init")
  private GateTree tree;

  @BeforeEach
  void plant() {
    tree = new GateTree(directory);
  }

  private static String pod(String name, String image) {
    return "apiVersion: v1\nkind: Pod\nmetadata: { name: %s }\nspec: { containers: [{ name: c, image: '%s@%s' }] }\n"
        .formatted(name, image, DIGEST);
  }

  private static String saved(String rule, String name) {
    return """
        { "findings": [{ "rule": "%s", "target": "dev", "file": "app/web.yaml", "line": 7,
            "object": { "kind": "Pod", "namespace": null, "name": "%s" },
            "image": "docker.io/acme/old:1", "message": "other words" }],
          "waived": [], "unjudged": [] }
        """
        .formatted(rule, name);
  }

  @Test
  void findingOfTheBaseline_isKnown_byRuleTargetAndObject() {
    tree.file("app/web.yaml", pod("web", "redis"));
    tree.file("baseline.json", saved("docker-hub", "web"));
    String check = CHECK + "baseline: baseline.json\n";
    assertThat(tree.offline(check).findings()).isEmpty();
    tree.file("baseline.json", saved("docker-hub", "other"));
    assertThat(tree.offline(check).findings()).hasSize(1);
    tree.file("baseline.json", saved("rule-of-another-release", "web"));
    assertThat(tree.offline(check).findings()).hasSize(1);
  }

  @Test
  void placesOfOneCause_areKnownEach() {
    tree.file("app/web.yaml", pod("web", "redis"));
    tree.file(
        "baseline.json",
        """
        { "findings": [{ "rule": "docker-hub", "target": "dev", "file": null, "object": null, "message": "m",
            "places": [{ "file": "x", "object": { "kind": "Pod", "namespace": null, "name": "web" } }] }] }
        """);
    assertThat(tree.offline(CHECK + "baseline: baseline.json\n").findings()).isEmpty();
  }

  @Test
  void baselineThatIsNoReport_endsTheCheck() {
    tree.file("app/web.yaml", pod("web", "redis"));
    String check = CHECK + "baseline: baseline.json\n";
    assertThatThrownBy(() -> tree.offline(check))
        .isInstanceOf(GateException.class)
        .hasMessageContaining("baseline.json")
        .hasMessageContaining("--output json");
    tree.file("baseline.json", "{}");
    assertThatThrownBy(() -> tree.offline(check)).isInstanceOf(GateException.class);
    tree.file("baseline.json", "no json");
    assertThatThrownBy(() -> tree.offline(check)).isInstanceOf(GateException.class);
  }

  @Test
  void warning_isToldAndFailsNothing() {
    tree.file("app/web.yaml", pod("web", "redis"));
    GateReport report =
        tree.offline(
            CHECK
                + "severity: { docker-hub: warning, not-found: warning, platform-missing: warning, not-a-list: warning }\n");
    assertThat(report.findings())
        .singleElement()
        .satisfies(each -> assertThat(each.severity()).isEqualTo(Severity.WARNING));
    assertThat(report.skipped()).isNotEmpty();
    assertThat(report.passed()).isTrue();
    assertThat(tree.offline(CHECK + "severity: { docker-hub: error }\n").passed()).isFalse();
  }
}
