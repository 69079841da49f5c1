package io.entrepot.gate;

import static io.entrepot.gate.GateTree.DIGEST;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.render.RenderTools;
import io.entrepot.render.TestTree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Charts and overlays rendered by the real programs. Where these are not installed the tests are
 * skipped, and say so.
 */
class RenderingTest {

  private static final String GOOD = "quay.io/acme/app@" + DIGEST;

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @SuppressWarnings("NullAway.Init")
  private GateTree tree;

  @BeforeEach
  void plant() {
    tree = new GateTree(directory);
    tree.file(
        "charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\nappVersion: '1'\n");
    tree.file("charts/web/values.yaml", "replicas: 1\nimage: {}\nlabelled: false\n");
    tree.file(
        "charts/web/templates/deployment.yaml",
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: {{ .Release.Name }}
          labels:
            app: web
            {{- if .Values.labelled }}
            app.kubernetes.io/version: {{ .Values.image.ref | splitList "/" | last | quote }}
            {{- end }}
        spec:
          replicas: {{ .Values.replicas }}
          selector: { matchLabels: { app: web } }
          template:
            metadata: { labels: { app: web } }
            spec:
              containers:
                - name: web
                  image: {{ required "image.ref is required" .Values.image.ref }}
                  env:
                    - name: ISSUER
                      value: "https://auth.{{ .Values.domain | default "example.org" }}/realms"
        """);
  }

  private static String helm(String... values) {
    return """
        targets:
          local:
            platforms: [linux/arm64]
            render:
              - helm: { chart: charts/web, release: web, namespace: apps, values: [%s] }
        tools: { helm: "%s" }
        """
        .formatted(String.join(", ", values), TestTree.tools().helm());
  }

  private static String kustomize(String path) {
    return """
        targets: { local: { platforms: [linux/arm64], render: [{ kustomize: %s }] } }
        tools: { kustomize: "%s" }
        """
        .formatted(path, TestTree.tools().kustomize());
  }

  private static Finding only(GateReport report, String rule) {
    List<Finding> findings = GateTree.of(report, rule);
    assertThat(findings).hasSize(1);
    return findings.getFirst();
  }

  // ---- helm ----------------------------------------------------------------------------------

  @Test
  void chart_isRenderedWithItsLayersOfValues() {
    tree.file("values/shared.yaml", "image: { ref: docker.io/acme/web:1 }\n");
    tree.file("values/local.yaml", "image:\n  ref: " + GOOD + "\n");
    GateReport report = tree.offline(helm("values/shared.yaml", "values/local.yaml"));
    assertThat(report.objects()).isEqualTo(1);
    assertThat(report.findings()).isEmpty();
  }

  @Test
  void image_isTracedToTheLineOfItsValuesFile() {
    tree.file("values/local.yaml", "# x\nimage:\n  ref: docker.io/acme/web:1\n");
    Finding finding = only(tree.offline(helm("values/local.yaml")), "docker-hub");
    assertThat(finding.file()).isEqualTo("values/local.yaml");
    assertThat(finding.line()).isEqualTo(3);
    assertThat(String.valueOf(finding.object())).isEqualTo("Deployment/apps/web");
  }

  @Test
  void textThatStandsInNoValuesFile_isTracedToItsTemplate() {
    tree.file("values/local.yaml", "image: { ref: " + GOOD + " }\ndomain: '/x'\n");
    Finding finding = only(tree.offline(helm("values/local.yaml")), "empty-host");
    assertThat(finding.file()).isEqualTo("charts/web/templates/deployment.yaml");
    assertThat(finding.message()).contains("https://auth./x/realms");
  }

  @Test
  void digestInALabel_isRefused() {
    tree.file("values/local.yaml", "image: { ref: '" + GOOD + "' }\nlabelled: true\n");
    Finding finding = only(tree.offline(helm("values/local.yaml")), "tag-in-label");
    assertThat(finding.message()).contains("app.kubernetes.io/version");
  }

  @Test
  void valuesFileThatDoesNotExist_isRefusedWithTheEntry() {
    Finding finding = only(tree.offline(helm("values/missing.yaml")), "render");
    assertThat(finding.message()).contains("values/missing.yaml", "helm release 'web'");
    assertThat(finding.file()).isEqualTo("check.yaml");
    assertThat(finding.line()).isEqualTo(5);
  }

  @Test
  void chartThatDoesNotExist_isRefused() {
    String check = helm().replace("charts/web", "charts/none");
    assertThat(only(tree.offline(check), "render").message()).contains("charts/none");
  }

  @Test
  void requiredImageWithoutValue_isAMissingImage() {
    tree.file("values/local.yaml", "replicas: 2\n");
    GateReport report = tree.offline(helm("values/local.yaml"));
    Finding finding = only(report, "image-missing");
    assertThat(finding.message()).contains("image.ref is required");
    assertThat(finding.file()).isEqualTo("charts/web/templates/deployment.yaml");
    assertThat(finding.line()).isEqualTo(18);
    assertThat(GateTree.of(report, "render")).isEmpty();
  }

  @Test
  void chartsOwnSchema_isHeldAgainstTheValues() {
    tree.file(
        "charts/web/values.schema.json",
        "{ \"type\": \"object\", \"properties\": { \"replicas\": { \"type\": \"integer\" } } }");
    tree.file("values/local.yaml", "image: { ref: " + GOOD + " }\nreplicas: many\n");
    Finding finding = only(tree.offline(helm("values/local.yaml")), "render");
    assertThat(finding.message()).contains("replicas");
    assertThat(finding.file()).isEqualTo("values/local.yaml");
    assertThat(finding.line()).isEqualTo(2);
    assertThat(finding.message()).doesNotContain(directory.toString());
  }

  @Test
  void dependencyThatIsNotVendored_isNotJudgedOffline() {
    tree.file(
        "charts/web/Chart.yaml",
        "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies: [{ name: redis, version: 1.0.0, repository: 'https://charts.example.org' }]\n");
    tree.file("values/local.yaml", "image: { ref: " + GOOD + " }\n");
    GateReport report = tree.offline(helm("values/local.yaml"));
    assertThat(report.findings()).isEmpty();
    assertThat(report.skipped())
        .singleElement()
        .satisfies(
            left ->
                assertThat(left.why())
                    .contains("redis", "https://charts.example.org", "helm dependency build"));
  }

  @Test
  void dependencyInADirectoryThatIsNotThere_isRefused() {
    tree.file(
        "charts/web/Chart.yaml",
        "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies: [{ name: redis, version: 1.0.0, repository: 'file://../redis' }]\n");
    tree.file("values/local.yaml", "image: { ref: " + GOOD + " }\n");
    Finding finding = only(tree.offline(helm("values/local.yaml")), "render");
    assertThat(finding.message()).contains("redis");
    assertThat(finding.remedy()).contains("helm dependency build");
  }

  @Test
  void chartThatIsNotInTheTree_isLeftUnjudged() {
    GateReport report = tree.offline(helm().replace("charts/web", "oci://ghcr.io/acme/chart"));
    assertThat(report.findings()).isEmpty();
    assertThat(report.skipped())
        .singleElement()
        .satisfies(left -> assertThat(left.why()).contains("--online"));
    assertThat(report.passed()).isFalse();
  }

  @Test
  void programThatIsMissing_isNamedWithTheEntry() {
    tree.file("values/local.yaml", "{}");
    String check =
        """
        targets:
          local:
            platforms: [linux/arm64]
            render:
              - helm: { chart: charts/web, release: web }
              - kustomize: overlays/local
        tools: { helm: no-such-helm, kustomize: no-such-kustomize }
        """;
    tree.file("overlays/local/kustomization.yaml", "resources: []\n");
    List<Finding> findings = GateTree.of(tree.offline(check), "render");
    assertThat(findings).hasSize(2);
    assertThat(findings.get(0).message()).contains("helm release 'web'", "'no-such-helm'");
    assertThat(findings.get(1).message()).contains("overlays/local", "'no-such-kustomize'");
    assertThat(findings).allSatisfy(each -> assertThat(each.line()).isBetween(5, 6));
  }

  @Test
  void programThatHangs_isStopped() throws Exception {
    Path hanging = Files.writeString(directory.resolve("hanging"), "#!/bin/sh\nsleep 600\n");
    assertThat(hanging.toFile().setExecutable(true)).isTrue();
    String check =
        """
        targets: { local: { platforms: [linux/arm64], render: [{ helm: { chart: charts/web, release: web } }] } }
        tools: { helm: "%s", timeout: 200ms }
        """
            .formatted(hanging);
    assertThat(only(tree.offline(check), "render").message()).contains("took longer");
    assertThat(RenderTools.DEFAULTS.timeout()).isPositive();
  }

  @Test
  void waivedFailure_isNamedWithItsReason() {
    GateReport report =
        tree.offline(
            helm("values/missing.yaml")
                + "allow: [{ rule: render, file: check.yaml, reason: 'comes next week' }]\n");
    assertThat(report.findings()).isEmpty();
    assertThat(GateTree.waived(report, "render")).hasSize(1);
  }

  // ---- kustomize -----------------------------------------------------------------------------

  private void overlay(String more) {
    tree.file("base/kustomization.yaml", "resources: [deployment.yaml]\n");
    tree.file(
        "base/deployment.yaml",
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: web }
        spec:
          selector: { matchLabels: { app: web } }
          template:
            metadata: { labels: { app: web } }
            spec: { containers: [{ name: web, image: docker.io/acme/web:1 }] }
        """);
    tree.file("overlays/local/kustomization.yaml", "resources: [../../base]\n" + more);
  }

  @Test
  void overlay_decidesTheImage() {
    overlay(
        "images: [{ name: docker.io/acme/web, newName: quay.io/acme/app, digest: '"
            + DIGEST
            + "' }]\n");
    GateReport report = tree.offline(kustomize("overlays/local"));
    assertThat(report.objects()).isEqualTo(1);
    assertThat(report.findings()).isEmpty();
  }

  @Test
  void imageOfABase_isTracedToTheBasesFile() {
    overlay("");
    Finding finding = only(tree.offline(kustomize("overlays/local")), "docker-hub");
    assertThat(finding.file()).isEqualTo("base/deployment.yaml");
    assertThat(finding.line()).isEqualTo(8);
  }

  @Test
  void patchThatDoesNotExist_isRefusedWithItsLine() {
    overlay("patches:\n  - path: missing.yaml\n");
    Finding finding = only(tree.offline(kustomize("overlays/local")), "render");
    assertThat(finding.message()).contains("missing.yaml").doesNotContain(directory.toString());
    assertThat(finding.file()).isEqualTo("overlays/local/kustomization.yaml");
    assertThat(finding.line()).isEqualTo(3);
  }

  @Test
  void patchWithoutATarget_isRefused() {
    overlay("patches:\n  - path: gone.yaml\n");
    tree.file(
        "overlays/local/gone.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: gone }\nspec: { replicas: 2 }\n");
    assertThat(only(tree.offline(kustomize("overlays/local")), "render").message())
        .contains("gone");
  }

  @Test
  void remoteBase_isNotJudgedOffline() {
    tree.file(
        "overlays/local/kustomization.yaml",
        "resources:\n  - https://github.com/acme/base//deploy?ref=v1\n");
    GateReport report = tree.offline(kustomize("overlays/local"));
    assertThat(report.findings()).isEmpty();
    assertThat(report.skipped())
        .singleElement()
        .satisfies(
            left -> {
              assertThat(left.what()).contains("overlays/local/kustomization.yaml:2");
              assertThat(left.why())
                  .contains("https://github.com/acme/base//deploy?ref=v1", "--online");
            });
  }

  // ---- Argo CD -------------------------------------------------------------------------------

  private static String discovering(String kind, String glob) {
    return """
        targets:
          local: { platforms: [linux/arm64] }
          dev: { platforms: [linux/amd64] }
        discover: { %s: ["%s"] }
        tools: { helm: "%s", kustomize: "%s" }
        """
        .formatted(kind, glob, TestTree.tools().helm(), TestTree.tools().kustomize());
  }

  private void layered() {
    tree.file("values/_shared/web.yaml", "replicas: 2\n");
    tree.file("values/env/local/web.yaml", "image: { ref: docker.io/acme/web:local }\n");
    tree.file("values/env/dev/web.yaml", "image: { ref: docker.io/acme/web:dev }\n");
  }

  private static Map<String, String> imagesByTarget(GateReport report) {
    return GateTree.of(report, "docker-hub").stream()
        .collect(
            Collectors.toMap(Finding::target, finding -> Objects.requireNonNull(finding.image())));
  }

  @Test
  void applicationSetOverAList_goesToTheTargetsItNames() {
    layered();
    tree.file(
        "argocd/web.yaml",
        """
        apiVersion: argoproj.io/v1alpha1
        kind: ApplicationSet
        metadata: { name: web }
        spec:
          generators:
            - list: { elements: [{ env: local }, { env: dev }, { env: staging }] }
          template:
            metadata: { name: "web-{{env}}" }
            spec:
              destination: { namespace: "acme-{{env}}", server: https://kubernetes.default.svc }
              sources:
                - repoURL: https://git.example.org/acme/gitops
                  path: charts/web
                  helm:
                    valueFiles:
                      - $values/values/_shared/web.yaml
                      - $values/values/env/{{env}}/web.yaml
                - { repoURL: https://git.example.org/acme/gitops, ref: values }
        """);
    GateReport report = tree.offline(discovering("argocd", "argocd/**/*.yaml"));
    assertThat(imagesByTarget(report))
        .isEqualTo(Map.of("local", "docker.io/acme/web:local", "dev", "docker.io/acme/web:dev"));
    assertThat(GateTree.of(report, "render")).isEmpty();
    assertThat(GateTree.of(report, "docker-hub").getFirst().file())
        .isEqualTo("values/env/dev/web.yaml");
  }

  @Test
  void applicationSetOverGitFiles_takesTheirContent() {
    layered();
    tree.file(
        "environments/dev/web/component.yaml",
        "name: web\nenv: dev\nchart: { path: charts/web }\n");
    tree.file(
        "environments/local/web/component.yaml",
        "name: web\nenv: local\nchart: { path: charts/web }\n");
    tree.file(
        "argocd/components.yaml",
        """
        apiVersion: argoproj.io/v1alpha1
        kind: ApplicationSet
        metadata: { name: components }
        spec:
          goTemplate: true
          generators:
            - git: { repoURL: x, revision: main, files: [{ path: "environments/**/component.yaml" }] }
          template:
            metadata: { name: "{{ .name }}-{{ .env | lower }}" }
            spec:
              destination: { namespace: "acme-{{ .env }}", name: "{{ index .path.segments 1 }}" }
              source:
                repoURL: x
                path: "{{ .chart.path }}"
                helm:
                  valueFiles: ["/values/_shared/{{ .path.basename }}.yaml", "../../values/env/{{ .env }}/web.yaml"]
        """);
    GateReport report = tree.offline(discovering("argocd", "argocd/**/*.yaml"));
    assertThat(imagesByTarget(report))
        .isEqualTo(Map.of("local", "docker.io/acme/web:local", "dev", "docker.io/acme/web:dev"));
  }

  @Test
  void applicationSetOverDirectories_rendersEach() {
    overlay("");
    tree.file("apps/dev/web/kustomization.yaml", "resources: [../../../base]\n");
    tree.file("apps/dev/old/kustomization.yaml", "resources: [../../../base]\n");
    tree.file(
        "argocd/apps.yaml",
        """
        apiVersion: argoproj.io/v1alpha1
        kind: ApplicationSet
        metadata: { name: apps }
        spec:
          generators:
            - matrix:
                generators:
                  - list: { elements: [{ env: dev }] }
                  - git: { repoURL: x, directories: [{ path: "apps/{{env}}/*" }, { path: "apps/*/old", exclude: true }] }
          template:
            metadata: { name: "{{path.basename}}-{{env}}" }
            spec:
              destination: { namespace: "{{path.basename}}" }
              source: { repoURL: x, path: "{{path}}", kustomize: { images: ["docker.io/acme/web=quay.io/acme/app:2"] } }
        """);
    GateReport report = tree.offline(discovering("argocd", "argocd/**/*.yaml"));
    assertThat(report.objects()).isEqualTo(1);
    assertThat(only(report, "unpinned").image()).isEqualTo("quay.io/acme/app:2");
    assertThat(only(report, "unpinned").target()).isEqualTo("dev");
  }

  @Test
  void templateBeyondUnderstanding_isLeftUnjudged() {
    tree.file(
        "argocd/web.yaml",
        """
        apiVersion: argoproj.io/v1alpha1
        kind: ApplicationSet
        metadata: { name: web }
        spec:
          generators: [{ pullRequest: {} }]
          template: {}
        """);
    GateReport report = tree.offline(discovering("argocd", "argocd/**/*.yaml"));
    assertThat(report.skipped()).hasSize(2);
    assertThat(report.skipped().getFirst().what())
        .contains("ApplicationSet web", "argocd/web.yaml");
  }

  @Test
  void applicationOfAnotherRepository_isRefused() {
    tree.file(
        "argocd/dev/web.yaml",
        """
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: { name: web }
        spec:
          destination: { namespace: web }
          source: { repoURL: https://git.example.org/acme/private, path: deploy/web }
        """);
    tree.file("argocd/production/x.yaml", "kind: List\n");
    Finding finding = only(tree.offline(discovering("argocd", "argocd/**/*.yaml")), "render");
    assertThat(finding.target()).isEqualTo("dev");
    assertThat(finding.message()).contains("deploy/web", "not in the tree");
    assertThat(finding.file()).isEqualTo("argocd/dev/web.yaml");
  }

  // ---- Flux ----------------------------------------------------------------------------------

  @Test
  void fluxKustomizations_areRenderedForTheirCluster() {
    overlay("");
    tree.file("apps/web/overlays/dev/kustomization.yaml", "resources: [../../../../base]\n");
    for (String cluster : List.of("dev", "production")) {
      tree.file(
          "clusters/" + cluster + "/apps.yaml",
          """
          apiVersion: kustomize.toolkit.fluxcd.io/v1
          kind: Kustomization
          metadata: { name: web, namespace: flux-system }
          spec:
            path: ./apps/web/overlays/%s
            sourceRef: { kind: GitRepository, name: flux-system }
            targetNamespace: web
            images: [{ name: docker.io/acme/web, newTag: "${version}" }]
            postBuild: { substitute: { version: "3" } }
          """
              .formatted(cluster));
    }
    GateReport report = tree.offline(discovering("flux", "clusters/**/*.yaml"));
    assertThat(GateTree.of(report, "render")).isEmpty();
    Finding finding = only(report, "docker-hub");
    assertThat(finding.target()).isEqualTo("dev");
    assertThat(finding.image()).isEqualTo("docker.io/acme/web:3");
    assertThat(String.valueOf(finding.object())).isEqualTo("Deployment/web/web");
  }

  @Test
  void helmReleaseInARenderedKustomization_isRenderedToo() {
    tree.file("apps/web/kustomization.yaml", "resources: [release.yaml]\n");
    tree.file(
        "apps/web/release.yaml",
        """
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata: { name: web, namespace: web }
        spec:
          chart: { spec: { chart: ./charts/web, sourceRef: { kind: GitRepository, name: flux-system } } }
          values: { image: { ref: "docker.io/acme/web:4" } }
        """);
    tree.file(
        "clusters/dev/apps.yaml",
        """
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata: { name: apps, namespace: flux-system }
        spec: { path: ./apps/web, sourceRef: { kind: GitRepository, name: flux-system } }
        """);
    GateReport report = tree.offline(discovering("flux", "clusters/**/*.yaml"));
    assertThat(GateTree.of(report, "render")).isEmpty();
    assertThat(only(report, "docker-hub").image()).isEqualTo("docker.io/acme/web:4");
    assertThat(only(report, "docker-hub").target()).isEqualTo("dev");
  }

  private static String kustomization(String path, String more) {
    return """
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata: { name: apps, namespace: flux-system }
        spec:
          path: %s
          sourceRef: { kind: GitRepository, name: flux-system }
        %s"""
        .formatted(path, more.indent(2));
  }

  private static String pod(String name, String image) {
    return """
        apiVersion: v1
        kind: Pod
        metadata: { name: %s }
        spec: { containers: [{ name: a, image: "%s" }] }
        """
        .formatted(name, image);
  }

  @Test
  void fluxKustomizationOfPlainFiles_getsItsImagesNamespaceAndVariables() {
    tree.file("apps/one.yaml", pod("one", "acme/web:1"));
    tree.file("apps/two/two.yaml", pod("two", "acme/${name}:${tag:=7}"));
    tree.file("apps/three/kustomization.yaml", "resources: [three.yaml]\nnamePrefix: x-\n");
    tree.file("apps/three/three.yaml", pod("three", "acme/three:1"));
    tree.file(
        "clusters/dev/vars.yaml",
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: vars, namespace: flux-system }
        data: { name: two, tag: "6" }
        """);
    tree.file(
        "clusters/dev/apps.yaml",
        kustomization(
            "./apps",
            """
            targetNamespace: web
            images: [{ name: acme/web, newTag: "2" }]
            postBuild:
              substituteFrom: [{ kind: ConfigMap, name: vars }]
              substitute: { tag: "8" }
            """));
    GateReport report = tree.offline(discovering("flux", "clusters/**/*.yaml"));
    assertThat(GateTree.of(report, "render")).isEmpty();
    assertThat(GateTree.of(report, "docker-hub"))
        .extracting(finding -> finding.object() + " " + finding.image())
        .containsExactlyInAnyOrder(
            "Pod/web/one docker.io/acme/web:2",
            "Pod/web/two docker.io/acme/two:8",
            "Pod/web/x-three docker.io/acme/three:1");
  }

  @Test
  void valuesFromAConfigMapOfTheTree_areBelowTheReleasesOwn() {
    tree.file(
        "clusters/dev/web.yaml",
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: web, namespace: web }
        data:
          values.yaml: |
            replicas: 3
            image: { ref: "docker.io/acme/web:shared", pullPolicy: Always }
        ---
        """
            + release("valuesFrom: [{ kind: ConfigMap, name: web }]"));
    String check = discovering("flux", "clusters/**/*.yaml");
    GateReport report = tree.offline(check);
    assertThat(only(report, "docker-hub").image()).isEqualTo("docker.io/acme/web:shared");
    assertThat(report.skipped()).noneMatch(left -> left.rule().id().equals("render"));
    tree.file(
        "clusters/dev/web.yaml",
        release(
            "values: { image: { ref: \"docker.io/acme/web:own\" } }",
            "valuesFrom: [{ kind: Secret, name: web }]"));
    assertThat(tree.offline(check).skipped())
        .filteredOn(left -> left.rule().id().equals("render"))
        .singleElement()
        .matches(left -> left.why().contains("Secret web"));
  }

  @Test
  void postRenderers_areLaidOverWhatTheChartPrints() {
    tree.file(
        "clusters/dev/web.yaml",
        release(
            "values: { image: { ref: \"docker.io/acme/web:1\" } }",
            "postRenderers: [{ kustomize: { images: [{ name: docker.io/acme/web, newTag: \"2\" }] } }]"));
    GateReport report = tree.offline(discovering("flux", "clusters/**/*.yaml"));
    assertThat(report.skipped()).noneMatch(left -> left.rule().id().equals("render"));
    Finding finding = only(report, "docker-hub");
    assertThat(finding.image()).isEqualTo("docker.io/acme/web:2");
  }

  /** A release of the chart in the tree, with more lines of its spec. */
  private static String release(String... lines) {
    return """
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata: { name: web, namespace: web }
        spec:
          chart: { spec: { chart: ./charts/web, sourceRef: { kind: GitRepository, name: x } } }
        """
        + Arrays.stream(lines).map("  %s\n"::formatted).collect(Collectors.joining());
  }

  @Test
  void otherRepository_isJudgedFromTheCheckoutThatSourcesNames() throws Exception {
    tree.file(".git/config", "[remote \"origin\"]\n\turl = git@git.example.org:acme/gitops.git\n");
    tree.file(
        "argocd/web.yaml",
        """
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: { name: web, namespace: argocd }
        spec:
          destination: { namespace: web }
          source: { repoURL: "https://git.example.org/acme/gitops", path: apps }
        ---
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: { name: other, namespace: argocd }
        spec:
          destination: { namespace: web }
          source: { repoURL: "https://git.example.org/acme/other", path: deploy }
        """);
    tree.file("apps/pod.yaml", pod("own", GOOD));
    tree.file("deploy/pod.yaml", pod("not-this-one", "docker.io/acme/wrong:1"));
    String check = discovering("argocd", "argocd/*.yaml");
    GateReport without = tree.offline(check);
    assertThat(without.findings()).isEmpty();
    assertThat(without.skipped())
        .filteredOn(left -> left.rule().id().equals("render"))
        .hasSize(2)
        .allSatisfy(left -> assertThat(left.why()).contains("acme/other", "sources:"));
    Path other = directory.resolve("other");
    Files.createDirectories(other.resolve("deploy"));
    Files.writeString(other.resolve("deploy/pod.yaml"), pod("other", "docker.io/acme/other:1"));
    GateReport with =
        tree.offline(check + "sources: { 'https://git.example.org/acme/other': ../other }\n");
    assertThat(GateTree.of(with, "docker-hub"))
        .extracting(Finding::image)
        .containsOnly("docker.io/acme/other:1");
  }

  private static String selected(String selector) {
    return """
        apiVersion: argoproj.io/v1alpha1
        kind: ApplicationSet
        metadata: { name: web }
        spec:
          generators:
            - list: { elements: [{ env: local }, { env: dev }] }
              selector: %s
          template:
            metadata: { name: "web-{{env}}" }
            spec:
              destination: { namespace: "acme-{{env}}" }
              source:
                repoURL: x
                path: charts/web
                helm: { valueFiles: ["../../values/env/{{env}}/web.yaml"] }
        """
        .formatted(selector);
  }

  @Test
  void selectorOfAGenerator_leavesElementsOut() {
    layered();
    for (String selector :
        List.of(
            "{ matchLabels: { env: dev } }",
            "{ matchExpressions: [{ key: env, operator: NotIn, values: [local] }] }")) {
      tree.file("argocd/web.yaml", selected(selector));
      assertThat(imagesByTarget(tree.offline(discovering("argocd", "argocd/**/*.yaml"))))
          .isEqualTo(Map.of("dev", "docker.io/acme/web:dev"));
    }
  }

  @Test
  void applicationsOfAnApplication_areRenderedOnce() {
    layered();
    tree.file("argocd/children/kustomization.yaml", "resources: [web.yaml]\n");
    String application =
        """
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: { name: %s, namespace: argocd }
        spec:
          destination: { namespace: web }
          source: { repoURL: x, path: %s%s }
        """;
    tree.file(
        "argocd/children/web.yaml",
        application.formatted(
            "web", "charts/web", ", helm: { valueFiles: [../../values/env/dev/web.yaml] }"));
    tree.file("argocd/root.yaml", application.formatted("root", "argocd/children", ""));
    for (String glob : List.of("argocd/*.yaml", "argocd/**/*.yaml")) {
      GateReport report = tree.offline(discovering("argocd", glob));
      List<Finding> findings = GateTree.of(report, "docker-hub");
      assertThat(findings).hasSize(1);
      assertThat(findings.getFirst().target()).isEqualTo("dev");
      assertThat(GateTree.of(report, "render")).isEmpty();
    }
  }

  @Test
  void oneOverlayDeployedTwice_collides() {
    tree.file("base/kustomization.yaml", "resources: [role.yaml]\n");
    tree.file(
        "base/role.yaml",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: scraper }\n");
    for (String name : List.of("one", "two")) {
      tree.file(
          "clusters/dev/" + name + ".yaml",
          """
          apiVersion: kustomize.toolkit.fluxcd.io/v1
          kind: Kustomization
          metadata: { name: %s, namespace: flux-system }
          spec: { path: ./base, targetNamespace: %s, sourceRef: { kind: GitRepository, name: x } }
          """
              .formatted(name, name));
    }
    GateReport report = tree.offline(discovering("flux", "clusters/**/*.yaml"));
    assertThat(GateTree.of(report, "render")).isEmpty();
    assertThat(only(report, "cluster-scope-collision").object())
        .isEqualTo(new ObjectName("ClusterRole", null, "scraper"));
  }

  @Test
  void unjudgedEntry_isWaivedByItsFile() {
    tree.file(
        "clusters/dev/redis.yaml",
        """
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata: { name: redis, namespace: redis }
        spec: { chart: { spec: { chart: redis, version: 1.0.0, sourceRef: { kind: HelmRepository, name: r } } } }
        ---
        apiVersion: source.toolkit.fluxcd.io/v1
        kind: HelmRepository
        metadata: { name: r }
        spec: { url: 'https://charts.acme.example' }
        """);
    String check = discovering("flux", "clusters/**/*.yaml");
    assertThat(tree.offline(check).skipped()).hasSize(1);
    GateReport report =
        tree.offline(check + "allow: [{ rule: render, file: 'clusters/**', reason: x }]\n");
    assertThat(report.skipped()).isEmpty();
    assertThat(report.waived()).hasSize(1);
    assertThat(report.passed()).isTrue();
  }
}
