package io.entrepot.registry;

import java.time.Duration;

/**
 * Limits of the registry client. Every read has one, in bytes and in time.
 *
 * @param minimumRate bytes a second below which a body that lasts longer than {@link Timeouts#idle}
 *     counts as stuck
 * @param attempts how often a request is tried in all
 * @param connectionsPerHost connections to one host, each idle one kept for a minute
 * @param maximumPages pages of a list
 * @param chunkSize bytes of a chunk where a blob is sent in chunks; GHCR takes at most 4 MiB
 */
public record ClientSettings(
    Timeouts timeouts,
    long minimumRate,
    int attempts,
    Backoff backoff,
    int connectionsPerHost,
    int maximumPages,
    int chunkSize) {

  /**
   * Limits of time.
   *
   * @param connect to a connection, TLS included
   * @param answer from the end of a request to the first byte of its answer
   * @param another the same, and to a connection, where another endpoint can be asked instead
   * @param commit the same where a registry may first have to hash what it was sent (GHCR takes up
   *     to 11 s for 700 MB)
   * @param idle without a byte in either direction while one is expected
   */
  public record Timeouts(
      Duration connect, Duration answer, Duration another, Duration commit, Duration idle) {}

  /**
   * Waits between tries.
   *
   * @param base upper bound of the first random delay; it doubles each time
   * @param cap upper bound of all of them
   * @param retryAfter the longest {@code Retry-After} that is waited for
   * @param budget no try follows when the tries so far took this long in all, unless the registry
   *     said when to come again; pauses do not count
   */
  public record Backoff(Duration base, Duration cap, Duration retryAfter, Duration budget) {}

  /** What a run on a normal network needs. */
  public static final ClientSettings DEFAULTS =
      new ClientSettings(
          new Timeouts(
              Duration.ofSeconds(10),
              Duration.ofSeconds(45),
              Duration.ofSeconds(5),
              Duration.ofMinutes(10),
              Duration.ofSeconds(60)),
          1024,
          5,
          new Backoff(
              Duration.ofMillis(250),
              Duration.ofSeconds(20),
              Duration.ofMinutes(2),
              Duration.ofSeconds(85)),
          32,
          1000,
          4 * 1024 * 1024);

  /** The same with other waits between tries, for tests and impatient callers. */
  public ClientSettings withBackoff(Duration base, Duration cap, Duration longestRetryAfter) {
    return with(timeouts, new Backoff(base, cap, longestRetryAfter, backoff.budget()));
  }

  /**
   * The same with other limits of time.
   *
   * @param another as {@link Timeouts#another}; at most {@code answer}
   */
  public ClientSettings withTimeouts(
      Duration connect, Duration answer, Duration another, Duration commit, Duration idle) {
    return with(new Timeouts(connect, answer, another, commit, idle), backoff);
  }

  /**
   * The same for somebody who waits in front of a program: a registry that says nothing costs half
   * a minute at most, also where others are asked before it.
   */
  public ClientSettings impatient() {
    return with(
        new Timeouts(
            Duration.ofSeconds(5),
            Duration.ofSeconds(18),
            timeouts.another(),
            timeouts.commit(),
            timeouts.idle()),
        new Backoff(
            Duration.ofMillis(200),
            Duration.ofSeconds(2),
            Duration.ofSeconds(10),
            Duration.ofSeconds(12)));
  }

  private ClientSettings with(Timeouts limits, Backoff waits) {
    return new ClientSettings(
        limits, minimumRate, attempts, waits, connectionsPerHost, maximumPages, chunkSize);
  }
}
