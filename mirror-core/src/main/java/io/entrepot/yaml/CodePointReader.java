package io.entrepot.yaml;

import java.io.Reader;

/**
 * Reads a text and never ends between the two halves of a character outside the basic plane: the
 * parser (snakeyaml-engine 3.0) writes beyond its buffer when the halves fall into two reads.
 */
final class CodePointReader extends Reader {

  private final String text;
  private int at;

  CodePointReader(String text) {
    this.text = text;
  }

  @Override
  public int read(char[] buffer, int offset, int length) {
    if (length == 0) {
      return 0;
    }
    if (at == text.length()) {
      return -1;
    }
    int end = Math.min(text.length(), at + length);
    if (end - at > 1 && end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    text.getChars(at, end, buffer, offset);
    int count = end - at;
    at = end;
    return count;
  }

  @Override
  public void close() {
    // A string holds nothing open.
  }
}
