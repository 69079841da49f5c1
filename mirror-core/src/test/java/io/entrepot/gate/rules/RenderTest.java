package io.entrepot.gate.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.gate.GateReport;
import io.entrepot.gate.GateTree;
import io.entrepot.gate.Severity;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trees that do not render; what helm and kustomize say is in RenderingTest. */
final class RenderTest {

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @SuppressWarnings("NullAway.Init")
  private GateTree tree;

  @BeforeEach
  void plant() {
    tree = new GateTree(directory);
  }

  @Test
  void fileThatIsNoYaml_isRefusedWithItsLine() {
    tree.file("rendered/app.yaml", "a: b\n c: [\n");
    assertThat(GateTree.of(tree.offline(RuleContract.CHECK), "render"))
        .singleElement()
        .satisfies(finding -> assertThat(finding.file()).isEqualTo("rendered/app.yaml"));
  }

  @Test
  void patternThatFitsNothing_isRefused() {
    assertThat(GateTree.of(tree.offline(RuleContract.CHECK), "render"))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.message()).contains("rendered/**/*.yaml");
              assertThat(finding.file()).isEqualTo("check.yaml");
              assertThat(finding.line()).isEqualTo(2);
            });
  }

  @Test
  void suspendedRelease_isListed_andFailsNothing() {
    tree.file(
        "flux/web.yaml",
        """
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata: { name: web, namespace: web }
        spec: { suspend: true, chart: { spec: { chart: web, sourceRef: { kind: HelmRepository, name: x } } } }
        """);
    GateReport report =
        tree.offline(
            """
            targets: { prod: { platforms: [linux/amd64] } }
            discover: { flux: ["flux/*.yaml"] }
            """);
    assertThat(report.skipped())
        .singleElement()
        .matches(each -> each.severity() == Severity.WARNING && each.what().contains("web"));
    assertThat(report.leavesUnjudged()).isFalse();
  }
}
