package io.entrepot.policy;

import io.entrepot.oci.Digest;
import io.entrepot.text.FilePosition;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/**
 * A digest that may run although it is too young or unsigned; never although it is denied.
 *
 * @param until the last day on which that counts, in UTC
 * @param position in the policy's file
 */
public record Admission(Digest digest, String reason, LocalDate until, FilePosition position) {

  /** Whether the last day is not over. */
  public boolean counts(Instant now) {
    return now.isBefore(until.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant());
  }
}
