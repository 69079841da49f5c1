package io.entrepot.ca;

/** What the local authority cannot or will not do; the message says what to do instead. */
public final class CaException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  CaException(String message) {
    super(message);
  }

  CaException(String message, Throwable cause) {
    super(message, cause);
  }
}
