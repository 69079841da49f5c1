package io.entrepot.text;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads times as people write them: {@code 5m}, {@code 1h30m}, {@code 250ms}, {@code 7d}. */
public final class TimeSpan {

  private static final Pattern WHOLE = Pattern.compile("(?:[0-9]{1,9}(?:ms|[smhd]))+");
  private static final Pattern PART = Pattern.compile("([0-9]+)(ms|[smhd])");

  private TimeSpan() {}

  /**
   * Parses a time.
   *
   * @throws IllegalArgumentException for anything else; a number without a unit is not understood
   */
  public static Duration parse(String text) {
    if (text.equals("0")) {
      return Duration.ZERO;
    }
    if (!WHOLE.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "not a time: '%s' (for example 30s, 5m, 1h30m, 7d)".formatted(text));
    }
    Duration sum = Duration.ZERO;
    Matcher part = PART.matcher(text);
    while (part.find()) {
      long number = Long.parseLong(part.group(1));
      sum =
          sum.plus(
              switch (part.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                default -> Duration.ofDays(number);
              });
    }
    return sum;
  }
}
