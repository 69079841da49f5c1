package io.entrepot.trust.material;

/**
 * Something that claims to be a signature, or a part of one, does not hold. The message says what
 * is wrong in a clause without a subject, such as "the signature does not fit the payload".
 */
public final class BrokenSignatureException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** With the reason. */
  public BrokenSignatureException(String reason) {
    super(reason);
  }

  /** With the reason and what a library threw. */
  public BrokenSignatureException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
