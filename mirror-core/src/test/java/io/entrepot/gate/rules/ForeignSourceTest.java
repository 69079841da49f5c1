package io.entrepot.gate.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.gate.Finding;
import io.entrepot.gate.GateReport;
import io.entrepot.gate.GateTree;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Targets that must render from this tree alone. */
final class ForeignSourceTest {

  private static final String CHECK =
      """
      targets:
        local: { platforms: [linux/arm64], selfContained: true, render: [%1$s] }
        dev: { platforms: [linux/amd64], render: [%1$s] }
      """;

  private static final String CHART =
      "{ helm: { chart: 'oci://ghcr.io/acme/charts/facts', version: 1.0.0, release: facts } }";

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @SuppressWarnings("NullAway.Init")
  private GateTree tree;

  @BeforeEach
  void plant() {
    tree = new GateTree(directory);
  }

  private static List<Finding> found(GateReport report) {
    return GateTree.of(report, "foreign-source");
  }

  @Test
  void chartOfARegistry_isRefusedInTheSelfContainedTargetAlone() {
    GateReport report = tree.offline(CHECK.formatted(CHART));
    assertThat(found(report))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.target()).isEqualTo("local");
              assertThat(finding.file()).isEqualTo("check.yaml");
              assertThat(finding.message()).contains("facts");
            });
    GateReport waived =
        tree.offline(
            CHECK.formatted(CHART)
                + "allow: [{ rule: foreign-source, target: local, reason: until it is vendored }]\n");
    assertThat(found(waived)).isEmpty();
    assertThat(GateTree.waived(waived, "foreign-source")).hasSize(1);
  }

  @Test
  void baseOfAnotherRepository_isRefused() {
    tree.file(
        "overlay/kustomization.yaml",
        "resources: ['https://github.com/acme/facts//base?ref=v1']\n");
    assertThat(found(tree.offline(CHECK.formatted("{ kustomize: overlay }"))))
        .singleElement()
        .satisfies(finding -> assertThat(finding.message()).contains("github.com/acme/facts"));
  }

  @Test
  void treeOnItsOwn_isNoMatter() {
    tree.file("app/map.yaml", "{ apiVersion: v1, kind: ConfigMap, metadata: { name: m } }\n");
    assertThat(found(tree.offline(CHECK.formatted("{ manifests: 'app/*.yaml' }")))).isEmpty();
  }
}
