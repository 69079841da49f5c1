package io.entrepot.pin;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.render.RenderTools;
import io.entrepot.render.TestTree;
import io.entrepot.sites.FloatingTags;
import io.entrepot.sites.LeftReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plans that are held against what helm and kustomize make of them. */
final class TreeProofTest {

  private static final String SOURCE = "docker.io/library/redis:7.2";
  private static final String PINNED = Locks.MIRROR + "/redis:7.2@" + Locks.digest(SOURCE);
  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: cache}
      spec:
        containers:
          - name: redis
            image: redis:7.2
      """;
  private static final String CHART = "apiVersion: v2\nname: app\nversion: 1.0.0\n";

  @TempDir Path tree = Path.of("");

  @Test
  void soundPlan_isProved_andTheTreeIsNotTouched() throws IOException {
    write("base/pod.yaml", POD);
    write("base/kustomization.yaml", "resources: [pod.yaml]\n");
    write("overlays/prod/kustomization.yaml", "resources: [../../base]\nnamePrefix: prod-\n");

    PinPlan plan = plan(TestTree.tools());

    assertThat(plan.edits()).hasSize(1);
    assertThat(plan.proof().proved())
        .containsExactlyInAnyOrder("kustomization base", "kustomization overlays/prod");
    assertThat(plan.proof().unproved()).isEmpty();
    assertThat(tree.resolve("base/pod.yaml")).hasContent(POD);
  }

  @Test
  void editThatABuildDoesNotBear_isTakenBackAndNamed_othersStay() throws IOException {
    write("base/pod.yaml", POD);
    write("base/kustomization.yaml", "resources: [pod.yaml]\n");
    write(
        "overlays/prod/kustomization.yaml",
        """
        resources: [../../base]
        replacements:
          - source: {kind: Pod, fieldPath: "spec.containers.0.image", options: {delimiter: ":", index: 1}}
            targets:
              - select: {kind: Pod}
                fieldPaths: [metadata.labels.version]
                options: {create: true}
        """);
    write("jobs/pod.yaml", POD);
    write("jobs/kustomization.yaml", "resources: [pod.yaml]\n");

    PinPlan plan = plan(TestTree.tools());

    assertThat(plan.edits()).extracting(SiteEdit::file).containsExactly(shown("jobs/pod.yaml"));
    assertThat(plan.left())
        .singleElement()
        .matches(left -> left.kind() == LeftReason.RENDERS_OTHERWISE && left.kind().blocks())
        .matches(left -> left.file().equals(shown("base/pod.yaml")) && left.line() == 7)
        .satisfies(
            left ->
                assertThat(left.reason())
                    .contains("kustomization overlays/prod", "metadata.labels.version"));
    assertThat(plan.proof().proved()).containsExactly("kustomization jobs");
  }

  @Test
  void tagThatTheChartPrintsIntoALabel_isTakenBack_theOtherImageOfTheFileIsNot()
      throws IOException {
    write("charts/app/Chart.yaml", CHART);
    write(
        "charts/app/values.yaml",
        "image:\n  repository: redis\n  tag: \"7.2\"\nsidecar:\n  image: redis:7.2\n");
    write(
        "charts/app/templates/pod.yaml",
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: cache
          labels: {version: "{{ .Values.image.tag }}"}
          annotations: {once: "{{ randAlphaNum 8 }}"}
        spec:
          containers:
            - name: redis
              image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
            - name: sidecar
              image: {{ .Values.sidecar.image }}
        """);

    PinPlan plan = plan(TestTree.tools());

    assertThat(plan.edits()).extracting(SiteEdit::path).containsOnly("sidecar.image");
    assertThat(plan.left())
        .filteredOn(left -> left.file().endsWith("values.yaml"))
        .singleElement()
        .matches(left -> left.path().equals("image"));
    assertThat(plan.proof().proved()).containsExactly("helm release 'entrepot' of charts/app");
  }

  @Test
  void chartThatReadsAnotherField_getsItsDigestThere() throws IOException {
    write("charts/app/Chart.yaml", CHART);
    write("charts/app/values.yaml", "image:\n  repository: redis\n  tag: \"7.2\"\n");
    write(
        "charts/app/templates/pod.yaml",
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: cache
          labels: {version: "{{ .Values.image.tag }}"}
        spec:
          containers:
            - name: redis
              image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}{{ with .Values.image.digest }}@{{ . }}{{ end }}"
        """);

    PinPlan plan = plan(TestTree.tools());

    assertThat(plan.files())
        .filteredOn(FilePlan::changes)
        .singleElement()
        .satisfies(file -> assertThat(file.after()).contains("tag: \"7.2\"\n  digest: "));
    assertThat(plan.proof().proved()).hasSize(1);
  }

  @Test
  void releaseOfAChartInTheTree_isRenderedWithItsValues() throws IOException {
    write("charts/app/Chart.yaml", CHART);
    write("charts/app/values.yaml", "image: {}\n");
    write(
        "charts/app/templates/pod.yaml",
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: cache}
        spec:
          containers:
            - name: redis
              image: "docker.io/{{ .Values.image.repository }}:{{ .Values.image.tag }}"
        """);
    write(
        "apps/cache.yaml",
        """
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: cache}
        spec:
          destination: {server: https://kubernetes.default.svc}
          source:
            repoURL: https://git.example.com/acme/tree
            path: charts/app
            helm: {valueFiles: [../../env/prod/cache.yaml]}
        """);
    write("env/prod/cache.yaml", "image:\n  repository: library/redis\n  tag: \"7.2\"\n");

    PinPlan plan = plan(TestTree.tools());

    assertThat(plan.edits()).isEmpty();
    assertThat(plan.left())
        .filteredOn(left -> left.kind() == LeftReason.RENDERS_OTHERWISE)
        .singleElement()
        .satisfies(left -> assertThat(left.reason()).contains("docker.io/" + Locks.MIRROR));
  }

  @Test
  void editOfOneDocument_isTakenBack_theSamePathOfAnotherIsNot() throws IOException {
    write(
        "base/pods.yaml",
        POD
            + "---\n"
            + POD.replace("name: cache", "name: other").replace("redis:7.2", "busybox:1"));
    write("base/kustomization.yaml", "resources: [pods.yaml]\n");
    write(
        "prod/kustomization.yaml",
        """
        resources: [../base]
        replacements:
          - source: {kind: Pod, name: other, fieldPath: "spec.containers.0.image", options: {delimiter: ":", index: 1}}
            targets:
              - select: {kind: Pod}
                fieldPaths: [metadata.labels.version]
                options: {create: true}
        """);

    PinPlan plan = plan(TestTree.tools());

    assertThat(plan.edits()).extracting(SiteEdit::line).containsExactly(7);
    assertThat(plan.left()).extracting(Left::line).containsExactly(15);
  }

  @Test
  void valuesFilesByPattern_areLaidOverTheChart() throws IOException {
    write("charts/app/Chart.yaml", CHART);
    write("charts/app/values.yaml", "image: {}\n");
    write(
        "charts/app/templates/pod.yaml",
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: cache}
        spec:
          containers:
            - name: redis
              image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
        """);
    write(
        "apps/cache.yaml",
        """
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: cache}
        spec:
          destination: {server: https://kubernetes.default.svc}
          source:
            repoURL: https://git.example.com/acme/tree
            path: charts/app
            helm: {valueFiles: ["../../env/*.yaml"]}
        """);
    write("env/10.yaml", "image:\n  repository: redis\n  tag: \"7.2\"\n");

    PinPlan plan = plan(TestTree.tools());

    assertThat(plan.edits()).isNotEmpty();
    assertThat(plan.proof().proved())
        .containsExactly("helm release 'cache' of charts/app with env/*.yaml");
    assertThat(plan.proof().unproved()).isEmpty();
  }

  @Test
  void whatWouldHaveToBeFetched_isSaidAndNotProved() throws IOException {
    write("base/pod.yaml", POD);
    write(
        "base/kustomization.yaml",
        "resources: [pod.yaml, \"https://example.invalid/more.yaml\"]\n");

    PinPlan plan = plan(TestTree.tools());

    assertThat(plan.edits()).hasSize(1);
    assertThat(plan.proof().proved()).isEmpty();
    assertThat(plan.proof().unproved())
        .singleElement()
        .satisfies(
            each ->
                assertThat(each.what() + each.reason())
                    .contains("kustomization base", "https://example.invalid/more.yaml"));
  }

  @Test
  void withoutThePrograms_theFilesDecide_andItIsSaid() throws IOException {
    write("base/pod.yaml", POD);
    write("base/kustomization.yaml", "resources: [pod.yaml]\n");
    String nowhere = tree.resolve("nowhere").toString();

    PinPlan plan = plan(new RenderTools(nowhere, nowhere, RenderTools.DEFAULTS.timeout()));

    assertThat(plan.edits()).extracting(SiteEdit::replacement).containsExactly(PINNED);
    assertThat(plan.proof().unproved())
        .singleElement()
        .matches(each -> each.reason().contains("cannot be started"));
  }

  private PinPlan plan(RenderTools tools) throws IOException {
    PinSource source =
        new LockSource(Locks.of(Map.of(SOURCE, Locks.MIRROR + "/redis:7.2")), FloatingTags.DEFAULT);
    return new Pinner(PinRules.DEFAULT, source, null, tools).plan(List.of(tree), List.of());
  }

  private String shown(String path) {
    return tree.resolve(path).toString();
  }

  private void write(String path, String text) throws IOException {
    Path file = tree.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
