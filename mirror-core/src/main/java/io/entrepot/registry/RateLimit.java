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
 * @param window the window's length
 * @param source whom the registry counts: an address or an account, or null
 */
public record RateLimit(int limit, int remaining, Duration window, @Nullable String source) {

  /**
   * A quota of pulls moves on by hours. What GitLab and others say in these headers are requests a
   * minute (IETF draft "RateLimit header fields"), which is no quota of pulls.
   */
  private static final Duration SHORTEST_WINDOW = Duration.ofMinutes(15);

  /**
   * Reads {@code 100;w=21600}; empty where the headers are absent, make no sense, or count
   * something else than pulls: a quota names its window.
   */
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
    Duration window = window(limit);
    return window == null || window.compareTo(SHORTEST_WINDOW) < 0
        ? Optional.empty()
        : Optional.of(new RateLimit(limitValue, remainingValue, window, source));
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
