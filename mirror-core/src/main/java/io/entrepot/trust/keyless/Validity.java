package io.entrepot.trust.keyless;

import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.StrictJson;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * For how long something of a trusted root is believed.
 *
 * @param start null where the root names none: then it is believed at no time
 * @param end null where it has not ended
 */
record Validity(@Nullable Instant start, @Nullable Instant end) {

  static Validity of(JsonNode parent) {
    JsonNode period = parent.path("validFor");
    return new Validity(time(period, "start"), time(period, "end"));
  }

  boolean covers(Instant moment) {
    return start != null && !moment.isBefore(start) && (end == null || !moment.isAfter(end));
  }

  private static @Nullable Instant time(JsonNode period, String field) {
    if (period.path(field).isMissingNode()) {
      return null;
    }
    try {
      return Instant.parse(StrictJson.text(period, field));
    } catch (DateTimeParseException e) {
      throw new BrokenSignatureException("validFor." + field + " is no time", e);
    }
  }
}
