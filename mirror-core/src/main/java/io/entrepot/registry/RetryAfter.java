package io.entrepot.registry;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How long a registry wants to be left alone (RFC 9110, section 10.2.3). */
final class RetryAfter {

  // GHCR writes it into the message only: "retry-after: 1.16676ms, allowed: 44000/minute".
  private static final Pattern IN_MESSAGE =
      Pattern.compile(
          "retry-after:\\s*([0-9]+(?:\\.[0-9]+)?)(ms|s|m)\\b", Pattern.CASE_INSENSITIVE);

  private static final Duration LONGEST = Duration.ofDays(1);

  private RetryAfter() {}

  /**
   * The header's seconds or date, else what the message says, else null. Never negative, and never
   * more than a day: a longer wait says nothing else, and a date may be thousands of years away.
   */
  static @Nullable Duration parse(@Nullable String header, String message, Clock clock) {
    Duration asked = asked(header, message, clock);
    return asked == null || asked.compareTo(LONGEST) <= 0 ? asked : LONGEST;
  }

  private static @Nullable Duration asked(@Nullable String header, String message, Clock clock) {
    if (header != null) {
      String text = header.strip();
      if (text.matches("[0-9]{1,9}")) {
        return Duration.ofSeconds(Long.parseLong(text));
      }
      try {
        Instant date = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        Duration wait = Duration.between(clock.instant(), date);
        return wait.isNegative() ? Duration.ZERO : wait;
      } catch (DateTimeParseException e) {
        // Neither form: as if it were absent.
      }
    }
    Matcher matcher = IN_MESSAGE.matcher(message);
    if (matcher.find()) {
      double number = Double.parseDouble(matcher.group(1));
      double millis =
          switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
            case "ms" -> number;
            case "s" -> number * 1000;
            default -> number * 60_000;
          };
      return Duration.ofMillis((long) Math.ceil(Math.min(millis, 1e9)));
    }
    return null;
  }
}
