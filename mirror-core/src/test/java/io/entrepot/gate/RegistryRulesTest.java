package io.entrepot.gate;

import static io.entrepot.gate.GateTree.DIGEST;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.ImageReference;
import io.entrepot.registry.RegistryClient;
import io.entrepot.testing.RecordedRequest;
import io.entrepot.testing.TestClients;
import io.entrepot.testing.TestImage;
import io.entrepot.testing.TestImages;
import io.entrepot.testing.TestRegistry;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The rules that ask a registry, asked of a real one on loopback. */
@Timeout(60)
class RegistryRulesTest {

  private static final Vertx VERTX = Vertx.vertx();

  private static final String BOTH =
      """
      targets:
        local: { platforms: [linux/arm64], render: [{ manifests: "app.yaml" }] }
        dev: { platforms: [linux/amd64], render: [{ manifests: "app.yaml" }] }
      """;

  private static final String DEV =
      "targets: { dev: { platforms: [linux/amd64], render: [{ manifests: app.yaml }] } }\n";

  private final TestRegistry registry = TestRegistry.start();
  private final RegistryClient client = TestClients.impatient(VERTX);

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @SuppressWarnings("NullAway.Init")
  private GateTree tree;

  @BeforeEach
  void plant() {
    tree = new GateTree(directory);
  }

  @AfterEach
  void close() {
    client.close();
    registry.close();
  }

  @AfterAll
  static void stop() {
    VERTX.close().await();
  }

  private void deploy(Object... images) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < images.length; i++) {
      text.append(
          """
          ---
          apiVersion: v1
          kind: Pod
          metadata: { name: pod-%d }
          spec: { containers: [{ name: c, image: "%s" }] }
          """
              .formatted(i, images[i]));
    }
    tree.file("app.yaml", text.toString());
  }

  private String push(TestImage image, String repository, String tag) {
    ImageReference reference = image.push(registry, repository, tag);
    return reference.repository().at(image.digest()).toString();
  }

  private GateReport check(String check) {
    return tree.online(check, client);
  }

  @Test
  void listWithEveryPlatform_passes() {
    deploy(push(TestImages.multiPlatform("linux/amd64", "linux/arm64"), "acme/app", "1"));
    GateReport report = check(BOTH);
    assertThat(report.findings()).isEmpty();
    assertThat(report.unjudged()).isEmpty();
    assertThat(report.passed()).isTrue();
  }

  @Test
  void digestThatIsGoneSinceTheLastRun_isNotFound_onePresentCostsAHead() {
    TestImage image = TestImages.multiPlatform("linux/amd64", "linux/arm64");
    deploy(push(image, "acme/app", "1"));
    assertThat(check(BOTH).passed()).isTrue();
    registry.clear();
    assertThat(check(BOTH).passed()).isTrue();
    assertThat(registry.requests()).hasSize(1);
    assertThat(registry.count("HEAD manifest")).isEqualTo(1);
    registry.removeManifest("acme/app", image.digest());
    assertThat(GateTree.of(check(BOTH), Rule.NOT_FOUND)).hasSize(2);
  }

  @Test
  void digestOfOneArchitecture_isNoListForSharedImages() {
    deploy(push(TestImages.image("linux/arm64"), "acme/app", "1"));
    GateReport report = check(BOTH);
    List<Finding> findings = GateTree.of(report, Rule.NOT_A_LIST);
    assertThat(findings).extracting(Finding::target).containsExactlyInAnyOrder("local", "dev");
    assertThat(findings.getFirst().message()).contains("linux/arm64 alone");
    GateReport waived = check(BOTH + "allow: [{ rule: not-a-list, reason: x }]\n");
    assertThat(GateTree.waived(waived, Rule.NOT_A_LIST)).hasSize(2);
  }

  @Test
  void digestOfTheOnlyTargetsArchitecture_passes() {
    deploy(push(TestImages.image("linux/amd64"), "acme/app", "1"));
    assertThat(check(DEV).findings()).isEmpty();
  }

  @Test
  void digestOfAnotherArchitecture_isAMissingPlatform() {
    deploy(push(TestImages.image("linux/arm64"), "acme/app", "1"));
    assertThat(GateTree.of(check(DEV), Rule.PLATFORM_MISSING)).hasSize(1);
  }

  @Test
  void listWithoutATargetsPlatform_isRefusedThereOnly() {
    deploy(push(TestImages.multiPlatform("linux/amd64", "linux/s390x"), "acme/app", "1"));
    List<Finding> findings = GateTree.of(check(BOTH), Rule.PLATFORM_MISSING);
    assertThat(findings)
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.target()).isEqualTo("local");
              assertThat(finding.message()).contains("linux/arm64", "linux/s390x");
              assertThat(finding.line()).isEqualTo(5);
            });
    GateReport waived =
        check(BOTH + "allow: [{ rule: platform-missing, target: local, reason: x }]\n");
    assertThat(waived.findings()).isEmpty();
    assertThat(GateTree.waived(waived, Rule.PLATFORM_MISSING)).hasSize(1);
  }

  @Test
  void listWhoseConfigurationDeniesThePlatform_isRefused() {
    deploy(
        push(
            TestImages.index(
                TestImages.image("linux/amd64"),
                TestImages.builder("linux/arm64").configured("linux/amd64").build()),
            "acme/app",
            "1"));
    assertThat(GateTree.of(check(BOTH), Rule.PLATFORM_MISSING))
        .singleElement()
        .satisfies(
            finding -> assertThat(finding.message()).contains("configuration says linux/amd64"));
  }

  @Test
  void tagThatWasNeverPublished_isNotFound() {
    push(TestImages.multiPlatform("linux/amd64"), "acme/app", "v1.2.0");
    deploy(
        registry.repository("acme/app") + ":v1.3.0", registry.repository("acme/app") + ":v1.2.0");
    GateReport report = check(DEV);
    assertThat(GateTree.of(report, Rule.NOT_FOUND))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.message()).contains("no tag v1.3.0");
              assertThat(finding.remedy()).contains("entrepot tags");
            });
    GateReport waived = check(DEV + "allow: [{ rule: not-found, image: '*:v1.3.0', reason: x }]\n");
    assertThat(GateTree.waived(waived, Rule.NOT_FOUND)).hasSize(1);
  }

  @Test
  void digestThatIsNotThere_isNotFound() {
    push(TestImages.multiPlatform("linux/amd64"), "acme/app", "1");
    deploy(registry.repository("acme/app") + "@" + DIGEST);
    assertThat(GateTree.of(check(DEV), Rule.NOT_FOUND))
        .singleElement()
        .satisfies(finding -> assertThat(finding.message()).contains("no digest " + DIGEST));
  }

  @Test
  void chartsAndSignatures_areAskedForNoPlatform() {
    TestImage chart = TestImages.helmChart("tool", "1.0.0");
    chart.push(registry, "charts/tool", "1.0.0");
    tree.file(
        "app.yaml",
        """
        apiVersion: source.toolkit.fluxcd.io/v1
        kind: OCIRepository
        metadata: { name: tool }
        spec: { url: "oci://%s", ref: { tag: 1.0.0 } }
        """
            .formatted(registry.repository("charts/tool")));
    GateReport report = check(BOTH);
    assertThat(report.findings()).isEmpty();
    assertThat(report.unjudged()).isEmpty();
  }

  @Test
  void oneImageInManyPlaces_isAskedOnce() {
    String image = push(TestImages.multiPlatform("linux/amd64", "linux/arm64"), "acme/app", "1");
    registry.clear();
    deploy(image, image, image);
    check(BOTH);
    assertThat(registry.requests("GET manifest")).hasSize(3);
  }

  @Test
  void answersAboutDigests_areKept() {
    String image = push(TestImages.multiPlatform("linux/amd64", "linux/arm64"), "acme/app", "1");
    deploy(image);
    assertThat(check(BOTH).passed()).isTrue();
    registry.clear();
    assertThat(check(BOTH).passed()).isTrue();
    assertThat(registry.requests()).extracting(RecordedRequest::kind).containsOnly("HEAD manifest");
    assertThat(tree.offline(BOTH).passed()).isTrue();
  }

  @Test
  void registryThatCannotBeAsked_leavesTheImageUnjudged() {
    String image = push(TestImages.multiPlatform("linux/amd64", "linux/arm64"), "acme/app", "1");
    registry.basicAuth("user", "secret").anonymousPull(false);
    deploy(image);
    GateReport report = check(BOTH);
    assertThat(report.findings()).isEmpty();
    assertThat(report.unjudged())
        .extracting(Unjudged::rule)
        .contains(Rule.NOT_FOUND, Rule.PLATFORM_MISSING, Rule.NOT_A_LIST);
    assertThat(report.passed()).isFalse();
  }

  @Test
  void offlineWithoutLockOrCache_nothingIsPassed() {
    deploy("quay.io/acme/app@" + DIGEST);
    GateReport report = tree.offline(DEV);
    assertThat(report.findings()).isEmpty();
    assertThat(report.unjudged()).isNotEmpty();
    assertThat(report.unjudged().getFirst().why()).contains("--offline");
    assertThat(report.passed()).isFalse();
  }
}
