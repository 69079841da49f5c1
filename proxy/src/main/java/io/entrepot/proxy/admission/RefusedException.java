package io.entrepot.proxy.admission;

/** What the policy does not let pass; the message says why and what to do. */
public final class RefusedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * @param message for the client
   */
  public RefusedException(String message) {
    super(message, null, false, false);
  }
}
