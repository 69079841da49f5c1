package io.entrepot.cli.command;

/** Options or arguments that make no sense together. */
final class UsageException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }
}
