package io.entrepot.gate.rules;

import static io.entrepot.gate.GateTree.DIGEST;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.gate.Finding;
import io.entrepot.gate.GateReport;
import io.entrepot.gate.GateTree;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fields that the API server does not update. */
final class ImmutableChangeTest {

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

  private static String statefulSet(String storage, String service, int replicas) {
    return """
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: { name: db, namespace: data }
        spec:
          replicas: %d
          serviceName: %s
          selector: { matchLabels: { app: db } }
          template:
            metadata: { labels: { app: db } }
            spec: { containers: [{ name: db, image: "quay.io/acme/db@%s" }] }
          volumeClaimTemplates:
            - metadata: { name: data }
              spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: %s } } }
        """
        .formatted(replicas, service, DIGEST, storage);
  }

  @Test
  void volumeClaimThatGrows_cannotBeUpdated() throws Exception {
    tree.file("app/db.yaml", statefulSet("10Gi", "db", 1));
    tree.commit(CHECK);
    tree.file("app/db.yaml", statefulSet("20Gi", "db", 1));
    List<Finding> findings = GateTree.of(tree.since("HEAD", CHECK), "immutable-change");
    assertThat(findings)
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.message()).contains("spec.volumeClaimTemplates", "10Gi", "20Gi");
              assertThat(finding.file()).isEqualTo("app/db.yaml");
              assertThat(finding.line()).isEqualTo(12);
            });
    GateReport waived =
        tree.since(
            "HEAD",
            CHECK
                + "allow: [{ rule: immutable-change, object: 'StatefulSet/data/db', reason: x }]\n");
    assertThat(GateTree.waived(waived, "immutable-change")).hasSize(1);
  }

  @Test
  void serviceNameAndPodManagementPolicy_cannotBeUpdated() throws Exception {
    tree.file("app/db.yaml", statefulSet("10Gi", "db", 1));
    tree.commit(CHECK);
    tree.file(
        "app/db.yaml",
        statefulSet("10Gi", "other", 1)
            .replace("  replicas", "  podManagementPolicy: Parallel\n  replicas"));
    assertThat(GateTree.of(tree.since("HEAD", CHECK), "immutable-change")).hasSize(2);
  }

  @Test
  void replicasAndDefaults_mayChange() throws Exception {
    tree.file("app/db.yaml", statefulSet("10Gi", "db", 1));
    tree.commit(CHECK);
    tree.file(
        "app/db.yaml",
        statefulSet("\"10Gi\"", "db", 3)
            .replace("  replicas", "  podManagementPolicy: OrderedReady\n  replicas")
            .replace("spec: { accessModes", "spec: { volumeMode: Filesystem, accessModes"));
    assertThat(GateTree.of(tree.since("HEAD", CHECK), "immutable-change")).isEmpty();
  }
}
