package io.entrepot.mirror.compose;

import io.entrepot.text.FilePosition;

/** Something that a composition asks for and that cannot be. */
public final class ComposeException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient FilePosition position;
  private final boolean configuration;

  private ComposeException(FilePosition position, String message, boolean configuration) {
    super(message);
    this.position = position;
    this.configuration = configuration;
  }

  /** The entry asks for what is not there, or must not be. */
  static ComposeException wrong(FilePosition position, String message) {
    return new ComposeException(position, message, true);
  }

  /** What is there must not be put into an image. */
  static ComposeException refused(FilePosition position, String message) {
    return new ComposeException(position, message, false);
  }

  /** In mirror.yaml. */
  public FilePosition position() {
    return position;
  }

  /** Whether the file is to be corrected; else the content is refused. */
  public boolean isConfiguration() {
    return configuration;
  }
}
