package io.entrepot.pin;

import java.io.IOException;

/** A chart that cannot be rendered with the values at hand. */
public final class UnrenderableException extends IOException {

  private static final long serialVersionUID = 1L;

  /**
   * @param message what the renderer said
   */
  public UnrenderableException(String message) {
    super(message);
  }
}
