package io.entrepot.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class IndexEntryTest {

  private final TestClock time = new TestClock();
  private final StoreClock clock = time.clock();
  private final IndexEntry entry = new IndexEntry(5, clock.wall().millis(), false);

  @Test
  void claim_protectsForTheGrace_whateverTheTimeOfDay() {
    assertThat(entry.claim(clock)).isTrue();
    time.set(Duration.ofDays(400));
    time.pass(IndexEntry.GRACE.minusSeconds(1));
    assertThat(entry.retire(clock)).isFalse();
    time.pass(Duration.ofSeconds(2));
    assertThat(entry.retire(clock)).isTrue();
  }

  @Test
  void reader_protectsUntilTheLastHasEnded() {
    assertThat(entry.beginReading()).isTrue();
    assertThat(entry.beginReading()).isTrue();
    entry.endReading();
    assertThat(entry.retire(clock)).isFalse();
    entry.endReading();
    assertThat(entry.retire(clock)).isTrue();
  }

  @Test
  void retiredEntry_isOfNoUse() {
    assertThat(entry.retire(clock)).isTrue();
    time.pass(Duration.ofSeconds(2));
    assertThat(entry.use(clock)).isFalse();
    assertThat(entry.claim(clock)).isFalse();
    assertThat(entry.beginReading()).isFalse();
    assertThat(entry.retire(clock)).isFalse();
  }

  @Test
  void claim_goesOverToTheEntryThatReplacesIt() {
    entry.claim(clock);
    IndexEntry next = new IndexEntry(5, clock.wall().millis(), true);
    next.inherit(entry);
    assertThat(next.isNeeded(clock)).isTrue();
    time.pass(IndexEntry.GRACE.plusSeconds(1));
    assertThat(next.isNeeded(clock)).isFalse();
  }
}
