package io.entrepot.gate.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.gate.GateReport;
import io.entrepot.gate.GateTree;
import io.entrepot.gate.PolicyDecisions;
import io.entrepot.policy.PolicyReader;
import io.entrepot.testing.TestImages;
import io.entrepot.yaml.YamlDocument;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;

/** Statements that a policy demands and that no registry has. */
final class AttestationMissingTest extends RegistryContract {

  @Test
  void noProvenance_isRefusedByItsType() {
    GateReport report = judged("[https://slsa.dev/provenance/v1]", "");
    assertThat(GateTree.of(report, "attestation-missing"))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.message()).contains("https://slsa.dev/provenance/v1");
              assertThat(finding.remedy()).contains("cosign attest", "policy.yaml:1");
            });
  }

  @Test
  void oneOfSeveral_isNamed() {
    GateReport report = judged("[https://a.example, https://b.example]", "");
    assertThat(GateTree.of(report, "attestation-missing").getFirst().message())
        .contains("https://a.example, https://b.example");
  }

  @Test
  void nothingDemanded_isTheBusinessOfUnsigned() {
    GateReport report = judged("[]", "");
    assertThat(GateTree.of(report, "attestation-missing")).isEmpty();
    assertThat(GateTree.of(report, "unsigned")).hasSize(1);
  }

  @Test
  void waived_isNamed() {
    GateReport report =
        judged("[https://a.example]", "allow: [{ rule: attestation-missing, reason: later }]\n");
    assertThat(GateTree.waived(report, "attestation-missing")).hasSize(1);
    assertThat(report.refuses()).isFalse();
  }

  private GateReport judged(String types, String more) {
    deploy(push(TestImages.multiPlatform("linux/amd64"), "acme/app", "1"));
    String policy =
        "rules: [{ match: '**', signedBy: [{ key: keys/acme.pub }], attestations: %s }]"
            .formatted(types);
    return tree.run(
        DEV + more,
        tree.options(false, null)
            .with(
                new PolicyDecisions.InForce(
                    PolicyReader.read(
                        YamlDocument.parse("policy.yaml", policy), Path.of("../config")),
                    Clock.systemUTC())),
        client);
  }
}
