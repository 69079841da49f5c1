package io.entrepot.yaml;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * One replacement in a file's text.
 *
 * @param start offset of the first character replaced
 * @param end offset after the last; equal to {@code start} for an insertion
 */
public record TextEdit(int start, int end, String replacement) {

  /** Checks the order of the offsets. */
  public TextEdit {
    if (start < 0 || end < start) {
      throw new IllegalArgumentException("not a range: %d to %d".formatted(start, end));
    }
  }

  /**
   * The text with every edit made at once.
   *
   * @throws IllegalArgumentException if two edits overlap
   */
  public static String apply(String text, List<TextEdit> edits) {
    List<TextEdit> ordered = new ArrayList<>(edits);
    ordered.sort(Comparator.comparingInt(TextEdit::start).thenComparingInt(TextEdit::end));
    StringBuilder out = new StringBuilder(text.length() + 128 * edits.size());
    int at = 0;
    for (TextEdit edit : ordered) {
      if (edit.start < at) {
        throw new IllegalArgumentException("edits overlap at offset " + edit.start);
      }
      out.append(text, at, edit.start).append(edit.replacement);
      at = edit.end;
    }
    return out.append(text, at, text.length()).toString();
  }
}
