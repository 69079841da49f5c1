package io.entrepot.gate;

import static io.entrepot.gate.GateTree.DIGEST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks against a git revision. */
class BaseTest {

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

  private void git(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "git",
                "-c",
                "user.name=t",
                "-c",
                "user.email=t@example.org",
                "-c",
                "init.defaultBranch=main"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .directory(tree.root().toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  private void commit() throws Exception {
    tree.file("check.yaml", CHECK);
    git("init", "-q");
    git("add", "-A");
    git("commit", "-q", "-m", "base");
  }

  @Test
  void volumeClaimThatGrows_cannotBeUpdated() throws Exception {
    tree.file("app/db.yaml", statefulSet("10Gi", "db", 1));
    commit();
    tree.file("app/db.yaml", statefulSet("20Gi", "db", 1));
    List<Finding> findings = GateTree.of(tree.since("HEAD", CHECK), Rule.IMMUTABLE_CHANGE);
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
    assertThat(GateTree.waived(waived, Rule.IMMUTABLE_CHANGE)).hasSize(1);
  }

  @Test
  void serviceNameAndPodManagementPolicy_cannotBeUpdated() throws Exception {
    tree.file("app/db.yaml", statefulSet("10Gi", "db", 1));
    commit();
    tree.file(
        "app/db.yaml",
        statefulSet("10Gi", "other", 1)
            .replace("  replicas", "  podManagementPolicy: Parallel\n  replicas"));
    assertThat(GateTree.of(tree.since("HEAD", CHECK), Rule.IMMUTABLE_CHANGE)).hasSize(2);
  }

  @Test
  void replicasAndDefaults_mayChange() throws Exception {
    tree.file("app/db.yaml", statefulSet("10Gi", "db", 1));
    commit();
    tree.file(
        "app/db.yaml",
        statefulSet("\"10Gi\"", "db", 3)
            .replace("  replicas", "  podManagementPolicy: OrderedReady\n  replicas")
            .replace("spec: { accessModes", "spec: { volumeMode: Filesystem, accessModes"));
    assertThat(GateTree.of(tree.since("HEAD", CHECK), Rule.IMMUTABLE_CHANGE)).isEmpty();
  }

  @Test
  void onlyWhatTheChangeBrought_isReported() throws Exception {
    String pod =
        "apiVersion: v1\nkind: Pod\nmetadata: { name: %s }\nspec: { containers: [{ name: c, image: 'redis:7@%s' }] }\n";
    tree.file("app/old.yaml", pod.formatted("old", DIGEST));
    commit();
    tree.file("app/old.yaml", "# moved down\n" + pod.formatted("old", DIGEST));
    tree.file("app/new.yaml", pod.formatted("new", DIGEST));
    GateReport report = tree.since("main", CHECK);
    assertThat(report.findings())
        .singleElement()
        .satisfies(finding -> assertThat(finding.file()).isEqualTo("app/new.yaml"));
    assertThat(report.unjudged()).isEmpty();
    assertThat(tree.offline(CHECK).findings()).hasSize(2);
  }

  @Test
  void revisionThatIsNotThere_endsTheCheck() throws Exception {
    tree.file("app/db.yaml", statefulSet("10Gi", "db", 1));
    commit();
    assertThatThrownBy(() -> tree.since("no-such-branch", CHECK))
        .isInstanceOf(GateException.class)
        .hasMessageContaining("no-such-branch");
  }
}
