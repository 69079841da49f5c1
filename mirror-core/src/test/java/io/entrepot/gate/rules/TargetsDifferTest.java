package io.entrepot.gate.rules;

import static io.entrepot.gate.rules.Manifests.DIGEST;
import static io.entrepot.gate.rules.Manifests.OTHER;
import static io.entrepot.gate.rules.Manifests.deployment;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.gate.Finding;
import io.entrepot.gate.GateReport;
import io.entrepot.gate.GateTree;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One image with two digests. */
final class TargetsDifferTest {

  private static final String TWO =
      """
      targets:
        local: { platforms: [linux/arm64], render: [{ manifests: ["local/**/*.yaml"] }] }
        dev: { platforms: [linux/amd64], render: [{ manifests: ["dev/**/*.yaml"] }] }
      """;

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
  void oneImageWithTwoDigests_differsBetweenTargets() {
    tree.file("local/app.yaml", deployment("quay.io/acme/app@" + DIGEST));
    tree.file("dev/app.yaml", deployment("quay.io/acme/app@" + OTHER));
    List<Finding> findings = GateTree.of(tree.offline(TWO), "targets-differ");
    assertThat(findings).hasSize(1);
    assertThat(findings.getFirst().message()).contains(DIGEST, OTHER, "local", "dev");
    assertThat(findings.getFirst().file()).isEqualTo("dev/app.yaml");
    GateReport waived =
        tree.offline(
            TWO + "allow: [{ rule: targets-differ, image: 'quay.io/acme/*', reason: trial }]\n");
    assertThat(GateTree.of(waived, "targets-differ")).isEmpty();
    assertThat(GateTree.waived(waived, "targets-differ")).hasSize(1);
  }

  @Test
  void oneMoreVersionInOneTarget_isNoDifference() {
    tree.file("local/app.yaml", deployment("quay.io/acme/app@" + DIGEST));
    tree.file("local/old.yaml", deployment("quay.io/acme/app@" + OTHER));
    tree.file("dev/app.yaml", deployment("quay.io/acme/app@" + DIGEST));
    assertThat(GateTree.of(tree.offline(TWO), "targets-differ")).isEmpty();
  }
}
