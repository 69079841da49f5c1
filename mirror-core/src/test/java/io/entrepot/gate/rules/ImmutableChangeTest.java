package io.entrepot.gate.rules;

import static io.entrepot.gate.GateTree.DIGEST;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.gate.Finding;
import io.entrepot.gate.GateReport;
import io.entrepot.gate.GateTree;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

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

  private static String object(String kind, String api, String body) {
    return "apiVersion: %s\nkind: %s\nmetadata: { name: x, namespace: data }\n%s\n"
        .formatted(api, kind, body);
  }

  private static String job(String image, String more) {
    return """
        apiVersion: batch/v1
        kind: Job
        metadata: { name: x, namespace: data%s }
        spec: { template: { spec: { restartPolicy: Never, containers: [{ name: c, image: "quay.io/acme/%s@%s" }] } } }
        """
        .formatted(more, image, DIGEST);
  }

  private static String claim(String size, String storageClass) {
    return object(
        "PersistentVolumeClaim",
        "v1",
        "spec: { accessModes: [ReadWriteOnce]%s, resources: { requests: { storage: %s } } }"
            .formatted(storageClass, size));
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of(
            object("Deployment", "apps/v1", "spec: { selector: { matchLabels: { app: a } } }"),
            object("Deployment", "apps/v1", "spec: { selector: { matchLabels: { app: b } } }"),
            "spec.selector"),
        Arguments.of(
            object("DaemonSet", "apps/v1", "spec: { selector: { matchLabels: { app: a } } }"),
            object("DaemonSet", "apps/v1", "spec: { selector: { matchLabels: { app: b } } }"),
            "spec.selector"),
        Arguments.of(job("a", ""), job("b", ""), "spec.template"),
        Arguments.of(
            object("RoleBinding", "rbac.authorization.k8s.io/v1", "roleRef: { name: a }"),
            object("RoleBinding", "rbac.authorization.k8s.io/v1", "roleRef: { name: b }"),
            "roleRef"),
        Arguments.of(
            object("Service", "v1", "spec: { clusterIP: 10.0.0.1 }"),
            object("Service", "v1", "spec: { clusterIP: None }"),
            "spec.clusterIP"),
        Arguments.of(
            object("ConfigMap", "v1", "immutable: true\ndata: { a: b }"),
            object("ConfigMap", "v1", "immutable: true\ndata: { a: c }"),
            "data"),
        Arguments.of(
            object("Secret", "v1", "type: Opaque"),
            object("Secret", "v1", "type: kubernetes.io/tls"),
            "type"),
        Arguments.of(
            object("StorageClass", "storage.k8s.io/v1", "provisioner: a"),
            object("StorageClass", "storage.k8s.io/v1", "provisioner: b"),
            "provisioner"),
        Arguments.of(claim("2Gi", ""), claim("1.5Gi", ""), "spec.resources.requests.storage"),
        Arguments.of(
            claim("1Gi", ", storageClassName: a"),
            claim("1Gi", ", storageClassName: b"),
            "spec.storageClassName"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void immutableField_cannotBeUpdated(String before, String after, String field) throws Exception {
    tree.file("app/x.yaml", before);
    tree.commit(CHECK);
    tree.file("app/x.yaml", after);
    assertThat(GateTree.of(tree.since("HEAD", CHECK), "immutable-change"))
        .singleElement()
        .satisfies(finding -> assertThat(finding.message()).startsWith(field + " cannot"));
  }

  static Stream<Arguments> accepted() {
    return Stream.of(
        Arguments.of(
            job("a", ", annotations: { helm.sh/hook: pre-install }"),
            job("b", ", annotations: { helm.sh/hook: pre-install }")),
        Arguments.of(
            job("a", ""),
            job(
                "b",
                ", annotations: { argocd.argoproj.io/sync-options: 'Force=true,Replace=true' }")),
        Arguments.of(
            job("a", ""),
            job("b", ", annotations: { kustomize.toolkit.fluxcd.io/force: enabled }")),
        Arguments.of(
            object("Service", "v1", "spec: { clusterIP: 10.0.0.1 }"),
            object("Service", "v1", "spec: { ports: [{ port: 80 }] }")),
        Arguments.of(
            object("ConfigMap", "v1", "data: { a: b }"),
            object("ConfigMap", "v1", "immutable: true\ndata: { a: c }")),
        Arguments.of(object("Secret", "v1", "data: {}"), object("Secret", "v1", "type: Opaque")),
        Arguments.of(claim("1024Mi", ""), claim("1Gi", "")),
        Arguments.of(claim("900M", ""), claim("1Gi", "")),
        Arguments.of(claim("1Gi", ""), claim("1Gi", ", storageClassName: standard")),
        Arguments.of(
            object("Deployment", "acme.io/v1", "spec: { selector: a }"),
            object("Deployment", "acme.io/v1", "spec: { selector: b }")));
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void whatMayBeUpdatedOrIsReplaced_isNotRefused(String before, String after) throws Exception {
    tree.file("app/x.yaml", before);
    tree.commit(CHECK);
    tree.file("app/x.yaml", after);
    assertThat(GateTree.of(tree.since("HEAD", CHECK), "immutable-change")).isEmpty();
  }
}
