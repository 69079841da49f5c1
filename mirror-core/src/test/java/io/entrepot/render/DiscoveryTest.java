package io.entrepot.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.render.RenderEntry.Helm;
import io.entrepot.render.RenderEntry.Kustomize;
import io.entrepot.render.RenderEntry.Manifests;
import io.entrepot.render.Rendering.Failure;
import io.entrepot.text.FilePosition;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which entries Applications, Kustomizations and HelmReleases become, and for whom. */
class DiscoveryTest {

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  private final Outcome outcome = new Outcome();

  @SuppressWarnings("NullAway.Init")
  private TestTree tree;

  @BeforeEach
  void plant() {
    tree = new TestTree(directory);
    tree.file("apps/web/kustomization.yaml", "resources: []\n");
    tree.file("apps/plain/a.yaml", "a: 1\n");
    tree.file("charts/c/Chart.yaml", "name: c\n");
  }

  private List<Assignment> discover(List<String> argocd, List<String> flux) {
    RenderSettings settings =
        new RenderSettings(
            RenderTools.DEFAULTS, false, argocd, flux, true, Set.of(), new TreeMap<>());
    List<RenderTarget> targets =
        List.of(
            new RenderTarget("dev", "dev-cluster", null, List.of()),
            new RenderTarget("prod", "prod-cluster", null, List.of()));
    return new Discovery(tree.sources(), targets, settings).inFiles(outcome);
  }

  private void application(String file, String name, String destination, String source) {
    tree.file(
        file,
        """
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: { name: %s }
        spec: { destination: { %s }, source: { repoURL: "https://git.example.org/acme/gitops", %s } }
        """
            .formatted(name, destination, source));
  }

  private static List<String> targets(List<Assignment> found) {
    return found.stream().map(Assignment::target).toList();
  }

  @Test
  void applicationThatNamesNobody_goesToAllTargets_eachInItsOwnCluster() {
    application("argocd/web.yaml", "web", "namespace: web", "path: apps/web");
    List<Assignment> found = discover(List.of("argocd/*.yaml"), List.of());
    assertThat(targets(found)).containsExactly("dev", "prod");
    assertThat(found)
        .extracting(Assignment::cluster)
        .containsExactly("dev-cluster", "prod-cluster");
    assertThat(found.getFirst().entry())
        .isInstanceOfSatisfying(
            Kustomize.class,
            entry -> {
              assertThat(entry.directory()).isEqualTo("apps/web");
              assertThat(entry.namespace()).isEqualTo("web");
              assertThat(entry.restricted()).isTrue();
              assertThat(entry.position()).isEqualTo(FilePosition.of("argocd/web.yaml", 1));
            });
  }

  @Test
  void applicationThatNamesATarget_goesThereAlone() {
    application("argocd/web.yaml", "web-prod", "namespace: web", "path: apps/web");
    assertThat(targets(discover(List.of("argocd/*.yaml"), List.of()))).containsExactly("prod");
  }

  @Test
  void fileBelowADirectoryOfATarget_isForIt() {
    application("env/dev/web.yaml", "web", "namespace: web", "path: apps/web");
    application("env/staging/web.yaml", "web", "namespace: web", "path: apps/web");
    assertThat(targets(discover(List.of("env/**/*.yaml"), List.of()))).containsExactly("dev");
  }

  @Test
  void otherCluster_isAnotherThanTheTargets() {
    application("argocd/web.yaml", "web-dev", "name: edge", "path: apps/web");
    assertThat(discover(List.of("argocd/*.yaml"), List.of()))
        .extracting(Assignment::cluster)
        .containsExactly("dev-cluster edge");
  }

  @Test
  void source_isAChartAKustomizationOrAFolder() {
    application("argocd/a.yaml", "a-dev", "namespace: x", "path: charts/c");
    application("argocd/b.yaml", "b-dev", "namespace: x", "path: apps/plain");
    application("argocd/c.yaml", "c-dev", "namespace: x", "chart: redis, targetRevision: 1.0.0");
    List<Assignment> found = discover(List.of("argocd/*.yaml"), List.of());
    assertThat(found.get(0).entry()).isInstanceOf(Helm.class);
    assertThat(found.get(1).entry())
        .isInstanceOfSatisfying(
            Manifests.class,
            entry -> assertThat(entry.globs()).containsExactly("apps/plain/*.{yaml,yml,json}"));
    assertThat(found.get(2).entry())
        .isInstanceOfSatisfying(Helm.class, entry -> assertThat(entry.isLocal()).isFalse());
  }

  @Test
  void helmRelease_takesChartValuesAndNames() {
    tree.file(
        "flux/dev.yaml",
        """
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata: { name: web, namespace: flux-system }
        spec:
          targetNamespace: shop
          kubeConfig: { secretRef: { name: edge } }
          chart: { spec: { chart: ./charts/c, sourceRef: { kind: GitRepository, name: flux-system }, valuesFiles: [values/a.yaml] } }
          values: { a: 1 }
        """);
    assertThat(discover(List.of(), List.of("flux/*.yaml")))
        .singleElement()
        .satisfies(
            work -> {
              assertThat(work.cluster()).isEqualTo("dev-cluster edge");
              Helm helm = (Helm) work.entry();
              assertThat(helm.chart()).isEqualTo("charts/c");
              assertThat(helm.release()).isEqualTo("shop-web");
              assertThat(helm.namespace()).isEqualTo("shop");
              assertThat(helm.values()).containsExactly("values/a.yaml");
              assertThat(helm.inline()).isEqualTo("{\"a\":1}");
            });
  }

  @Test
  void globThatNoFileFits_isAFailureOfEachTarget() {
    discover(List.of("none/*.yaml"), List.of());
    assertThat(outcome.failures)
        .extracting(Failure::message)
        .containsOnly("discover.argocd: no file fits none/*.yaml")
        .hasSize(2);
  }
}
