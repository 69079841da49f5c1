package io.entrepot.policy;

import io.entrepot.trust.Evidence;
import java.time.Instant;
import java.util.List;

/** Whether a digest may run. Only {@link Admitted} lets it pass. */
public sealed interface Decision {

  /**
   * It may.
   *
   * @param evidence of signers, where the policy asks for them
   */
  record Admitted(List<Evidence> evidence) implements Decision {
    /** Copies the list. */
    public Admitted {
      evidence = List.copyOf(evidence);
    }
  }

  /** It may later, if nothing else happens. */
  record Waiting(Instant until) implements Decision {}

  /**
   * It may not.
   *
   * @param reason a sentence without its subject, such as "it is denied: poisoned release"
   * @param remedy what a person can do
   */
  record Refused(Cause cause, String reason, String remedy) implements Decision {}

  /**
   * Nobody can tell, so it may not.
   *
   * @param reason what is missing
   * @param remedy what a person can do
   */
  record Unjudged(String reason, String remedy) implements Decision {}

  /** Why a digest is refused, as reports and metrics name it. */
  enum Cause {
    /** Its digest, something in it, or its repository is denied. */
    DENIED("denied"),
    /** Nothing claims to be its signature. */
    UNSIGNED("unsigned"),
    /** Its signature is by nobody who is accepted, or does not hold. */
    WRONG_SIGNER("wrong-signer"),
    /** A demanded attestation is not there, or not right. */
    ATTESTATION_MISSING("attestation-missing");

    private final String word;

    Cause(String word) {
      this.word = word;
    }

    /** The word in reports. */
    public String word() {
      return word;
    }
  }
}
