package io.entrepot.store;

import org.jspecify.annotations.Nullable;

/** The store cannot do what was asked. */
public final class StoreException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Reason {
    /** No space, or the file system's quota is used up. */
    FULL,
    /** The bytes do not have the digest or the size that was stated. */
    MISMATCH,
    /** There is no store in the directory. */
    ABSENT,
    /** Another process uses the directory. */
    LOCKED,
    /** A directory that is not a store, or one of another version. */
    FORMAT,
    /** The position is not the end of what was received so far. */
    OUT_OF_ORDER,
    /** Anything else the file system reported. */
    IO
  }

  private final Reason reason;

  /**
   * @param message what failed, and what to do about it
   */
  public StoreException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Why it failed. */
  public Reason reason() {
    return reason;
  }
}
