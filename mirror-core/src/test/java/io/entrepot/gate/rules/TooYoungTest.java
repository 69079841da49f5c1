package io.entrepot.gate.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.gate.Finding;
import org.junit.jupiter.api.Test;

/** Ages by the lock's sights, as of 2026-11-27. */
final class TooYoungTest extends PolicyContract {

  private static final String AGE = "minAge: 72h";

  TooYoungTest() {
    super(TooYoung.RULE, AGE, seen("2026-11-26T12:00:00Z"));
  }

  @Test
  void seenYesterday_isRefusedWithTheLineThatAdmits() {
    Finding finding = refused(AGE, seen("2026-11-26T12:00:00Z"));
    assertThat(finding.message()).contains("2026-11-29T12:00:00Z");
    assertThat(finding.remedy())
        .contains(
            "admit:",
            "- { digest: %s, reason: WHY, until: 2026-11-29 }".formatted(Manifests.DIGEST));
  }

  @Test
  void seenASecondTooLate_isRefused() {
    assertThat(refused(AGE, seen("2026-11-24T12:00:01Z")).message())
        .contains("2026-11-27T12:00:01Z");
  }

  @Test
  void seenThreeDaysAgo_passes() {
    passes(AGE, seen("2026-11-24T12:00:00Z"));
  }

  @Test
  void admitted_passes() {
    passes(
        "minAge: 72h\nadmit: [{ digest: %s, reason: fix, until: 2026-11-27 }]"
            .formatted(Manifests.DIGEST),
        seen("2026-11-26T12:00:00Z"));
  }

  @Test
  void rulesOwnAge_goesBeforeTheFiles() {
    passes(
        "minAge: 72h\nrules: [{ match: docker.io/library/*, minAge: 1h }]",
        seen("2026-11-26T12:00:00Z"));
  }

  @Test
  void lockedBeforeAgesWereAskedFor_stays() {
    passes(AGE, "");
  }

  private static String seen(String at) {
    return "    firstSeen: " + at + "\n";
  }
}
