package io.entrepot.gate.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.gate.GateOptions;
import io.entrepot.gate.GateReport;
import io.entrepot.gate.GateTree;
import io.entrepot.gate.PolicyDecisions;
import io.entrepot.oci.ImageReference;
import io.entrepot.policy.PolicyReader;
import io.entrepot.registry.RegistryClient;
import io.entrepot.testing.SignedImages;
import io.entrepot.testing.TestClients;
import io.entrepot.yaml.YamlDocument;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images without a signature, at registries that hold images which real programs have signed. */
final class UnsignedTest {

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  private final Vertx vertx = Vertx.vertx();
  private final RegistryClient client = TestClients.impatient(vertx);

  @SuppressWarnings("NullAway.Init")
  private SignedImages images;

  @SuppressWarnings("NullAway.Init")
  private GateTree tree;

  @BeforeEach
  void plant() throws IOException {
    images = new SignedImages();
    tree = new GateTree(directory);
  }

  @AfterEach
  void close() {
    images.close();
    client.close();
    vertx.close().await();
  }

  @Test
  void imageWithoutASignature_isRefusedWithTheLinesToWrite() {
    GateReport report = judged("unsigned-api", false, "");
    assertThat(GateTree.of(report, "unsigned"))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.message()).contains("nobody has signed it");
              assertThat(finding.remedy())
                  .contains(
                      "policy.yaml:1",
                      "- { match: %s/trust/unsigned-api, unsigned: WHY }"
                          .formatted(images.registry()));
              assertThat(finding.line()).isPositive();
            });
  }

  @Test
  void signedImage_passes() {
    assertThat(judged("bundle-p256", false, "").passed()).isTrue();
  }

  @Test
  void offline_whatTheLockDoesNotSay_isNotJudged() {
    GateReport report = judged("bundle-p256", true, "");
    assertThat(GateTree.of(report, "unsigned")).isEmpty();
    assertThat(report.skipped()).anyMatch(each -> each.rule().id().equals("unsigned"));
    assertThat(report.passed()).isFalse();
    assertThat(images.requests()).isEmpty();
  }

  @Test
  void registryThatFails_isNotJudged() {
    GateReport report = judged("referrers-500", false, "");
    assertThat(GateTree.of(report, "unsigned")).isEmpty();
    assertThat(report.skipped())
        .anyMatch(each -> each.rule().id().equals("unsigned") && each.why().contains("500"));
  }

  @Test
  void waived_isNamedWithItsReason() {
    GateReport report =
        judged("unsigned-api", false, "allow: [{ rule: unsigned, reason: known }]\n");
    assertThat(GateTree.waived(report, "unsigned")).hasSize(1);
    assertThat(report.passed()).isTrue();
  }

  private GateReport judged(String name, boolean offline, String more) {
    String image = images.registry() + "/trust/" + name;
    String digest =
        client.find(ImageReference.parse(image + ":1.0")).await().orElseThrow().digest().toString();
    images.requests();
    tree.file("rendered/app.yaml", Manifests.deployment("%s:1.0@%s".formatted(image, digest)));
    String policy =
        "rules: [{ match: '%s/trust/**', signedBy: [{ key: '%s' }] }]"
            .formatted(images.registry(), images.file("keys/p256.pub"));
    GateOptions options =
        tree.options(offline, null)
            .with(
                new PolicyDecisions.InForce(
                    PolicyReader.read(YamlDocument.parse("policy.yaml", policy), directory),
                    Clock.systemUTC()));
    return tree.run(RuleContract.CHECK + more, options, client);
  }
}
