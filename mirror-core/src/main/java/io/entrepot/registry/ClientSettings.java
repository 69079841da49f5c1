package io.entrepot.registry;

import java.time.Duration;

/**
 * Limits of the registry client. Every read has one, in bytes and in time.
 *
 * @param connectTimeout to a connection, TLS included
 * @param answerTimeout from the end of a request to the first byte of its answer
 * @param commitTimeout the same where a registry may first have to hash what it was sent (GHCR
 *     takes up to 11 s for 700 MB)
 * @param idleTimeout without a byte in either direction while one is expected
 * @param minimumRate bytes a second below which a body that lasts longer than {@code idleTimeout}
 *     counts as stuck
 * @param attempts how often a request is tried in all
 * @param backoffBase upper bound of the first random delay between tries; it doubles each time
 * @param backoffCap upper bound of all of them
 * @param retryAfterCap the longest {@code Retry-After} that is waited for
 * @param connectionsPerHost connections to one host, each idle one kept for a minute
 * @param maximumPages pages of a list
 * @param chunkSize bytes of a chunk where a blob is sent in chunks; GHCR takes at most 4 MiB
 */
public record ClientSettings(
    Duration connectTimeout,
    Duration answerTimeout,
    Duration commitTimeout,
    Duration idleTimeout,
    long minimumRate,
    int attempts,
    Duration backoffBase,
    Duration backoffCap,
    Duration retryAfterCap,
    int connectionsPerHost,
    int maximumPages,
    int chunkSize) {

  /** What a run on a normal network needs. */
  public static final ClientSettings DEFAULTS =
      new ClientSettings(
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          Duration.ofMinutes(10),
          Duration.ofSeconds(60),
          1024,
          5,
          Duration.ofMillis(250),
          Duration.ofSeconds(20),
          Duration.ofMinutes(2),
          32,
          1000,
          4 * 1024 * 1024);

  /** The same with other waits between tries, for tests and impatient callers. */
  public ClientSettings withBackoff(Duration base, Duration cap, Duration longestRetryAfter) {
    return new ClientSettings(
        connectTimeout,
        answerTimeout,
        commitTimeout,
        idleTimeout,
        minimumRate,
        attempts,
        base,
        cap,
        longestRetryAfter,
        connectionsPerHost,
        maximumPages,
        chunkSize);
  }

  /** The same with other limits of time. */
  public ClientSettings withTimeouts(
      Duration connect, Duration answer, Duration commit, Duration idle) {
    return new ClientSettings(
        connect,
        answer,
        commit,
        idle,
        minimumRate,
        attempts,
        backoffBase,
        backoffCap,
        retryAfterCap,
        connectionsPerHost,
        maximumPages,
        chunkSize);
  }
}
