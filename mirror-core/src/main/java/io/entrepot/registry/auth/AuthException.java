package io.entrepot.registry.auth;

import org.jspecify.annotations.Nullable;

/**
 * No credential or token could be had, or none may be sent. The message names the registry and what
 * was refused; no secret is in it.
 */
public final class AuthException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** What went wrong. */
  public enum Reason {
    /** The registry names a token realm that may not issue its tokens. */
    REALM_REFUSED,
    /** Credentials would have gone over an unencrypted connection nobody asked for. */
    INSECURE,
    /** The token realm refused the credentials, or refused to serve anybody unknown. */
    CREDENTIALS_REFUSED,
    /** A credential helper or a file with credentials failed. */
    CREDENTIALS_UNAVAILABLE,
    /** The token realm's answer, or the registry's challenge, was not understood. */
    NOT_UNDERSTOOD
  }

  private final Reason reason;
  private final int status;
  private final @Nullable String remedy;

  AuthException(Reason reason, int status, String message, @Nullable String remedy) {
    super(message);
    this.reason = reason;
    this.status = status;
    this.remedy = remedy;
  }

  /** What went wrong. */
  public Reason reason() {
    return reason;
  }

  /** The status of the token realm's answer, or 0 where there was none. */
  public int status() {
    return status;
  }

  /** What a person can do, if that is known. */
  public @Nullable String remedy() {
    return remedy;
  }
}
