package io.entrepot.proxy.page.html;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordsTest {

  private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, 1023 B",
    "1024, 1.0 KiB",
    "104857600, 100 MiB",
    "1610612736, 1.5 GiB",
    "9223372036854775807, 8192 PiB"
  })
  void bytes_areReadable(long bytes, String words) {
    assertThat(Words.bytes(bytes)).isEqualTo(words);
  }

  @ParameterizedTest
  @CsvSource({
    "2026-11-27T11:59:30Z, just now",
    "2026-11-27T12:00:05Z, just now",
    "2026-11-27T11:59:00Z, 1 minute ago",
    "2026-11-27T10:00:00Z, 2 hours ago",
    "2026-11-20T12:00:00Z, 7 days ago"
  })
  void times_areSaidAsPeopleSayThem(Instant then, String words) {
    assertThat(Words.ago(then, NOW)).isEqualTo(words);
  }

  @Test
  void nearlyAll_isNotAll() {
    assertThat(Words.percent(0.9999)).isEqualTo("99 %");
    assertThat(Words.percent(1)).isEqualTo("100 %");
  }

  @Test
  void digests_areCutAfterTwelveDigits() {
    assertThat(Words.digest("sha256:" + "0123456789abcdef".repeat(4)))
        .isEqualTo("sha256:0123456789ab");
    assertThat(Words.digest("–")).isEqualTo("–");
  }
}
