package io.entrepot.yaml;

import java.util.ArrayList;
import java.util.List;

/** The text inside a block scalar. */
final class BlockText {

  private BlockText() {}

  /**
   * The lines of a block without their indentation, line breaks as they stand.
   *
   * @param start the offset of the indicator
   * @param end the offset after the block
   */
  static SourceText takenOut(SourceText source, int start, int end) {
    String text = source.text();
    int at = source.startOfNextLine(start);
    int indent = -1;
    StringBuilder content = new StringBuilder();
    List<Integer> starts = new ArrayList<>();
    while (at < Math.min(text.length(), end)) {
      int next = source.startOfNextLine(at);
      String line = text.substring(at, next);
      int spaces = 0;
      while (spaces < line.length() && line.charAt(spaces) == ' ') {
        spaces++;
      }
      boolean blank = line.substring(spaces).isBlank() && line.indexOf('\t') < 0;
      if (!blank && indent < 0) {
        indent = indentation(source, start, spaces);
      }
      if (!blank && spaces < indent) {
        break;
      }
      int skip = Math.min(spaces, indent < 0 ? spaces : indent);
      starts.add(at + skip);
      content.append(line, skip, line.length());
      at = next;
    }
    starts.add(at);
    return SourceText.inside(
        source, content.toString(), starts.stream().mapToInt(Integer::intValue).toArray());
  }

  private static int indentation(SourceText source, int start, int found) {
    String raw = source.text();
    for (int i = start + 1; i < raw.length() && "+-0123456789".indexOf(raw.charAt(i)) >= 0; i++) {
      if (Character.isDigit(raw.charAt(i))) {
        // The indicator counts from the parent's indentation, which the text does not tell cheaply;
        // leading blanks beyond it belong to the content.
        int line = source.startOfLine(start);
        int parent = line;
        while (parent < raw.length() && (raw.charAt(parent) == ' ')) {
          parent++;
        }
        while (raw.startsWith("- ", parent) && parent + 2 < start) {
          parent += 2;
          while (raw.charAt(parent) == ' ') {
            parent++;
          }
        }
        return Math.min(found, parent - line + (raw.charAt(i) - '0'));
      }
    }
    return found;
  }
}
