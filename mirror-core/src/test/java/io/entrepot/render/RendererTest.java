package io.entrepot.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.render.Rendering.Failure;
import io.entrepot.render.Rendering.Unrendered;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceMapping;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Argo CD and Flux deploy, rendered by the real programs; skipped where these are missing. */
class RendererTest {

  private static final String GITOPS = "https://git.example.org/acme/gitops";
  private static final String OTHER = "https://git.example.org/acme/other";

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @SuppressWarnings("NullAway.Init")
  private TestTree tree;

  private final SortedMap<String, Path> checkouts = new TreeMap<>();
  private @Nullable String kubernetes;

  @BeforeEach
  void plant() {
    tree = new TestTree(directory.resolve("tree"));
  }

  private Rendering render(RenderEntry... entries) {
    return render(List.of(), List.of(), entries);
  }

  private Rendering flux() {
    return render(List.of(), List.of("flux/*.yaml"));
  }

  private Rendering argocd() {
    return render(List.of("argocd/*.yaml"), List.of());
  }

  private Rendering render(List<String> argocd, List<String> flux, RenderEntry... entries) {
    RenderSettings settings =
        new RenderSettings(
            TestTree.tools(), false, argocd, flux, true, Set.of(GITOPS + ".git"), checkouts);
    return new Renderer(new Sources(tree.root(), checkouts.values()), settings)
        .render(
            List.of(
                new RenderTarget(
                    "dev",
                    "dev",
                    kubernetes,
                    Stream.of(entries)
                        .map(entry -> new RenderTarget.Entry(entry, null))
                        .toList())));
  }

  private static List<String> images(Rendering rendering) {
    List<String> images = new ArrayList<>();
    for (KubernetesObject object : rendering.objects()) {
      Nodes.eachMapping(
          object.root(),
          (path, mapping) -> {
            String image = mapping.text("image");
            if (path.endsWith("]") && image != null) {
              images.add(image);
            }
          });
    }
    images.sort(null);
    return images;
  }

  private static String pod(String name, String... images) {
    StringBuilder containers = new StringBuilder();
    for (String image : images) {
      containers.append(
          "    - { name: c%d, image: \"%s\" }\n".formatted(containers.length(), image));
    }
    return "apiVersion: v1\nkind: Pod\nmetadata: { name: %s }\nspec:\n  containers:\n%s"
        .formatted(name, containers);
  }

  private static String kustomization(String name, String spec) {
    return """
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata: { name: %s, namespace: flux-system }
    spec: { interval: 5m, prune: true, %s }
    """
        .formatted(name, spec);
  }

  private static String git(String name, String url) {
    return """
    ---
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata: { name: %s, namespace: flux-system }
    spec: { interval: 5m, url: "%s" }
    ---
    """
        .formatted(name, url);
  }

  private static String application(String name, String url, String source) {
    return """
    apiVersion: argoproj.io/v1alpha1
    kind: Application
    metadata: { name: %s, namespace: argocd }
    spec:
      destination: { server: "https://kubernetes.default.svc", namespace: web }
      source: { repoURL: "%s", %s }
    """
        .formatted(name, url, source);
  }

  private static final String OWN = "sourceRef: { kind: GitRepository, name: flux-system }";

  private static void assertClean(Rendering rendering) {
    assertThat(rendering.failures()).isEmpty();
    assertThat(rendering.unrendered()).isEmpty();
  }

  // ---- kustomize -----------------------------------------------------------------------------

  private void patchFromOutside() {
    tree.file(
        "apps/web/kustomization.yaml", "resources: [p.yaml]\npatches: [{ path: ../x.yaml }]\n");
    tree.file("apps/web/p.yaml", pod("web", "acme/web:1"));
    tree.file(
        "apps/x.yaml",
        """
        apiVersion: v1
        kind: Pod
        metadata: { name: web }
        spec: { containers: [{ name: c0, image: "acme/web:2" }] }
        """);
  }

  @Test
  void flux_readsFilesBesideTheDirectory() {
    patchFromOutside();
    tree.file("flux/web.yaml", kustomization("web", "path: ./apps/web, " + OWN));
    Rendering rendering = flux();
    assertClean(rendering);
    assertThat(images(rendering)).containsExactly("acme/web:2");
  }

  @Test
  void argocd_keepsKustomizesRestriction() {
    patchFromOutside();
    tree.file("argocd/web.yaml", application("web", GITOPS, "path: apps/web"));
    assertThat(argocd().failures())
        .singleElement()
        .satisfies(failure -> assertThat(failure.message()).contains("not in or below"));
  }

  private void component() {
    tree.file("apps/web/kustomization.yaml", "resources: [p.yaml]\n");
    tree.file("apps/web/p.yaml", pod("web", "acme/web:1"));
    tree.file(
        "components/side/kustomization.yaml",
        """
        apiVersion: kustomize.config.k8s.io/v1alpha1
        kind: Component
        images: [{ name: acme/web, newTag: "9" }]
        """);
  }

  @Test
  void components_areRelativeToTheirPath() {
    component();
    tree.file(
        "flux/web.yaml",
        kustomization("web", "path: apps/web, components: [../../components/side], " + OWN));
    tree.file(
        "argocd/web.yaml",
        application(
            "web", GITOPS, "path: apps/web, kustomize: { components: [../../components/side] }"));
    for (Rendering rendering : List.of(flux(), argocd())) {
      assertClean(rendering);
      assertThat(images(rendering)).containsExactly("acme/web:9");
    }
  }

  @Test
  void componentThatIsNotThere_isAFailure_unlessItMayBeMissing() {
    component();
    String spec = "path: apps/web, components: [../../components/none], " + OWN;
    tree.file("flux/web.yaml", kustomization("web", spec));
    assertThat(flux().failures())
        .singleElement()
        .satisfies(failure -> assertThat(failure.message()).contains("components/none"));
    tree.file("flux/web.yaml", kustomization("web", "ignoreMissingComponents: true, " + spec));
    assertClean(flux());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "helmCharts:\n  - { name: x, repo: 'https://charts.example.org', version: 1.0.0 }\n",
        "configMapGenerator:\n  - name: x\n    files: ['a.json=https://raw.example.org/a.json']\n",
        "configMapGenerator:\n  - name: x\n    envs: ['https://raw.example.org/a.env']\n",
        "secretGenerator:\n  - name: x\n    files: ['https://raw.example.org/a']\n",
        "resources: [p.yaml]\npatches:\n  - path: https://raw.example.org/p.yaml\n",
        "resources: [p.yaml]\nreplacements:\n  - path: https://raw.example.org/r.yaml\n",
        "resources:\n  - https://raw.example.org/crds.yaml\n",
        "resources:\n  - github.com/acme/base//deploy?ref=v1\n",
        "resources: [p.yaml]\ncomponents:\n  - https://git.example.org/acme/x//c?ref=v1\n",
        "resources: [p.yaml]\ntransformers:\n  - https://raw.example.org/t.yaml\n",
        "resources: [p.yaml]\nconfigurations:\n  - https://raw.example.org/c.yaml\n",
        "resources: [p.yaml]\nopenapi:\n  path: https://raw.example.org/schema.json\n",
      })
  void whatKustomizeWouldFetch_isNamedAndNotAFailure(String text) {
    tree.file("apps/x/kustomization.yaml", text).file("apps/x/p.yaml", pod("x", "acme/x:1"));
    Rendering rendering =
        render(RenderEntry.Kustomize.of("apps/x", null, FilePosition.of("check.yaml", 3)));
    assertThat(rendering.failures()).isEmpty();
    assertThat(rendering.unrendered())
        .singleElement()
        .satisfies(
            left -> {
              assertThat(left.what()).contains("apps/x");
              assertThat(String.valueOf(left.position())).startsWith("apps/x/kustomization.yaml:");
              assertThat(left.why()).contains("--online").doesNotContain("127.0.0.1");
            });
    assertThat(rendering.isComplete("dev")).isFalse();
  }

  @Test
  void chartBesideTheKustomization_isNotFetched() {
    tree.file(
        "apps/x/kustomization.yaml",
        "helmCharts:\n"
            + "  - { name: x, repo: 'https://charts.example.org', version: 1.0.0, releaseName: x"
            + " }\n");
    tree.file("apps/x/charts/x-1.0.0/x/Chart.yaml", "apiVersion: v2\nname: x\nversion: 1.0.0\n");
    tree.file("apps/x/charts/x-1.0.0/x/values.yaml", "a: 1\n");
    tree.file("apps/x/charts/x-1.0.0/x/templates/p.yaml", pod("x", "acme/x:1"));
    Rendering rendering =
        render(RenderEntry.Kustomize.of("apps/x", null, FilePosition.of("check.yaml", 3)));
    assertClean(rendering);
    assertThat(images(rendering)).containsExactly("acme/x:1");
  }

  // ---- repositories --------------------------------------------------------------------------

  @Test
  void sourcesOfAnotherRepository_areNotAtHand_andNothingIsTakenFromHereInstead() {
    tree.file("apps/web/kustomization.yaml", "resources: [p.yaml]\n");
    tree.file("apps/web/p.yaml", pod("web", "acme/web:1"));
    tree.file(
        "flux/all.yaml",
        git("flux-system", GITOPS)
            + git("other", OTHER)
            + kustomization("web", "path: apps/web, " + OWN)
            + "---\n"
            + kustomization(
                "twin", "path: apps/web, sourceRef: { kind: GitRepository, name: other }")
            + "---\n"
            + kustomization(
                "artifact", "path: apps/web, sourceRef: { kind: OCIRepository, name: other }")
            + """
            ---
            apiVersion: helm.toolkit.fluxcd.io/v2
            kind: HelmRelease
            metadata: { name: shop, namespace: shop }
            spec: { chart: { spec: { chart: charts/shop, sourceRef: { kind: GitRepository, name: other } } } }
            """);
    Rendering rendering = flux();
    assertThat(rendering.failures()).isEmpty();
    assertThat(images(rendering)).containsExactly("acme/web:1");
    assertThat(rendering.unrendered())
        .extracting(Unrendered::what)
        .containsExactly("Kustomization twin", "Kustomization artifact", "HelmRelease shop");
    assertThat(rendering.unrendered().getFirst().why()).contains(OTHER, "sources:");
  }

  @Test
  void applicationOfAnotherRepository_isNotAtHand() {
    tree.file("apps/web/p.yaml", pod("web", "acme/web:1"));
    tree.file(
        "argocd/all.yaml",
        application("web", "git@git.example.org:acme/gitops.git", "path: apps/web")
            + "---\n"
            + application("twin", OTHER, "path: apps/web"));
    Rendering rendering = argocd();
    assertThat(rendering.failures()).isEmpty();
    assertThat(images(rendering)).containsExactly("acme/web:1");
    assertThat(rendering.unrendered())
        .extracting(Unrendered::what)
        .containsExactly("Application twin");
  }

  @Test
  void pathThatTheTreeItselfLacks_isAFailure() {
    tree.file("argocd/web.yaml", application("web", GITOPS, "path: apps/none"));
    tree.file(
        "flux/web.yaml",
        git("flux-system", GITOPS) + kustomization("web", "path: apps/none, " + OWN));
    for (Rendering rendering : List.of(flux(), argocd())) {
      assertThat(rendering.unrendered()).isEmpty();
      assertThat(rendering.failures())
          .singleElement()
          .satisfies(failure -> assertThat(failure.message()).contains("apps/none"));
    }
  }

  @Test
  void checkoutOfAnotherRepository_isRendered() {
    Path checkout = directory.resolve("other");
    checkouts.put(OTHER, checkout);
    new TestTree(checkout)
        .file("deploy/p.yaml", pod("deploy", "acme/deploy:1"))
        .file("over/kustomization.yaml", "resources: [p.yaml]\n")
        .file("over/p.yaml", pod("over", "acme/over:1"))
        .file("chart/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n")
        .file("chart/templates/p.yaml", pod("chart", "acme/{{ .Values.name }}:1"))
        .file("env/dev.yaml", "name: chart\n");
    tree.file(
        "argocd/all.yaml",
        application("own", GITOPS, "path: apps")
            + "---\n"
            + application("plain", OTHER, "path: deploy")
            + "---\n"
            + application("over", "git@git.example.org:acme/other.git", "path: over")
            + "---\n"
            + application("chart", OTHER, "path: chart, helm: { valueFiles: [../env/dev.yaml] }"));
    tree.file("apps/p.yaml", pod("own", "acme/own:1"));
    Rendering rendering = argocd();
    assertClean(rendering);
    assertThat(images(rendering))
        .containsExactly("acme/chart:1", "acme/deploy:1", "acme/over:1", "acme/own:1");
  }

  // ---- what is rendered asks for more --------------------------------------------------------

  @Test
  void applicationThatAnEntryRenders_isFollowed() {
    tree.file("root/kustomization.yaml", "resources: [app.yaml]\n");
    tree.file("root/app.yaml", application("shop", GITOPS, "path: apps/shop"));
    tree.file("apps/shop/kustomization.yaml", "resources: [p.yaml]\n");
    tree.file("apps/shop/p.yaml", pod("shop", "acme/shop:1"));
    RenderEntry root = RenderEntry.Kustomize.of("root", null, FilePosition.of("check.yaml", 3));
    RenderEntry shop =
        RenderEntry.Kustomize.of("apps/shop", null, FilePosition.of("check.yaml", 4));
    assertThat(images(render(root))).containsExactly("acme/shop:1");
    assertThat(images(render(root, shop))).as("named itself").containsExactly("acme/shop:1");
  }

  @Test
  void applicationSetThatGivesNothing_isSaid() {
    tree.file(
        "argocd/set.yaml",
        """
        apiVersion: argoproj.io/v1alpha1
        kind: ApplicationSet
        metadata: { name: shops }
        spec:
          generators: [{ git: { repoURL: "%s", directories: [{ path: "apps/*" }] } }]
          template:
            metadata: { name: "{{path.basename}}" }
            spec: { destination: { namespace: x }, source: { repoURL: "%s", path: "{{path}}" } }
        """
            .formatted(GITOPS, GITOPS));
    assertThat(argocd().unrendered())
        .singleElement()
        .satisfies(
            left -> {
              assertThat(left.what()).isEqualTo("ApplicationSet shops");
              assertThat(left.position()).isEqualTo(FilePosition.of("argocd/set.yaml", 1));
            });
  }

  @Test
  void suspended_isNotDeployed_andSaid() {
    tree.file("apps/web/p.yaml", pod("web", "acme/web:1"));
    tree.file("flux/web.yaml", kustomization("web", "suspend: true, path: apps/web, " + OWN));
    Rendering rendering = flux();
    assertThat(rendering.failures()).isEmpty();
    assertThat(rendering.objects()).extracting(KubernetesObject::kind).isEmpty();
    assertThat(rendering.unrendered())
        .singleElement()
        .matches(each -> each.what().equals("Kustomization web") && !each.brings())
        .matches(each -> each.why().contains("spec.suspend"));
  }

  @Test
  void variables_fromConfigMapsAndSecretsOfTheTree_withDefaults() {
    tree.file("apps/web/kustomization.yaml", "resources: [p.yaml]\n");
    tree.file(
        "apps/web/p.yaml",
        pod(
            "web",
            "acme/${one}:${two}",
            "acme/${three:=3}:1",
            "acme/x:$${literal}",
            "acme/y:${four:-4}"));
    tree.file(
        "flux/web.yaml",
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: vars, namespace: flux-system }
        data: { one: first }
        ---
        apiVersion: v1
        kind: Secret
        metadata: { name: vars, namespace: flux-system }
        data: { two: c2Vjb25k }
        ---
        """
            + kustomization(
                "web",
                "path: apps/web, postBuild: { substituteFrom: [{ kind: ConfigMap, name: vars }, {"
                    + " kind: Secret, name: vars }] }, "
                    + OWN));
    Rendering rendering = flux();
    assertClean(rendering);
    assertThat(images(rendering))
        .containsExactly("acme/3:1", "acme/first:second", "acme/x:${literal}", "acme/y:4");
  }

  // ---- helm ----------------------------------------------------------------------------------

  private void chart(String path, String more) {
    tree.file(path + "/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n" + more);
  }

  private Rendering chartOf(String path) {
    return render(
        new RenderEntry.Helm(
            path,
            null,
            null,
            "c",
            null,
            List.of(),
            null,
            HelmOptions.NONE,
            false,
            FilePosition.of("check.yaml", 3)));
  }

  private Map<Path, String> files() {
    Map<Path, String> files = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(tree.root())) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        files.put(path, Files.readString(path));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  @Test
  void dependencyInTheTree_isBuiltInACopy() {
    chart(
        "charts/c", "dependencies: [{ name: lib, version: 1.0.0, repository: 'file://../lib' }]\n");
    tree.file("charts/lib/Chart.yaml", "apiVersion: v2\nname: lib\nversion: 1.0.0\n");
    tree.file("charts/lib/templates/p.yaml", pod("lib", "acme/lib:1"));
    Map<Path, String> before = files();
    Rendering rendering = chartOf("charts/c");
    assertClean(rendering);
    assertThat(images(rendering)).containsExactly("acme/lib:1");
    assertThat(rendering.objects().getFirst().origin().file())
        .isEqualTo("charts/lib/templates/p.yaml");
    assertThat(files()).isEqualTo(before);
  }

  @Test
  void dependencyOfARegistry_isNamed_unlessItIsVendored() {
    chart(
        "charts/c",
        "dependencies: [{ name: lib, version: 1.0.0, repository: 'https://charts.example.org'"
            + " }]\n");
    Rendering rendering = chartOf("charts/c");
    assertThat(rendering.failures()).isEmpty();
    assertThat(rendering.unrendered())
        .singleElement()
        .satisfies(
            left -> assertThat(left.why()).contains("the chart lib of https://charts.example.org"));
    tree.file("charts/c/charts/lib/Chart.yaml", "apiVersion: v2\nname: lib\nversion: 1.0.0\n");
    tree.file("charts/c/charts/lib/templates/p.yaml", pod("lib", "acme/lib:1"));
    rendering = chartOf("charts/c");
    assertClean(rendering);
    assertThat(images(rendering)).containsExactly("acme/lib:1");
  }

  @Test
  void dependencyInADirectoryThatIsNotThere_isAFailure() {
    chart(
        "charts/c",
        "dependencies: [{ name: lib, version: 1.0.0, repository: 'file://../none' }]\n");
    assertThat(chartOf("charts/c").failures())
        .singleElement()
        .extracting(Failure::message)
        .asString()
        .contains("lib")
        .doesNotContain(directory.toString(), "entrepot-chart");
  }

  @Test
  void chart_isToldTheVersionOfItsTarget() {
    chart("charts/c", "");
    tree.file(
        "charts/c/templates/p.yaml", pod("c", "acme/c:{{ .Capabilities.KubeVersion.Version }}"));
    kubernetes = "1.31.4";
    assertThat(images(chartOf("charts/c"))).containsExactly("acme/c:v1.31.4");
  }

  @Test
  void schemaThatWouldBeFetched_isNotJudged() {
    chart("charts/c", "");
    tree.file(
        "charts/c/values.schema.json",
        "{ \"properties\": { \"a\": { \"$ref\": \"https://schemas.example.org/a.json\" } } }");
    tree.file("charts/c/templates/p.yaml", pod("c", "acme/c:1"));
    Rendering rendering = chartOf("charts/c");
    assertThat(rendering.failures()).isEmpty();
    assertThat(rendering.unrendered())
        .allSatisfy(
            left ->
                assertThat(left.why()).contains("schemas.example.org").doesNotContain("127.0.0.1"));
  }

  @Test
  void applicationAtTheRootOfItsRepository_isFound() {
    tree.file("kustomization.yaml", "resources: [p.yaml]\n").file("p.yaml", pod("c", "acme/c:1"));
    tree.file(
        "side/kustomization.yaml",
        """
        apiVersion: kustomize.config.k8s.io/v1alpha1
        kind: Component
        images: [{ name: acme/c, newTag: "2" }]
        """);
    tree.file(
        "argocd/root.yaml",
        application("root", GITOPS, "path: ., kustomize: { components: [side] }"));
    Rendering rendering = argocd();
    assertClean(rendering);
    assertThat(images(rendering)).containsExactly("acme/c:2");
  }

  @Test
  void argocdsHelmOptions_arriveAtTheChart() {
    chart("charts/c", "");
    tree.file("charts/c/values.yaml", "tag: ''\nhosts: ''\nfile: ''\n");
    tree.file(
        "charts/c/templates/p.yaml",
        """
        {{- if .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" }}
        apiVersion: v1
        kind: Pod
        metadata: { name: c }
        spec:
          containers:
            - { name: a, image: "acme/a:{{ .Values.tag }}" }
            - { name: b, image: "acme/b:{{ .Values.hosts | replace "," "_" }}" }
            - { name: c, image: "acme/c:{{ .Capabilities.KubeVersion.Version }}" }
            - { name: d, image: "acme/d:{{ .Values.file | trim }}" }
            - { name: e, image: "acme/e:{{ index .Values.list 1 }}" }
        {{- end }}
        """);
    tree.file(
        "charts/c/crds/x.yaml",
        """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: { name: x }
        """);
    tree.file("charts/c/tag.txt", "from-file\n");
    tree.file(
        "argocd/c.yaml",
        application(
            "c",
            GITOPS,
            """
            path: charts/c, helm: { skipCrds: true, kubeVersion: "1.31.4", apiVersions: [monitoring.coreos.com/v1],
                fileParameters: [{ name: file, path: tag.txt }],
                parameters: [{ name: tag, value: "1.10", forceString: true }, { name: hosts, value: "a,b" }, { name: list, value: "{x,y}" }] }
            """));
    Rendering rendering = argocd();
    assertClean(rendering);
    assertThat(images(rendering))
        .containsExactly(
            "acme/a:1.10", "acme/b:a_b", "acme/c:v1.31.4", "acme/d:from-file", "acme/e:y");
    assertThat(rendering.objects())
        .extracting(KubernetesObject::kind)
        .doesNotContain("CustomResourceDefinition");
  }

  @Test
  void excludedFilesOfADirectory_areLeftOut() {
    tree.file("apps/web/p.yaml", pod("web", "acme/web:1"));
    tree.file("apps/web/test/q.yaml", pod("test", "acme/test:1"));
    tree.file(
        "argocd/web.yaml",
        application(
            "web", GITOPS, "path: apps/web, directory: { recurse: true, exclude: 'test/*' }"));
    Rendering rendering = argocd();
    assertClean(rendering);
    assertThat(images(rendering)).containsExactly("acme/web:1");
  }

  @Test
  void plugin_isNotJudged() {
    tree.file("apps/web/p.yaml", pod("web", "acme/web:1"));
    tree.file(
        "argocd/web.yaml", application("web", GITOPS, "path: apps/web, plugin: { name: cue }"));
    assertThat(argocd().unrendered())
        .singleElement()
        .satisfies(left -> assertThat(left.why()).contains("plugin"));
  }

  @Test
  void postRenderers_replaceImages_andTemplatesAreStillNamed() {
    chart("charts/c", "");
    tree.file("charts/c/templates/p.yaml", pod("c", "docker.io/acme/c:1"));
    tree.file(
        "flux/c.yaml",
        """
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata: { name: c, namespace: web }
        spec:
          chart: { spec: { chart: charts/c, sourceRef: { kind: GitRepository, name: flux-system } } }
          postRenderers:
            - kustomize: { images: [{ name: docker.io/acme/c, newName: ghcr.io/acme/c }] }
            - kustomize:
                patches:
                  - { target: { kind: Pod }, patch: "- { op: replace, path: /spec/containers/0/name, value: z }" }
        """);
    Rendering rendering = flux();
    assertClean(rendering);
    assertThat(images(rendering)).containsExactly("ghcr.io/acme/c:1");
    KubernetesObject pod = rendering.objects().getLast();
    assertThat(pod.origin().file()).isEqualTo("charts/c/templates/p.yaml");
    SourceMapping container = Nodes.mappings(pod.root(), "spec", "containers").getFirst();
    assertThat(container.text("name")).isEqualTo("z");
  }
}
