package io.entrepot.proxy.admission;

import io.entrepot.oci.Digest;
import io.entrepot.store.RepositoryId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a client asked for and did not get.
 *
 * @param firstSeen of what waits to be old enough, else null
 * @param until when that is old enough, else null
 * @param reason why it is refused; null for what waits
 * @param denied whether the policy names it, or something in it, as denied
 */
public record Withheld(
    RepositoryId repository,
    Digest digest,
    @Nullable Instant firstSeen,
    @Nullable Instant until,
    @Nullable String reason,
    boolean denied) {

  static Withheld waiting(RepositoryId id, Digest digest, Instant firstSeen, Instant until) {
    return new Withheld(id, digest, firstSeen, until, null, false);
  }

  static Withheld refused(RepositoryId id, Digest digest, String reason, boolean denied) {
    return new Withheld(id, digest, null, null, reason, denied);
  }
}
