package io.entrepot.trust;

import java.util.List;
import java.util.Set;

/**
 * What has to vouch for an image.
 *
 * @param signers any one suffices; at least one
 * @param attestations predicate types, each of which must be stated by one of the signers; where
 *     there is one, no separate signature is asked for
 */
public record SignaturePolicy(List<Signer> signers, List<String> attestations) {

  /** Copies the lists; without a signer nothing could ever pass. */
  public SignaturePolicy {
    signers = List.copyOf(signers);
    attestations = List.copyOf(attestations);
    if (signers.isEmpty()) {
      throw new IllegalArgumentException("a signature policy needs a signer");
    }
  }

  /** The predicate types of which each must be stated by one of the signers. */
  public Set<String> types() {
    return attestations.isEmpty() ? Set.of(Statement.SIGNATURE) : Set.copyOf(attestations);
  }
}
