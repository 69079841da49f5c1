package io.entrepot.proxy.page.html;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Numbers and times as people read them. */
final class Words {

  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

  /** Hexadecimal digits of a digest that are shown where it is named in passing. */
  private static final int SHORT = 12;

  private Words() {}

  /** {@code 12.3 MiB}. */
  static String bytes(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return unit == 0 || value >= 100
        ? "%.0f %s".formatted(value, UNITS[unit])
        : String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
  }

  /** With a thin gap between thousands. */
  static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number).replace(',', '\u202f');
  }

  /** {@code 3 images}, {@code 1 image}. */
  static String count(long number, String thing) {
    return number(number) + " " + thing + (number == 1 ? "" : "s");
  }

  /** {@code 97 %}, never rounded up to all. */
  static String percent(double share) {
    return "%d %%".formatted((int) Math.floor(share * 100));
  }

  /** {@code sha256:0123456789ab}. */
  static String digest(String digest) {
    int end = digest.indexOf(':') + 1 + SHORT;
    return digest.length() <= end ? digest : digest.substring(0, end);
  }

  /** {@code 5 minutes ago}. */
  static String ago(Instant then, Instant now) {
    Duration age = Duration.between(then, now);
    if (age.toSeconds() < 60) {
      return "just now";
    } else if (age.toMinutes() < 60) {
      return count(age.toMinutes(), "minute") + " ago";
    } else if (age.toHours() < 48) {
      return count(age.toHours(), "hour") + " ago";
    }
    return count(age.toDays(), "day") + " ago";
  }

  /** RFC 3339 to the second. */
  static String exact(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
