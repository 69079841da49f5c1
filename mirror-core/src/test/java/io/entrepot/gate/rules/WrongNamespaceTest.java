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
import org.junit.jupiter.params.provider.CsvSource;

/** Objects that land outside of what their entry deploys into. */
final class WrongNamespaceTest {

  private static final String HELM =
      """
      targets:
        dev:
          platforms: [linux/amd64]
          render: [{ helm: { chart: chart, release: redis, namespace: data } }]
      """;

  private static final String ARGO =
      """
      targets:
        dev: { platforms: [linux/amd64] }
      discover: { argocd: ["argocd/*.yaml"] }
      """;

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @SuppressWarnings("NullAway.Init")
  private GateTree tree;

  @BeforeEach
  void plant() {
    tree = new GateTree(directory);
    tree.file("chart/Chart.yaml", "apiVersion: v2\nname: redis\nversion: 1.0.0\n");
  }

  private static String object(String kind, String namespace) {
    return "apiVersion: v1\nkind: %s\nmetadata: { name: redis, namespace: %s }\nspec: {}\n"
        .formatted(kind, namespace);
  }

  private List<Finding> found(String check) {
    return GateTree.of(tree.rendered(check), "wrong-namespace");
  }

  @ParameterizedTest
  @CsvSource({"Deployment,argocd", "Service,argocd", "StatefulSet,other", "Job,flux-system"})
  void chartThatPutsWhatRunsElsewhere_isRefused(String kind, String namespace) {
    tree.file("chart/templates/app.yaml", object(kind, namespace));
    assertThat(found(HELM))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.message())
                  .contains("lands in the namespace " + namespace, "deploys into data");
              assertThat(finding.remedy()).contains("namespace: " + namespace, "wrong-namespace");
            });
    assertThat(found(HELM + "allow: [{ rule: wrong-namespace, reason: it is meant }]\n")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "Deployment,data",
    "Deployment,kube-system",
    "Role,argocd",
    "ConfigMap,argocd",
    "Service,monitoring"
  })
  void whatBelongsThere_orIsPutThereOnPurpose_isNoMatter(String kind, String namespace) {
    tree.file("chart/templates/app.yaml", object(kind, namespace));
    assertThat(found(HELM)).isEmpty();
  }

  @Test
  void severalObjectsOfOneLeak_areOneFinding() {
    tree.file(
        "chart/templates/app.yaml",
        object("Deployment", "argocd") + "---\n" + object("Service", "argocd"));
    assertThat(found(HELM))
        .singleElement()
        .satisfies(finding -> assertThat(finding.others()).hasSize(1));
  }

  @Test
  void namespaceThatTheEntryItselfMakes_isItsOwn() {
    tree.file(
        "chart/templates/app.yaml",
        "apiVersion: v1\nkind: Namespace\nmetadata: { name: other }\n---\n"
            + object("Deployment", "other"));
    assertThat(found(HELM)).isEmpty();
  }

  @Test
  void plainManifests_mayBelongToSeveralNamespaces_butNotToThatOfTheApplications() {
    tree.file(
        "argocd/shop.yaml",
        """
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: { name: shop, namespace: delivery }
        spec:
          destination: { namespace: shop, server: https://kubernetes.default.svc }
          source: { repoURL: https://git.acme.example/config, path: app }
        """);
    tree.file("app/a.yaml", object("Deployment", "jobs"));
    assertThat(found(ARGO)).isEmpty();
    tree.file("app/b.yaml", object("Deployment", "delivery"));
    assertThat(found(ARGO))
        .singleElement()
        .satisfies(finding -> assertThat(finding.file()).isEqualTo("app/b.yaml"));
  }
}
