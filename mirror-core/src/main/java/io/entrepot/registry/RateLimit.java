package io.entrepot.registry;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a registry last said of its quota of pulls ({@code ratelimit-limit} and {@code
 * ratelimit-remaining}, Docker Hub).
 *
 * @param limit pulls in a window
 * @param remaining pulls left
 * @param window the window's length, or null where not said
 * @param source whom the registry counts: an address or an account, or null
 */
public record RateLimit(
    int limit, int remaining, @Nullable Duration window, @Nullable String source) {

  /** Reads {@code 100;w=21600}; empty where the headers are absent or make no sense. */
  static Optional<RateLimit> parse(
      @Nullable String limit, @Nullable String remaining, @Nullable String source) {
    if (limit == null || remaining == null) {
      return Optional.empty();
    }
    int limitValue = number(limit);
    int remainingValue = number(remaining);
    if (limitValue < 0 || remainingValue < 0) {
      return Optional.empty();
    }
    return Optional.of(new RateLimit(limitValue, remainingValue, window(limit), source));
  }

  private static int number(String header) {
    int end = header.indexOf(';');
    try {
      return Integer.parseInt((end < 0 ? header : header.substring(0, end)).strip());
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private static @Nullable Duration window(String header) {
    int at = header.indexOf("w=");
    if (at < 0) {
      return null;
    }
    try {
      return Duration.ofSeconds(Long.parseLong(header.substring(at + 2).strip()));
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
