package io.entrepot.yaml;

import org.jspecify.annotations.Nullable;

/** Text that is not YAML, or more of it than the limits allow. */
public final class UnreadableYamlException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int line;
  private final int column;

  UnreadableYamlException(int line, int column, String problem, @Nullable Throwable cause) {
    super(problem, cause);
    this.line = line;
    this.column = column;
  }

  /** The line in the file, from 1. */
  public int line() {
    return line;
  }

  /** The column, from 1. */
  public int column() {
    return column;
  }
}
