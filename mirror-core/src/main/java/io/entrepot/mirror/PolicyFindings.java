package io.entrepot.mirror;

import io.entrepot.lock.Denial;
import io.entrepot.lock.LockedSignature;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a run has found out about an image for its policy.
 *
 * @param judged whether the image was judged in this run
 * @param fingerprint of the denied digests that it was looked through for
 * @param signedBy by source: of an assembled list each part has its own
 * @param denial what is denied in it
 */
public record PolicyFindings(
    boolean judged,
    Optional<Digest> fingerprint,
    Map<ImageReference, List<LockedSignature>> signedBy,
    Optional<Denial> denial) {

  /** Nobody has asked. */
  public static final PolicyFindings NONE =
      new PolicyFindings(false, Optional.empty(), Map.of(), Optional.empty());

  /** Copies the map. */
  public PolicyFindings {
    signedBy = Map.copyOf(signedBy);
  }

  /** The image is denied. */
  static PolicyFindings denied(Denial denial) {
    return new PolicyFindings(true, Optional.empty(), Map.of(), Optional.of(denial));
  }
}
