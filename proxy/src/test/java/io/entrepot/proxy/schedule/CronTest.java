package io.entrepot.proxy.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.BitSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "17 */6 * * *      | 2026-11-27T11:33:00Z | 2026-11-27T12:17:00Z",
        "0 0 1 1 *         | 2026-11-27T11:33:00Z | 2027-01-01T00:00:00Z",
        "0 9 * * mon-fri   | 2026-11-27T11:33:00Z | 2026-11-30T09:00:00Z",
        "0 9 * * 7         | 2026-11-27T11:33:00Z | 2026-11-29T09:00:00Z",
        "0 9 * * SUN       | 2026-11-27T11:33:00Z | 2026-11-29T09:00:00Z",
        "5,35 8-10 * * *   | 2026-11-27T08:05:00Z | 2026-11-27T08:35:00Z",
        "0 0 29 2 *        | 2026-11-27T11:33:00Z | 2028-02-29T00:00:00Z",
        "0 0 13 * fri      | 2026-11-27T11:33:00Z | 2026-12-04T00:00:00Z",
        "10/20 * * dec *   | 2026-11-27T11:33:00Z | 2026-12-01T00:10:00Z",
        "30 2 * * *        | 2026-03-29T00:00:00+01:00[Europe/Berlin] | 2026-03-30T02:30:00+02:00[Europe/Berlin]",
      })
  void next_isTheFirstTimeThatFits(String cron, String after, String expected) {
    assertThat(Cron.parse(cron).next(ZonedDateTime.parse(after)))
        .isEqualTo(ZonedDateTime.parse(expected));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "* * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 8",
        "*/0 * * * *",
        "5-1 * * * *",
        "a * * * *",
        "* * * * foo",
        "0 0 30 2 *",
        "1-2-3 * * * *",
        "*/2/3 * * * *",
        "",
      })
  void whatIsNoTime_isNamed(String text) {
    assertThatThrownBy(() -> Cron.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Property
  void everyMinuteOfAList_comesOnceAnHour(
      @ForAll @IntRange(min = 0, max = 59) int one, @ForAll @IntRange(min = 0, max = 59) int two) {
    Cron cron = Cron.parse("%d,%d * * * *".formatted(one, two));
    BitSet seen = new BitSet();
    ZonedDateTime time = ZonedDateTime.parse("2026-11-27T10:59:00Z");
    while (true) {
      time = cron.next(time);
      if (time.getHour() != 11) {
        break;
      }
      assertThat(seen.get(time.getMinute())).isFalse();
      seen.set(time.getMinute());
    }
    BitSet wanted = new BitSet();
    wanted.set(one);
    wanted.set(two);
    assertThat(seen).isEqualTo(wanted);
  }

  @Test
  void zoneOfTheClock_decides() {
    assertThat(
            new Timing.At(Cron.parse("0 6 * * *"), ZoneId.of("Europe/Berlin"))
                .next(Instant.parse("2026-11-27T10:00:00Z")))
        .isEqualTo(Instant.parse("2026-11-28T05:00:00Z"));
  }
}
