package io.entrepot.lock;

import io.entrepot.oci.Digest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * What a policy made of an image; nothing where no policy asks.
 *
 * @param firstSeen when the locked digest was first seen at its source, to the second
 * @param waiting digests that the tag has had since and that are too young, oldest first
 * @param signedBy who vouches for the locked digest, in the order of the policy's verdict
 * @param judged a fingerprint of the denied digests that the image was looked through for
 * @param denied why it is refused, where the policy denies it by now
 */
public record LockedTrust(
    Optional<Instant> firstSeen,
    List<Sight> waiting,
    List<LockedSignature> signedBy,
    Optional<Digest> judged,
    Optional<Denial> denied) {

  /** No policy has asked for anything. */
  public static final LockedTrust NONE =
      new LockedTrust(Optional.empty(), List.of(), List.of(), Optional.empty(), Optional.empty());

  /** Sorts what waits and cuts times to the second. */
  public LockedTrust {
    firstSeen = firstSeen.map(time -> time.truncatedTo(ChronoUnit.SECONDS));
    waiting = waiting.stream().sorted().distinct().toList();
    signedBy = List.copyOf(signedBy);
  }

  /** The same with another first sight. */
  public LockedTrust seen(Optional<Instant> at) {
    return new LockedTrust(at, waiting, signedBy, judged, denied);
  }

  /** The same with other digests that wait. */
  public LockedTrust waitingFor(List<Sight> others) {
    return new LockedTrust(firstSeen, others, signedBy, judged, denied);
  }

  /** The same with other signatures. */
  public LockedTrust signedBy(List<LockedSignature> signatures) {
    return new LockedTrust(firstSeen, waiting, signatures, judged, denied);
  }

  /** The same with another answer to what the policy denies. */
  public LockedTrust judged(Optional<Digest> fingerprint, Optional<Denial> denial) {
    return new LockedTrust(firstSeen, waiting, signedBy, fingerprint, denial);
  }
}
