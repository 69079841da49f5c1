package io.entrepot.gate;

import org.jspecify.annotations.Nullable;

/** A check that cannot run at all, as opposed to one that refuses. */
public final class GateException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** What keeps it from running, and what to do. */
  public GateException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
