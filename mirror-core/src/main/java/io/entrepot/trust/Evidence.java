package io.entrepot.trust;

import io.entrepot.oci.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A statement that was proved to be an accepted signer's.
 *
 * @param signer as the policy names it
 * @param identity whom exactly
 * @param statement the digest of what was signed
 * @param predicateType what was stated
 * @param signedAt when, where somebody beside the signer says so
 * @param proofs what was checked, for people
 * @param notProved what a reader might take for checked and was not
 */
public record Evidence(
    String signer,
    SignerIdentity identity,
    Digest statement,
    String predicateType,
    Optional<Instant> signedAt,
    List<String> proofs,
    List<String> notProved) {

  /** Copies the lists. */
  public Evidence {
    proofs = List.copyOf(proofs);
    notProved = List.copyOf(notProved);
  }
}
