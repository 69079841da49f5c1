package io.entrepot.trust;

import io.entrepot.oci.Digest;
import java.util.List;

/**
 * A statement that was proved to be an accepted signer's.
 *
 * @param signer as the policy names it
 * @param identity whom exactly: the fingerprint of the key, or the identity and its issuer
 * @param statement the digest of what was signed
 * @param predicateType what was stated
 * @param proofs what was checked, for people
 */
public record Evidence(
    String signer, String identity, Digest statement, String predicateType, List<String> proofs) {

  /** Copies the list. */
  public Evidence {
    proofs = List.copyOf(proofs);
  }
}
