package io.entrepot.registry;

/** The source of an upload failed, not its target. */
final class SourceFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  SourceFailure(Throwable cause) {
    super(cause);
  }
}
