package io.entrepot.pods;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A list of pods cannot be read. The message names it and says what to do. */
public final class PodListException extends RuntimeException {

  @Serial private static final long serialVersionUID = 1;

  PodListException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
