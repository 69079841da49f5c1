package io.entrepot.gate.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.gate.Finding;
import io.entrepot.gate.GateReport;
import io.entrepot.gate.GateTree;
import io.entrepot.testing.TestImage;
import io.entrepot.testing.TestImages;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Platforms of the targets. */
final class PlatformMissingTest extends RegistryContract {

  @Test
  void listWithEveryPlatform_passes() {
    deploy(push(TestImages.multiPlatform("linux/amd64", "linux/arm64"), "acme/app", "1"));
    GateReport report = check(BOTH);
    assertThat(report.findings()).isEmpty();
    assertThat(report.skipped()).isEmpty();
    assertThat(report.passed()).isTrue();
  }

  @Test
  void digestOfAnotherArchitecture_isAMissingPlatform() {
    deploy(push(TestImages.image("linux/arm64"), "acme/app", "1"));
    assertThat(GateTree.of(check(DEV), "platform-missing")).hasSize(1);
  }

  @Test
  void listWithoutATargetsPlatform_isRefusedThereOnly() {
    deploy(push(TestImages.multiPlatform("linux/amd64", "linux/s390x"), "acme/app", "1"));
    List<Finding> findings = GateTree.of(check(BOTH), "platform-missing");
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
    assertThat(GateTree.waived(waived, "platform-missing")).hasSize(1);
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
    assertThat(GateTree.of(check(BOTH), "platform-missing"))
        .singleElement()
        .satisfies(
            finding -> assertThat(finding.message()).contains("configuration says linux/amd64"));
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
    assertThat(report.skipped()).isEmpty();
  }

  private void deployTo(String selector, String image) {
    tree.file(
        "app.yaml",
        """
        apiVersion: v1
        kind: Pod
        metadata: { name: bound }
        spec: { nodeSelector: { %s }, containers: [{ name: c, image: "%s" }] }
        """
            .formatted(selector, image));
  }

  @Test
  void podThatIsBoundToAnArchitecture_needsThatOneAlone() {
    String image = push(TestImages.image("linux/arm64"), "acme/app", "1");
    String check = BOTH.replace("[linux/amd64]", "[linux/amd64, linux/arm64]");
    deployTo("kubernetes.io/arch: arm64", image);
    assertThat(check(check).findings()).isEmpty();
    deployTo("kubernetes.io/arch: amd64", image);
    assertThat(check(check).findings()).isNotEmpty();
  }

  @Test
  void podThatIsBoundToWindows_needsAnImageForIt() {
    deployTo(
        "kubernetes.io/os: windows",
        push(TestImages.multiPlatform("linux/amd64", "linux/arm64"), "acme/app", "1"));
    assertThat(GateTree.of(check(DEV), "platform-missing"))
        .singleElement()
        .satisfies(finding -> assertThat(finding.message()).contains("windows/amd64"));
  }
}
