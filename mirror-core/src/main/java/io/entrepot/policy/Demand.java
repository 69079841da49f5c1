package io.entrepot.policy;

import io.entrepot.trust.SignaturePolicy;

/** What a rule asks of the images that it fits, beside their age. */
public sealed interface Demand {

  /** Nothing more. */
  record Nothing() implements Demand {}

  /** That named signers vouch for it. */
  record SignedBy(SignaturePolicy signatures) implements Demand {}

  /**
   * Nothing: it is known to be unsigned.
   *
   * @param reason why that is accepted
   */
  record Unsigned(String reason) implements Demand {}

  /**
   * That it does not run.
   *
   * @param reason why
   */
  record Denied(String reason) implements Demand {}
}
