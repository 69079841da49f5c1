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

/** One cluster-scoped object from two places. */
final class ClusterScopeCollisionTest {

  private static final String TWO =
      """
      targets:
        local: { platforms: [linux/arm64], render: [{ manifests: ["local/**/*.yaml"] }] }
        dev: { platforms: [linux/amd64], render: [{ manifests: ["dev/**/*.yaml"] }] }
      """;

  private static final String ROLE =
      "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: %s }\n";

  private static final String KUSTOMIZATION =
      """
      apiVersion: kustomize.toolkit.fluxcd.io/v1
      kind: Kustomization
      metadata: { name: %s, namespace: flux-system }
      spec:
        path: %s
        prune: true
        sourceRef: { kind: GitRepository, name: flux-system }
      ---
      apiVersion: source.toolkit.fluxcd.io/v1
      kind: GitRepository
      metadata: { name: flux-system, namespace: flux-system }
      spec: { url: "https://git.example.com/acme/tree" }
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
  void oneClusterRoleFromTwoPlaces_collides() {
    tree.file("dev/a/role.yaml", ROLE.formatted("metrics-scraper"));
    tree.file("dev/b/role.yaml", ROLE.formatted("metrics-scraper"));
    tree.file("local/a.yaml", "{}");
    List<Finding> findings = GateTree.of(tree.offline(TWO), "cluster-scope-collision");
    assertThat(findings).hasSize(1);
    assertThat(findings.getFirst().message())
        .contains("ClusterRole/metrics-scraper", "dev/a/role.yaml");
    GateReport waived =
        tree.offline(
            TWO
                + "allow: [{ rule: cluster-scope-collision, object: ClusterRole/metrics-*, reason:"
                + " x }]\n");
    assertThat(GateTree.waived(waived, "cluster-scope-collision")).hasSize(1);
  }

  @Test
  void oneClusterRoleInTwoClusters_doesNotCollide() {
    tree.file("dev/role.yaml", ROLE.formatted("metrics-scraper"));
    tree.file("local/role.yaml", ROLE.formatted("metrics-scraper"));
    assertThat(GateTree.of(tree.offline(TWO), "cluster-scope-collision")).isEmpty();
    String shared = TWO.replace("platforms:", "cluster: aks, platforms:");
    assertThat(GateTree.of(tree.offline(shared), "cluster-scope-collision")).hasSize(1);
  }

  @Test
  void basesOfAKustomization_areNotTwoObjects() {
    tree.file("dev/base/kustomization.yaml", "resources: [role.yaml]\n");
    tree.file("dev/base/role.yaml", ROLE.formatted("metrics-scraper"));
    tree.file("dev/overlay/kustomization.yaml", "patches: [{ path: role.yaml }]\n");
    tree.file("dev/overlay/role.yaml", ROLE.formatted("metrics-scraper"));
    tree.file("local/a.yaml", "{}");
    assertThat(GateTree.of(tree.offline(TWO), "cluster-scope-collision")).isEmpty();
  }

  @Test
  void entriesOfOneTargetInTwoClusters_doNotCollide() {
    tree.file("eu/role.yaml", ROLE.formatted("metrics-scraper"));
    tree.file("us/role.yaml", ROLE.formatted("metrics-scraper"));
    String check =
        """
        targets:
          production:
            platforms: [linux/amd64]
            render: [{ manifests: "eu/*.yaml"%s }, { manifests: "us/*.yaml"%s }]
        """;
    assertThat(
            GateTree.of(
                tree.offline(check.formatted(", cluster: eu", ", cluster: us")),
                "cluster-scope-collision"))
        .isEmpty();
    assertThat(GateTree.of(tree.offline(check.formatted("", "")), "cluster-scope-collision"))
        .hasSize(1);
  }

  @Test
  void patchThatAKustomizationNames_isNoSecondObject() {
    tree.file("dev/overlays/kustomization.yaml", "patches: [{ path: ../patches/role.yaml }]\n");
    tree.file("dev/patches/role.yaml", ROLE.formatted("metrics-scraper"));
    tree.file("dev/role.yaml", ROLE.formatted("metrics-scraper"));
    tree.file("local/a.yaml", "{}");
    assertThat(GateTree.of(tree.offline(TWO), "cluster-scope-collision")).isEmpty();
  }

  @Test
  void clustersByFluxsPathsAlone_doNotCollide_twoEntriesOfOneOfThemDo() {
    String check =
        """
        targets:
          prod: { platforms: [linux/amd64] }
        discover: { flux: ["clusters/**/*.yaml"] }
        """;
    tree.file("clusters/eu/infra.yaml", KUSTOMIZATION.formatted("infra", "./infra"));
    tree.file("clusters/us/infra.yaml", KUSTOMIZATION.formatted("infra", "./more"));
    for (String directory : List.of("infra", "more")) {
      tree.file(directory + "/kustomization.yaml", "resources: [role.yaml]\n");
      tree.file(directory + "/role.yaml", ROLE.formatted("metrics-scraper"));
    }
    assertThat(GateTree.of(tree.offline(check), "cluster-scope-collision")).isEmpty();
    tree.file("clusters/us/more.yaml", KUSTOMIZATION.formatted("again", "./infra"));
    assertThat(GateTree.of(tree.offline(check), "cluster-scope-collision")).hasSize(1);
  }
}
