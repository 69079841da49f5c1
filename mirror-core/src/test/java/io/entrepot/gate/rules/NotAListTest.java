package io.entrepot.gate.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.gate.Finding;
import io.entrepot.gate.GateReport;
import io.entrepot.gate.GateTree;
import io.entrepot.testing.TestImages;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Digests of one platform. */
final class NotAListTest extends RegistryContract {

  @Test
  void digestOfOneArchitecture_isNoListForSharedImages() {
    deploy(push(TestImages.image("linux/arm64"), "acme/app", "1"));
    GateReport report = check(BOTH);
    List<Finding> findings = GateTree.of(report, "not-a-list");
    assertThat(findings).extracting(Finding::target).containsExactlyInAnyOrder("local", "dev");
    assertThat(findings.getFirst().message()).contains("linux/arm64 alone");
    GateReport waived = check(BOTH + "allow: [{ rule: not-a-list, reason: x }]\n");
    assertThat(GateTree.waived(waived, "not-a-list")).hasSize(2);
  }

  @Test
  void digestOfTheOnlyTargetsArchitecture_passes() {
    deploy(push(TestImages.image("linux/amd64"), "acme/app", "1"));
    assertThat(check(DEV).findings()).isEmpty();
  }
}
