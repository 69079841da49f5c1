package io.entrepot.proxy.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.proxy.metrics.History.Minute;
import java.util.List;
import org.junit.jupiter.api.Test;

class HistoryTest {

  private final History history = new History();

  @Test
  void counts_belongToTheMinuteInWhichTheyAreNoted() {
    history.note(0, 5, 1);
    history.note(30, 7, 1);
    history.note(61, 8, 4);
    List<Minute> hour = history.lastHour();
    assertThat(hour).hasSize(60);
    assertThat(hour.get(58)).isEqualTo(new Minute(7, 1));
    assertThat(hour.get(59)).isEqualTo(new Minute(1, 3));
  }

  @Test
  void minutesWithoutANote_areEmpty() {
    history.note(0, 5, 0);
    history.note(10 * 60, 6, 0);
    List<Minute> hour = history.lastHour();
    assertThat(hour.get(49)).isEqualTo(new Minute(5, 0));
    assertThat(hour.subList(50, 59)).containsOnly(new Minute(0, 0));
    assertThat(hour.get(59)).isEqualTo(new Minute(1, 0));
  }

  @Test
  void anHourLater_nothingIsLeft_howeverLongTheSleepWas() {
    history.note(0, 5, 5);
    history.note(1_000_000_000L, 5, 5);
    assertThat(history.lastHour()).hasSize(60).containsOnly(new Minute(0, 0));
  }
}
