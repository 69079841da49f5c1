package io.entrepot.gate.rules;

import static io.entrepot.gate.rules.Manifests.DIGEST;
import static io.entrepot.gate.rules.Manifests.GOOD;
import static io.entrepot.gate.rules.Manifests.OTHER;
import static io.entrepot.gate.rules.Manifests.and;
import static io.entrepot.gate.rules.Manifests.configMap;
import static io.entrepot.gate.rules.Manifests.deployment;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.gate.CheckSpec;
import io.entrepot.gate.Finding;
import io.entrepot.gate.GateReport;
import io.entrepot.gate.GateTree;
import io.entrepot.gate.Waiver;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are judged as they stand, and waivers. */
final class StandingFilesTest {

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
  void valuesFiles_areJudgedAsTheyStand() {
    tree.file(
        "values/env/dev/app.yaml",
        """
        image:
          repository: docker.io/grafana/grafana
          tag: main
          pullPolicy: Always
        other:
          image: { ref: "" }
        url: https:///x
        """);
    GateReport report =
        tree.paths(
            tree.spec("targets: { dev: { platforms: [linux/amd64] } }\npullPolicy: IfNotPresent\n"),
            tree.root().resolve("values"));
    assertThat(report.findings().stream().map(each -> each.rule().id()).distinct())
        .contains(
            "docker-hub", "unpinned", "floating-tag", "pull-policy", "image-missing", "empty-host");
    assertThat(report.findings())
        .allSatisfy(
            finding -> {
              assertThat(finding.file()).isEqualTo("values/env/dev/app.yaml");
              assertThat(finding.line()).isPositive();
            });
  }

  @Test
  void valuesOfOneEnvironment_areJudgedForItsTargetAlone() {
    tree.file("values/env/local/app.yaml", "image: { ref: quay.io/acme/app@" + DIGEST + " }\n");
    tree.file("values/env/dev/app.yaml", "image: { ref: quay.io/acme/app@" + OTHER + " }\n");
    tree.file("values/env/staging/app.yaml", "image: { ref: docker.io/acme/app@" + DIGEST + " }\n");
    GateReport report =
        tree.paths(
            tree.spec(
                "targets: { local: { platforms: [linux/arm64] }, dev: { platforms: [linux/amd64] } }"),
            tree.root().resolve("values"));
    assertThat(GateTree.of(report, "targets-differ")).hasSize(1);
    assertThat(GateTree.of(report, "docker-hub")).hasSize(2);
  }

  @Test
  void pathOutsideOfTheRoot_isJudgedUnderItsOwnName() throws Exception {
    tree.spec("targets: { dev: { platforms: [linux/amd64] } }");
    Path other = Files.createDirectories(directory.resolve("other"));
    Files.writeString(other.resolve("app.yaml"), deployment("redis:7@" + DIGEST));
    GateReport report = tree.paths(CheckSpec.withoutFile(), other);
    assertThat(GateTree.of(report, "docker-hub"))
        .singleElement()
        .satisfies(finding -> assertThat(finding.file()).isEqualTo("app.yaml"));
  }

  @Test
  void imagesInOtherPlaces_areSeen() {
    tree.file(
        "rendered/app.yaml",
        and(
            deployment(GOOD, "args: [\"--config-reloader-image=quay.io/acme/reloader:1\"]"),
            "{ apiVersion: acme.io/v1, kind: Cache, metadata: { name: c }, spec: { image: quay.io/acme/cache:2 } }",
            configMap("sidecar:\n  image: quay.io/acme/side:3")));
    assertThat(
            GateTree.of(tree.offline(RuleContract.CHECK), "unpinned").stream().map(Finding::image))
        .containsExactlyInAnyOrder(
            "quay.io/acme/reloader:1", "quay.io/acme/cache:2", "quay.io/acme/side:3");
  }

  @Test
  void waiverThatAcceptsNothing_isReported() {
    tree.file("rendered/app.yaml", deployment(GOOD));
    GateReport report =
        tree.offline(
            RuleContract.CHECK + "allow: [{ rule: docker-hub, image: 'x*', reason: y }]\n");
    assertThat(report.unusedWaivers()).singleElement().extracting(Waiver::image).isEqualTo("x*");
  }
}
