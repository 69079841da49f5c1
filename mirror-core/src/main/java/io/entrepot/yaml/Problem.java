package io.entrepot.yaml;

/**
 * One thing that is wrong with a file.
 *
 * @param file as the user named it
 * @param line from 1; 0 where the whole file is meant
 * @param property the way to it, such as {@code images[3].source}; empty where none is meant
 */
public record Problem(String file, int line, String property, String message) {

  /** {@code file:line: property: message}. */
  @Override
  public String toString() {
    return file
        + (line > 0 ? ":" + line : "")
        + ": "
        + (property.isEmpty() ? "" : property + ": ")
        + message;
  }
}
