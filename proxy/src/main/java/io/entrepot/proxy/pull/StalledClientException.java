package io.entrepot.proxy.pull;

/** A client that takes nothing. */
public final class StalledClientException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** One without a stack trace: the client did it. */
  public StalledClientException() {
    super("the client takes nothing", null, false, false);
  }
}
