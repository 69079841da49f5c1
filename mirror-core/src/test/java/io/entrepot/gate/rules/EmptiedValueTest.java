package io.entrepot.gate.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.gate.Finding;
import io.entrepot.gate.GateTree;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values files over values files. */
final class EmptiedValueTest {

  private static final String CHECK =
      """
      targets:
        dev:
          platforms: [linux/amd64]
          render: [{ helm: { chart: chart, release: app, values: [shared.yaml, dev.yaml] } }]
      """;

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @SuppressWarnings("NullAway.Init")
  private GateTree tree;

  @BeforeEach
  void plant() {
    tree = new GateTree(directory);
    tree.file("chart/Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\n");
    tree.file(
        "chart/templates/map.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: m }\ndata: { a: {{ .Values | toJson | quote }} }\n");
    tree.file(
        "shared.yaml",
        "web:\n  nodeSelector: { pool: apps }\n  tolerations:\n    - { key: a, operator: Exists }\n  name: x\n");
  }

  private List<Finding> found(String check) {
    return GateTree.of(tree.rendered(check), "emptied-value");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "web:\n  nodeSelector: {}\n",
        "web:\n  tolerations: []\n",
        "web:\n  tolerations: null\n",
        "web:\n  nodeSelector:\n"
      })
  void inheritedMapOrList_isNotEmptied(String later) {
    tree.file("dev.yaml", later);
    assertThat(found(CHECK))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.file()).isEqualTo("dev.yaml");
              assertThat(finding.line()).isEqualTo(2);
              assertThat(finding.message()).contains("web.", "shared.yaml:");
              assertThat(finding.remedy()).contains("remove the line");
            });
    assertThat(found(CHECK + "allow: [{ rule: emptied-value, file: dev.yaml, reason: meant }]\n"))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "web:\n  nodeSelector: { pool: dev }\n",
        "web:\n  affinity: {}\n",
        "web:\n  name: \"\"\n",
        "other:\n  tolerations: []\n"
      })
  void whatIsReplacedOrWasNotThere_isNoMatter(String later) {
    tree.file("dev.yaml", later);
    assertThat(found(CHECK)).isEmpty();
  }

  @Test
  void emptyValueOfTheEarlierFile_isNoMatter() {
    tree.file("dev.yaml", "web:\n  tolerations: []\n");
    assertThat(found(CHECK.replace("[shared.yaml, dev.yaml]", "[dev.yaml, shared.yaml]")))
        .isEmpty();
  }
}
