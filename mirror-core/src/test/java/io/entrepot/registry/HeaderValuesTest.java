package io.entrepot.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What registries write into {@code Retry-After} and the rate-limit headers. */
class HeaderValuesTest {

  private static final Clock NOW =
      Clock.fixed(Instant.parse("2026-11-21T10:00:00Z"), ZoneOffset.UTC);

  @Test
  void retryAfter_secondsAndDate() {
    assertThat(RetryAfter.parse("60", "", NOW)).isEqualTo(Duration.ofSeconds(60));
    assertThat(RetryAfter.parse("Sat, 21 Nov 2026 10:00:30 GMT", "", NOW))
        .isEqualTo(Duration.ofSeconds(30));
    assertThat(RetryAfter.parse("Sat, 21 Nov 2026 09:00:00 GMT", "", NOW)).isEqualTo(Duration.ZERO);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Fri, 31 Dec 9999 23:59:59 GMT", "999999999", "86401"})
  void retryAfter_endlessly_isADay(String header) {
    assertThat(RetryAfter.parse(header, "", NOW)).isEqualTo(Duration.ofDays(1));
  }

  @Test
  void retryAfter_inTheMessage() {
    assertThat(RetryAfter.parse(null, "retry-after: 1.16676ms, allowed: 44000/minute", NOW))
        .isEqualTo(Duration.ofMillis(2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "soon", "-5", "99999999999999999999", "1.5"})
  void retryAfter_nonsense_isAbsent(String header) {
    assertThat(RetryAfter.parse(header, "", NOW)).isNull();
  }

  @Test
  void rateLimit_dockerHub() {
    RateLimit limit = RateLimit.parse("100;w=21600", "76;w=21600", "192.0.2.1").orElseThrow();
    assertThat(limit.limit()).isEqualTo(100);
    assertThat(limit.remaining()).isEqualTo(76);
    assertThat(limit.window()).isEqualTo(Duration.ofHours(6));
    assertThat(limit.source()).isEqualTo("192.0.2.1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"60", "60;w=60", "100, 100;w=60", "60;w=nonsense"})
  void rateLimit_ofRequestsAMinute_isNoQuotaOfPulls(String limit) {
    assertThat(RateLimit.parse(limit, "0", null)).isEmpty();
  }

  @Test
  void rateLimit_absentOrNonsense_isNone() {
    assertThat(RateLimit.parse(null, null, null)).isEmpty();
    assertThat(RateLimit.parse("many", "few", null)).isEmpty();
  }
}
