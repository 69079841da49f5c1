package io.entrepot.trust.keyless;

import java.time.Instant;
import java.util.List;

/**
 * Who has signed without a key of their own.
 *
 * @param issuer who vouched for the signer, an address
 * @param identity the signer's name there: an address of a workflow, an e-mail address
 * @param at when it was signed
 * @param proofs what was checked, for people
 */
public record ProvedSigner(String issuer, String identity, Instant at, List<String> proofs) {

  /** Copies the list. */
  public ProvedSigner {
    proofs = List.copyOf(proofs);
  }
}
