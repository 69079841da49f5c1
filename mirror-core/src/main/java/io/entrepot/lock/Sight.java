package io.entrepot.lock;

import io.entrepot.oci.Digest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;

/**
 * When a digest was first seen at its source, by our own clock.
 *
 * @param firstSeen to the second; fractions are cut off
 */
public record Sight(Digest digest, Instant firstSeen) implements Comparable<Sight> {

  private static final Comparator<Sight> OLDEST_FIRST =
      Comparator.comparing(Sight::firstSeen).thenComparing(Sight::digest);

  public Sight {
    firstSeen = firstSeen.truncatedTo(ChronoUnit.SECONDS);
  }

  @Override
  public int compareTo(Sight other) {
    return OLDEST_FIRST.compare(this, other);
  }
}
