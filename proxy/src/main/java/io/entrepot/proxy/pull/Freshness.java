package io.entrepot.proxy.pull;

import java.time.Duration;

/**
 * How long an upstream's answer is believed, and how long it is waited for.
 *
 * @param tags how long a tag is believed without asking
 * @param revalidation how long a client waits for a tag to be asked about when an older answer is
 *     held; at least a millisecond
 * @param absence how long it is believed that something is not there
 */
public record Freshness(Duration tags, Duration revalidation, Duration absence) {

  /** Five seconds for revalidation and for absence. */
  public static Freshness of(Duration tags) {
    return new Freshness(tags, Duration.ofSeconds(5), Duration.ofSeconds(5));
  }
}
