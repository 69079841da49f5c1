package io.entrepot.proxy.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PullRateTest {

  @Test
  void numberAndTime_areReadAsPeopleWriteThem() {
    assertThat(PullRate.parse("600/h")).isEqualTo(new PullRate(600, Duration.ofHours(1)));
    assertThat(PullRate.parse("100/6h")).isEqualTo(new PullRate(100, Duration.ofHours(6)));
    assertThat(PullRate.parse("5/m")).isEqualTo(new PullRate(5, Duration.ofMinutes(1)));
    assertThat(PullRate.parse("1/7d")).isEqualTo(new PullRate(1, Duration.ofDays(7)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "600", "0/h", "-1/h", "600/", "600/x", "600/0s", "600/8d", "1e3/h"})
  void whatIsNoRate_isRefusedWithAnExample(String text) {
    assertThatThrownBy(() -> PullRate.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
