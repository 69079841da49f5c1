package io.entrepot.text;

import java.util.Comparator;

/**
 * A place in a file.
 *
 * @param file as it is to be shown: relative to the root of the tree where the file lies below it
 * @param line from 1; 0 where the whole file is meant
 * @param column from 1, in characters; 0 where the whole line is meant
 */
public record FilePosition(String file, int line, int column) implements Comparable<FilePosition> {

  private static final Comparator<FilePosition> ORDER =
      Comparator.comparing(FilePosition::file)
          .thenComparingInt(FilePosition::line)
          .thenComparingInt(FilePosition::column);

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException for a negative number, or a column without a line
   */
  public FilePosition {
    if (line < 0 || column < 0 || (line == 0 && column > 0)) {
      throw new IllegalArgumentException("no position: " + file + ":" + line + ":" + column);
    }
  }

  /** The whole file. */
  public static FilePosition of(String file) {
    return new FilePosition(file, 0, 0);
  }

  /** A whole line; line 0 means the whole file. */
  public static FilePosition of(String file, int line) {
    return new FilePosition(file, line, 0);
  }

  /** The same place in a file of another name. */
  public FilePosition in(String otherFile) {
    return new FilePosition(otherFile, line, column);
  }

  /** By file, line and column. */
  @Override
  public int compareTo(FilePosition other) {
    return ORDER.compare(this, other);
  }

  /** {@code file:line:column}, as editors and terminals read it; zeros are left out. */
  @Override
  public String toString() {
    return file + (line > 0 ? ":" + line : "") + (column > 0 ? ":" + column : "");
  }
}
