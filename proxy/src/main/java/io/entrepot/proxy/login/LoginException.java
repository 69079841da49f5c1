package io.entrepot.proxy.login;

import java.util.Locale;

/** A login that is not let in. The message has no secret in it. */
public final class LoginException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Why; the label of the metric. */
  public enum Reason {
    /** A user or password that is not right, or no login at all. */
    PASSWORD,
    /** Not a token that can be read. */
    MALFORMED,
    /** A token of somebody who is not configured. */
    ISSUER,
    /** A token for others. */
    AUDIENCE,
    /** Signed in a way that proves nothing here. */
    ALGORITHM,
    /** Its time is over, or it has no end. */
    EXPIRED,
    /** Its time has not begun. */
    FUTURE,
    /** Signed with a key that the issuer does not have. */
    KEY,
    /** The signature is not the key's. */
    SIGNATURE,
    /** The issuer does not answer, so nothing can be judged. */
    UNAVAILABLE,
    /** Not looked at: there were too many wrong ones from the address. */
    LIMIT;

    /** As it is counted and logged. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Reason reason;

  /**
   * @param message for people
   */
  public LoginException(Reason reason, String message) {
    super(message, null, false, false);
    this.reason = reason;
  }

  /** Why. */
  public Reason reason() {
    return reason;
  }
}
