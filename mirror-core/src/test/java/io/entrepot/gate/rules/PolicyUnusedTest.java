package io.entrepot.gate.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.gate.Finding;
import org.junit.jupiter.api.Test;

/** Admissions that are over, or that nothing needs. */
final class PolicyUnusedTest extends PolicyContract {

  private static final String EXPIRED =
      "admit:\n  - { digest: %s, reason: fix, until: 2026-11-26 }".formatted(Manifests.DIGEST);

  PolicyUnusedTest() {
    super(PolicyUnused.RULE, EXPIRED, "");
  }

  @Test
  void expired_isToldWithItsPlace() {
    Finding finding = refused(EXPIRED, "");
    assertThat(finding.message()).contains("2026-11-26", "fix");
    assertThat(finding.place()).isEqualTo("policy.yaml:2");
  }

  @Test
  void digestThatNobodyHas_isTold() {
    assertThat(
            refused(
                    "admit: [{ digest: %s, reason: fix, until: 2999-01-01 }]"
                        .formatted(Manifests.OTHER),
                    "")
                .message())
        .contains(Manifests.OTHER);
  }

  @Test
  void onItsLastDay_passes() {
    passes(EXPIRED.replace("2026-11-26", "2026-11-27"), "");
  }

  @Test
  void digestThatWaitsInTheLock_passes() {
    passes(
        "admit: [{ digest: %s, reason: fix, until: 2999-01-01 }]".formatted(Manifests.OTHER),
        "    waiting: [{ digest: %s, firstSeen: 2026-11-26T00:00:00Z }]\n"
            .formatted(Manifests.OTHER));
  }
}
