package io.entrepot.gate.rules;

import static io.entrepot.gate.GateTree.DIGEST;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.gate.GateReport;
import io.entrepot.gate.GateTree;
import io.entrepot.testing.RecordedRequest;
import io.entrepot.testing.TestImage;
import io.entrepot.testing.TestImages;
import org.junit.jupiter.api.Test;

/** Images that their registry does not have. */
final class NotFoundTest extends RegistryContract {

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
    assertThat(GateTree.of(check(BOTH), "not-found")).hasSize(2);
  }

  @Test
  void tagThatWasNeverPublished_isNotFound() {
    push(TestImages.multiPlatform("linux/amd64"), "acme/app", "v1.2.0");
    deploy(
        registry.repository("acme/app") + ":v1.3.0", registry.repository("acme/app") + ":v1.2.0");
    GateReport report = check(DEV);
    assertThat(GateTree.of(report, "not-found"))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.message()).contains("no tag v1.3.0");
              assertThat(finding.remedy()).contains("entrepot tags");
            });
    GateReport waived = check(DEV + "allow: [{ rule: not-found, image: '*:v1.3.0', reason: x }]\n");
    assertThat(GateTree.waived(waived, "not-found")).hasSize(1);
  }

  @Test
  void digestThatIsNotThere_isNotFound() {
    push(TestImages.multiPlatform("linux/amd64"), "acme/app", "1");
    deploy(registry.repository("acme/app") + "@" + DIGEST);
    assertThat(GateTree.of(check(DEV), "not-found"))
        .singleElement()
        .satisfies(finding -> assertThat(finding.message()).contains("no digest " + DIGEST));
  }

  @Test
  void registryThatCannotBeAsked_leavesTheImageUnjudged() {
    String image = push(TestImages.multiPlatform("linux/amd64", "linux/arm64"), "acme/app", "1");
    registry.basicAuth("user", "secret").anonymousPull(false);
    deploy(image);
    GateReport report = check(BOTH);
    assertThat(report.findings()).isEmpty();
    assertThat(report.skipped())
        .extracting(each -> each.rule().id())
        .contains("not-found", "platform-missing", "not-a-list");
    assertThat(report.passed()).isFalse();
  }

  @Test
  void offlineWithoutLockOrCache_nothingIsPassed() {
    deploy("quay.io/acme/app@" + DIGEST);
    GateReport report = tree.offline(DEV);
    assertThat(report.findings()).isEmpty();
    assertThat(report.skipped()).isNotEmpty();
    assertThat(report.skipped().getFirst().why()).contains("--offline");
    assertThat(report.passed()).isFalse();
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
}
