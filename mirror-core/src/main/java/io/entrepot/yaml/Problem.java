package io.entrepot.yaml;

import io.entrepot.text.FilePosition;

/**
 * One thing that is wrong with a file.
 *
 * @param position with the file as the user named it
 * @param property the way to it, such as {@code images[3].source}; empty where none is meant
 */
public record Problem(FilePosition position, String property, String message) {

  /** The file as the user named it. */
  public String file() {
    return position.file();
  }

  /** The line, from 1; 0 where the whole file is meant. */
  public int line() {
    return position.line();
  }

  /** {@code file:line: property: message}. */
  @Override
  public String toString() {
    return position + ": " + (property.isEmpty() ? "" : property + ": ") + message;
  }
}
