package io.entrepot.pin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.Tag;
import io.entrepot.registry.RegistryClient;
import io.entrepot.render.TestTree;
import io.entrepot.sites.LeftReason;
import io.entrepot.testing.TestClients;
import io.entrepot.testing.TestRegistry;
import io.entrepot.text.Glob;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What bump and promote plan, held against what helm and kustomize make of it. */
@Timeout(120)
final class MovedVersionProofTest {

  private static final Vertx VERTX = Vertx.vertx();
  private static final String OLD = "sha256:" + "1".repeat(64);
  private static final String NEW = "sha256:" + "2".repeat(64);
  private static final String CHART = "apiVersion: v2\nname: app\nversion: 1.0.0\n";
  private static final String DEPLOYMENT =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: api
        labels: {app.kubernetes.io/version: "{{ .Values.image.tag }}"}
      spec:
        selector: {matchLabels: {app: api}}
        template:
          metadata: {labels: {app: api}}
          spec:
            containers:
              - name: api
                image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}{{ with .Values.image.digest }}@{{ . }}{{ end }}"
      """;

  private final TestRegistry registry = TestRegistry.start();
  private final RegistryClient client = TestClients.impatient(VERTX);

  @TempDir Path tree = Path.of("");

  @AfterAll
  static void stop() {
    VERTX.close().await();
  }

  @AfterEach
  void close() {
    client.close();
    registry.close();
  }

  @Test
  void bump_ofABase_isProvedInEveryOverlay() throws IOException {
    String now = pushed();
    write("base/pod.yaml", pod(image("main@" + OLD)));
    write("base/kustomization.yaml", "resources: [pod.yaml]\n");
    write("prod/kustomization.yaml", "resources: [../base]\nnamePrefix: prod-\n");

    PinPlan plan = bump();

    assertThat(plan.edits())
        .extracting(SiteEdit::replacement)
        .containsExactly(registry.name() + "/acme/api@" + now);
    assertThat(plan.proof().proved())
        .containsExactlyInAnyOrder("kustomization base", "kustomization prod");
  }

  @Test
  void bump_whoseTextAlsoFeedsAnotherField_isTakenBackAndNamed_theOtherImageMoves()
      throws IOException {
    pushed();
    write("base/pod.yaml", pod(image("main@" + OLD)));
    write("base/kustomization.yaml", "resources: [pod.yaml]\n");
    write(
        "prod/kustomization.yaml",
        """
        resources: [../base]
        replacements:
          - source: {kind: Pod, fieldPath: "spec.containers.0.image", options: {delimiter: "@", index: 1}}
            targets:
              - select: {kind: Pod}
                fieldPaths: [metadata.annotations.runs]
                options: {create: true}
        """);
    write("jobs/pod.yaml", pod(image("main@" + OLD)));
    write("jobs/kustomization.yaml", "resources: [pod.yaml]\n");

    PinPlan plan = bump();

    assertThat(plan.edits()).extracting(SiteEdit::file).containsExactly(shown("jobs/pod.yaml"));
    assertThat(plan.left())
        .singleElement()
        .matches(left -> left.kind() == LeftReason.RENDERS_OTHERWISE && left.kind().blocks())
        .satisfies(
            left ->
                assertThat(left.reason())
                    .contains("kustomization prod", "metadata.annotations.runs"));
    assertThat(plan.blocked()).isTrue();
  }

  @Test
  void bump_ofATagThatALabelSays_movesTheLabelWithTheVersion() throws IOException {
    String now = pushed();
    write("app/Chart.yaml", CHART);
    write("app/templates/api.yaml", DEPLOYMENT);
    write("app/values.yaml", values("1.4", OLD));

    PinPlan plan = bump();

    assertThat(after(plan)).isEqualTo(values("main", now));
    assertThat(plan.left()).isEmpty();
    assertThat(plan.proof().proved()).hasSize(1);
  }

  @Test
  void bump_ofATagThatASelectorSays_isLeft() throws IOException {
    pushed();
    write("app/Chart.yaml", CHART);
    write(
        "app/templates/api.yaml",
        DEPLOYMENT.replace("{app: api}", "{app: api, version: \"{{ .Values.image.tag }}\"}"));
    write("app/values.yaml", values("1.4", OLD));

    PinPlan plan = bump();

    assertThat(plan.edits()).isEmpty();
    assertThat(plan.left())
        .filteredOn(left -> left.file().endsWith("values.yaml"))
        .singleElement()
        .satisfies(left -> assertThat(left.reason()).contains("selector"));
  }

  @Test
  void bump_withoutTools_provesNothingAndSaysNothing() throws IOException {
    pushed();
    write("base/pod.yaml", pod(image("main")));
    write("base/kustomization.yaml", "resources: [pod.yaml]\n");

    PinPlan plan = bumper(/* proves= */ false).bump(List.of(tree), List.of()).plan();

    assertThat(plan.edits()).hasSize(1);
    assertThat(plan.proof()).isEqualTo(Proof.NONE);
  }

  @Test
  void promotedDigests_areProved_eachEnvironmentOnItsOwn() throws IOException {
    write("env/dev/kustomization.yaml", overlay(NEW));
    write("env/staging/kustomization.yaml", overlay(OLD));
    write("base/pod.yaml", pod("quay.io/acme/api"));
    write("base/kustomization.yaml", "resources: [pod.yaml]\n");
    write(".git/HEAD", "ref: refs/heads/main\n");

    PinPlan plan = promote();

    assertThat(after(plan)).isEqualTo(overlay(NEW));
    assertThat(plan.proof().proved()).containsExactly("kustomization env/staging");
  }

  @Test
  void promotedDigest_thatItsChartPrintsElsewhere_isTakenBack() throws IOException {
    for (String name : List.of("dev", "staging")) {
      write("env/" + name + "/app/Chart.yaml", CHART);
      write(
          "env/" + name + "/app/templates/api.yaml",
          DEPLOYMENT.replace(
              "{app: api}", "{app: api, build: \"{{ .Values.image.digest | trunc -8 }}\"}"));
    }
    write(
        "env/dev/app/values.yaml", values("2.0", NEW).replace(registry.name().value(), "quay.io"));
    write(
        "env/staging/app/values.yaml",
        values("1.0", OLD).replace(registry.name().value(), "quay.io"));

    PinPlan plan = promote();

    assertThat(plan.edits()).isEmpty();
    assertThat(plan.left())
        .filteredOn(left -> left.path().equals("image"))
        .isNotEmpty()
        .allSatisfy(left -> assertThat(left.reason()).contains("build"));
  }

  @Test
  void promotedTagWithItsDigest_ofAnImageNamedElsewhere_isProved() throws IOException {
    for (String name : List.of("dev", "staging")) {
      write("charts/app/Chart.yaml", CHART);
      write("charts/app/templates/api.yaml", DEPLOYMENT);
      write("charts/app/values.yaml", "image: {repository: quay.io/acme/api}\n");
      write(
          "env/" + name + "/app.yaml",
          """
          apiVersion: argoproj.io/v1alpha1
          kind: Application
          metadata: {name: api-%s}
          spec:
            destination: {server: https://kubernetes.default.svc}
            source:
              repoURL: https://git.example.com/acme/tree
              path: charts/app
              helm:
                valuesObject: {image: {tag: "%s"}}
          """
              .formatted(name, name.equals("dev") ? "2.0@" + NEW : "1.0@" + OLD));
    }
    write(
        "charts/app/templates/api.yaml",
        DEPLOYMENT.replace(
            "{app.kubernetes.io/version: \"{{ .Values.image.tag }}\"}", "{app: api}"));
    write(".git/HEAD", "ref: refs/heads/main\n");

    PinPlan plan = promote();

    assertThat(plan.edits()).extracting(SiteEdit::replacement).containsExactly("2.0@" + NEW);
    assertThat(plan.proof().proved()).hasSize(1);
  }

  private String pushed() {
    String text =
        "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[]}";
    Digest digest =
        registry.addManifest("acme/api", "main", MediaType.OCI_INDEX, text.getBytes(UTF_8));
    return digest.toString();
  }

  private String image(String version) {
    return "%s/acme/api:%s".formatted(registry.name(), version);
  }

  private static String pod(String image) {
    return "apiVersion: v1\nkind: Pod\nmetadata: {name: api}\nspec:\n  containers:\n    - name: api\n      image: %s\n"
        .formatted(image);
  }

  private String values(String tag, String digest) {
    return "image:\n  repository: %s/acme/api\n  tag: \"%s\"\n  digest: %s\n"
        .formatted(registry.name(), tag, digest);
  }

  private static String overlay(String digest) {
    return "resources: [../../base]\nimages:\n  - name: quay.io/acme/api\n    digest: %s\n"
        .formatted(digest);
  }

  private PinPlan bump() throws IOException {
    return bumper(/* proves= */ true).bump(List.of(tree), List.of()).plan();
  }

  private Bumper bumper(boolean proves) {
    return new Bumper(
        PinRules.DEFAULT,
        client,
        new Tag("main"),
        List.of(Glob.of(registry.name() + "/acme/*")),
        (reference, digest) -> Optional.empty(),
        PolicyFilter.none(),
        proves ? TestTree.tools() : null);
  }

  private PinPlan promote() throws IOException {
    return new Promoter(PinRules.DEFAULT, PolicyFilter.none(), TestTree.tools())
        .plan(tree.resolve("env/dev"), tree.resolve("env/staging"));
  }

  private static String after(PinPlan plan) {
    return plan.files().stream()
        .filter(FilePlan::changes)
        .map(FilePlan::after)
        .findFirst()
        .orElse("");
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
