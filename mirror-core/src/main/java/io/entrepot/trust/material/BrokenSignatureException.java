package io.entrepot.trust.material;

/**
 * Something that claims to be a signature, or a part of one, does not hold. The message says what
 * is wrong in a clause without a subject, such as "the signature does not fit the payload".
 */
public final class BrokenSignatureException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String reason;

  /** With the reason. */
  public BrokenSignatureException(String reason) {
    super(reason);
    this.reason = reason;
  }

  /** With the reason and what a library threw. */
  public BrokenSignatureException(String reason, Throwable cause) {
    super(reason, cause);
    this.reason = reason;
  }

  /** What is wrong. */
  public String reason() {
    return reason;
  }
}
