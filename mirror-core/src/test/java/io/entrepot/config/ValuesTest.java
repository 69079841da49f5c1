package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.text.TimeSpan;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {

  private final Variables variables =
      new Variables(Map.of("NAME", "value", "EMPTY", "", "NESTED", "${NAME}")::get);

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "4096, 4096",
    "20GiB, 21474836480",
    "1.5KiB, 1536",
    "500MB, 500000000",
    "2 tb, 2000000000000",
    "0.25GiB, 268435456",
  })
  void size_isRead(String text, long bytes) {
    assertThat(ByteSize.parse(text).bytes()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "GiB", "-1", "20 Gigs", "1e3", "99999999TiB", "20G"})
  void notASize_isRefused(String text) {
    assertThatThrownBy(() -> ByteSize.parse(text)).hasMessageContaining("not a size: '" + text);
  }

  @ParameterizedTest
  @CsvSource({"0, PT0S", "250ms, PT0.25S", "30s, PT30S", "5m, PT5M", "1h30m, PT1H30M", "7d, P7D"})
  void time_isRead(String text, Duration expected) {
    assertThat(TimeSpan.parse(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "m", "-5m", "5 minutes", "5m 3s"})
  void notATime_isRefused(String text) {
    assertThatThrownBy(() -> TimeSpan.parse(text)).hasMessageContaining("not a time: '" + text);
  }

  @ParameterizedTest
  @CsvSource({
    "plain, plain",
    "${NAME}, value",
    "a-${NAME}-${NAME:-x}-b, a-value-value-b",
    "${MISSING:-other}, other",
    "${EMPTY:-other}, other",
    "[${EMPTY}], []",
    "[${MISSING:-}], []",
    "$$, $",
    "$${NAME}, ${NAME}",
    "a$b, a$b",
    "${NESTED}, ${NAME}",
  })
  void variables_areReplacedOnce(String text, String expected) {
    assertThat(variables.expand(text)).isEqualTo(expected);
  }

  @Test
  void missingVariable_isNamed() {
    assertThatThrownBy(() -> variables.expand("${TOKEN}"))
        .hasMessageContaining("environment variable TOKEN is not set");
  }

  @ParameterizedTest
  @ValueSource(strings = {"${", "${NAME", "${1A}", "${A B}", "${NAME:+x}", "${}"})
  void notAVariable_isRefused(String text) {
    assertThatThrownBy(() -> variables.expand(text)).hasMessageContaining("not a variable");
  }
}
