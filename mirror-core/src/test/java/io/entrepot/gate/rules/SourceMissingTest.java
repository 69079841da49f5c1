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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sources, dependencies and values that are not there. */
final class SourceMissingTest {

  private static final String FLUX =
      """
      targets:
        dev: { platforms: [linux/amd64] }
      discover: { flux: ["clusters/**/*.yaml"] }
      """;

  private static final String ARGO =
      """
      targets:
        dev: { platforms: [linux/amd64] }
      discover: { argocd: ["argocd/*.yaml"] }
      """;

  private static final String KUSTOMIZATION =
      """
      apiVersion: kustomize.toolkit.fluxcd.io/v1
      kind: Kustomization
      metadata: { name: apps, namespace: flux-system }
      spec:
        path: ./apps
        sourceRef: { kind: GitRepository, name: flux-system }
      %s
      """;

  private static final String APPLICATION =
      """
      apiVersion: argoproj.io/v1alpha1
      kind: Application
      metadata: { name: shop, namespace: argocd }
      spec:
        destination: { namespace: shop, server: https://kubernetes.default.svc }
        sources:
          - repoURL: https://git.acme.example/charts
            path: charts/shop
            helm:
              valueFiles:
                - %s
          %s
      """;

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @SuppressWarnings("NullAway.Init")
  private GateTree tree;

  @BeforeEach
  void plant() {
    tree = new GateTree(directory);
    tree.file("apps/map.yaml", "{ apiVersion: v1, kind: ConfigMap, metadata: { name: m } }\n");
    tree.file("apps/kustomization.yaml", "resources: [map.yaml]\n");
    tree.file("charts/shop/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n");
    tree.file(
        "charts/shop/templates/map.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: shop }\ndata: { a: b }\n");
    tree.file("values/shop/values.yaml", "a: 1\n");
  }

  private List<Finding> found(String check) {
    return GateTree.of(tree.rendered(check), "source-missing");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "dependsOn: [{ name: infra }]|Kustomization 'infra'",
        "postBuild: { substituteFrom: [{ kind: ConfigMap, name: cluster-vars }] }|ConfigMap 'cluster-vars'",
        "postBuild: { substituteFrom: [{ kind: Secret, name: cluster-secrets }] }|Secret 'cluster-secrets'"
      })
  void kustomizationThatNamesNothing_isRefusedWithItsLine(String spec, String named) {
    tree.file("clusters/dev/apps.yaml", KUSTOMIZATION.formatted("  " + spec));
    assertThat(found(FLUX))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.file()).isEqualTo("clusters/dev/apps.yaml");
              assertThat(finding.line()).isEqualTo(7);
              assertThat(finding.message()).contains("'apps'", named);
              assertThat(finding.remedy()).contains("provided:");
            });
    assertThat(found(FLUX + "allow: [{ rule: source-missing, reason: Terraform makes it }]\n"))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "dependsOn: [{ name: flux-system }]",
        "dependsOn: [{ name: ${first} }]",
        "postBuild: { substituteFrom: [{ kind: ConfigMap, name: cluster-vars, optional: true }] }",
        "postBuild: { substituteFrom: [{ kind: ConfigMap, name: provided }] }",
        "suspend: false"
      })
  void whatIsOptionalProvidedOrTheBootstraps_isNoMatter(String spec) {
    tree.file("clusters/dev/apps.yaml", KUSTOMIZATION.formatted("  " + spec));
    assertThat(found(FLUX + "provided: [{ kind: ConfigMap, name: provided, reason: Terraform }]\n"))
        .isEmpty();
  }

  @Test
  void dependency_thatStandsInAnotherFile_isThere() {
    tree.file("clusters/dev/apps.yaml", KUSTOMIZATION.formatted("  dependsOn: [{ name: infra }]"));
    tree.file(
        "clusters/dev/infra.yaml",
        KUSTOMIZATION.formatted("").replace("name: apps,", "name: infra,"));
    assertThat(found(FLUX)).isEmpty();
  }

  @Test
  void helmRelease_ofARepositoryThatNothingDeclares_isRefused_alsoWhileTheChartIsNotFetched() {
    String release =
        """
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata: { name: redis, namespace: data }
        spec:
          chart:
            spec: { chart: redis, version: 1.0.0, sourceRef: { kind: HelmRepository, name: %s, namespace: flux-system } }
        """;
    tree.file(
        "clusters/dev/repo.yaml",
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: { name: bitnami, namespace: flux-system }\nspec: { url: 'https://charts.acme.example' }\n");
    tree.file("clusters/dev/redis.yaml", release.formatted("bitnami"));
    assertThat(found(FLUX)).isEmpty();
    tree.file("clusters/dev/redis.yaml", release.formatted("bitname"));
    assertThat(found(FLUX))
        .singleElement()
        .satisfies(
            finding ->
                assertThat(finding.message())
                    .contains("HelmRepository 'bitname' in the namespace flux-system"));
  }

  @Test
  void valuesOfASecretThatSomethingUnrenderedMayBring_areNotJudged() {
    tree.file(
        "clusters/dev/apps.yaml",
        KUSTOMIZATION.formatted(
            "  postBuild: { substituteFrom: [{ kind: Secret, name: cluster-secrets }] }"));
    tree.file(
        "clusters/dev/other.yaml",
        KUSTOMIZATION
            .formatted("")
            .replace("name: apps,", "name: other,")
            .replace("GitRepository, name: flux-system", "OCIRepository, name: elsewhere"));
    tree.file(
        "clusters/dev/elsewhere.yaml",
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: { name: elsewhere, namespace: flux-system }\nspec: { url: 'oci://ghcr.io/acme/facts' }\n");
    GateReport report = tree.rendered(FLUX);
    assertThat(GateTree.of(report, "source-missing")).isEmpty();
    assertThat(report.skipped())
        .anySatisfy(
            skipped -> {
              assertThat(skipped.rule().id()).isEqualTo("source-missing");
              assertThat(skipped.what()).contains("cluster-secrets");
            });
  }

  @Test
  void valuesOfASourceWithoutThatRef_areRefusedAtTheirLine() {
    tree.file(
        "argocd/shop.yaml",
        APPLICATION.formatted(
            "$values/values/shop/values.yaml",
            "- { repoURL: https://git.acme.example/config, ref: config }"));
    assertThat(found(ARGO))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.line()).isEqualTo(11);
              assertThat(finding.message()).contains("none of its sources has ref: values");
              assertThat(finding.remedy()).contains("ref: values");
            });
  }

  @ParameterizedTest
  @CsvSource({
    "$values/values/shop/values.yaml,'- { repoURL: https://git.acme.example/config, ref: values }'",
    "values-dev.yaml,''"
  })
  void valuesOfANamedSource_orBesideTheChart_areNoMatter(String file, String source) {
    tree.file("charts/shop/values-dev.yaml", "a: 2\n");
    tree.file("argocd/shop.yaml", APPLICATION.formatted(file, source));
    assertThat(found(ARGO)).isEmpty();
  }

  @Test
  void refOfATemplate_isJudgedInAnApplicationSetToo() {
    tree.file(
        "argocd/shop.yaml",
        """
        apiVersion: argoproj.io/v1alpha1
        kind: ApplicationSet
        metadata: { name: shop, namespace: argocd }
        spec:
          generators: [{ list: { elements: [{ cluster: dev }] } }]
          template:
            metadata: { name: 'shop-{{cluster}}' }
            spec:
              destination: { namespace: shop, server: https://kubernetes.default.svc }
              sources:
                - repoURL: https://git.acme.example/charts
                  path: charts/shop
                  helm: { valueFiles: [$config/values/shop/values.yaml] }
        """);
    assertThat(found(ARGO))
        .singleElement()
        .satisfies(each -> assertThat(each.line()).isEqualTo(13));
  }

  private static final String RELEASE =
      """
      targets:
        dev:
          platforms: [linux/amd64]
          render: [{ helm: { chart: charts/shop, release: shop, values: [values/shop/values.yaml, values/shop/values-dev.yaml] } }]
      """;

  @ParameterizedTest
  @CsvSource({"values-extra.yaml", "extra-values.yaml", "dev-values.yml"})
  void valuesFileThatNoReleaseReads_isRefused(String name) {
    tree.file("values/shop/values-dev.yaml", "a: 2\n");
    tree.file("values/shop/" + name, "a: 3\n");
    assertThat(found(RELEASE))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.file()).isEqualTo("values/shop/" + name);
              assertThat(finding.message()).contains("no release reads");
            });
  }

  @ParameterizedTest
  @CsvSource({
    "values-prod.yaml,'a: 3'",
    "values-example.yaml,'a: 3'",
    "values-extra.yaml,'sops: { version: 3 }'",
    "values-map.yaml,'{ apiVersion: v1, kind: ConfigMap, metadata: { name: x } }'",
    "notes.yaml,'a: 3'"
  })
  void filesOfOtherReaders_areNoMatter(String name, String text) {
    tree.file("values/shop/values-dev.yaml", "a: 2\n");
    tree.file("values/shop/" + name, text + "\n");
    assertThat(found(RELEASE)).isEmpty();
  }
}
