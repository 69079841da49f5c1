package io.entrepot.verify;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A layer whose files cannot be listed. */
final class LayerException extends IOException {

  private static final long serialVersionUID = 1L;

  private final boolean broken;

  private LayerException(boolean broken, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.broken = broken;
  }

  /** No container runtime could unpack it. */
  static LayerException broken(String message) {
    return new LayerException(true, message, null);
  }

  /** As {@link #broken(String)}, as the decompressor says. */
  static LayerException broken(String message, Throwable cause) {
    return new LayerException(true, message, cause);
  }

  /** Not read here: too large, or of a kind that is not known. */
  static LayerException notRead(String message) {
    return new LayerException(false, message, null);
  }

  boolean isBroken() {
    return broken;
  }
}
