package io.entrepot.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class PullBudgetTest extends MirrorSetup {

  /** A budget that has heard what the source says of its quota. */
  private PullBudget budget() {
    images.twoPlatforms("1.0");
    MirrorSession session = session(MirrorOptions.DEFAULTS);
    session.source().find(source.reference("acme/tool", "1.0")).await();
    session.budget().look(source.name());
    return session.budget();
  }

  @Test
  void registryWithoutAQuota_givesAnyNumber_andIsNotCounted() {
    PullBudget budget = budget();
    assertThat(budget.counts(source.name())).isFalse();
    assertThat(budget.reserve(source.name(), 1_000_000)).isTrue();
    assertThat(budget.quotas()).isEmpty();
  }

  @Test
  void reservations_addUp_andWhatIsReleasedCanBeHadAgain() {
    source.rateLimit(100, 10);
    keep = 3;
    PullBudget budget = budget();
    assertThat(budget.counts(source.name())).isTrue();
    assertThat(budget.reserve(source.name(), 5)).isTrue();
    assertThat(budget.reserve(source.name(), 3)).isFalse();
    assertThat(budget.shortage(source.name(), 3))
        .contains("needs 3 pulls of " + source.name())
        .contains("10 remain, of which 3 are kept and 5 already planned");
    budget.release(source.name(), 5);
    assertThat(budget.reserve(source.name(), 7)).isTrue();
    assertThat(budget.quotas()).containsEntry(source.name(), new MirrorPlan.Quota(10, 3, 7));
  }

  @Test
  void quotaThatIsUsedUp_givesNothing() {
    source.rateLimit(100, 10);
    PullBudget budget = budget();
    budget.exhausted(source.name());
    assertThat(budget.reserve(source.name(), 1)).isFalse();
    assertThat(budget.shortage(source.name(), 1)).contains("used up");
  }

  @Test
  void allotment_reservesWhatIsMissing_andGivesBackWhatIsNotSpent() {
    source.rateLimit(100, 5);
    PullBudget budget = budget();
    assertThat(budget.reserve(source.name(), 2)).isTrue();
    try (PullAllotment pulls = new PullAllotment(budget, source.name(), 2)) {
      pulls.require(1);
      pulls.spend();
      pulls.require(3);
      assertThat(budget.reserve(source.name(), 2)).isFalse();
      assertThatThrownBy(() -> pulls.require(5)).isInstanceOf(Stopped.class);
    }
    assertThat(budget.reserve(source.name(), 4)).isTrue();
    assertThat(budget.report(List.of(source.name())).values())
        .extracting(MirrorReport.Pulls::spent)
        .containsExactly(1);
  }
}
