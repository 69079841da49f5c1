package io.entrepot.config;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes as people write it: {@code 20GiB}, {@code 512MB}, {@code 4096}.
 *
 * @param bytes zero or more
 */
public record ByteSize(long bytes) {

  private static final Pattern FORM =
      Pattern.compile("([0-9]{1,18})(?:\\.([0-9]{1,3}))?\\s*([A-Za-z]*)");
  private static final Map<String, Long> UNITS =
      Map.ofEntries(
          Map.entry("", 1L),
          Map.entry("b", 1L),
          Map.entry("kb", 1_000L),
          Map.entry("mb", 1_000_000L),
          Map.entry("gb", 1_000_000_000L),
          Map.entry("tb", 1_000_000_000_000L),
          Map.entry("kib", 1L << 10),
          Map.entry("mib", 1L << 20),
          Map.entry("gib", 1L << 30),
          Map.entry("tib", 1L << 40));

  /** Checks that the number is not negative. */
  public ByteSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("a negative size: " + bytes);
    }
  }

  /**
   * Parses a size. {@code KiB} to {@code TiB} are powers of 1024, {@code kB} to {@code TB} of 1000.
   *
   * @throws IllegalArgumentException for anything else, and for sizes beyond 2^63
   */
  public static ByteSize parse(String text) {
    Matcher matcher = FORM.matcher(text);
    Long unit = matcher.matches() ? UNITS.get(matcher.group(3).toLowerCase(Locale.ROOT)) : null;
    if (unit == null) {
      throw new IllegalArgumentException(
          "not a size: '%s' (for example 20GiB, 500MB)".formatted(text));
    }
    try {
      long whole = Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
      String decimals = matcher.group(2);
      if (decimals == null) {
        return new ByteSize(whole);
      }
      long thousandths = Long.parseLong((decimals + "00").substring(0, 3));
      // Exact for every unit: the largest is far below 2^63 / 1000.
      return new ByteSize(Math.addExact(whole, unit * thousandths / 1000));
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("not a size: '%s' (too large)".formatted(text), e);
    }
  }
}
