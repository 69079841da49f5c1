package io.entrepot.yaml;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The text of a file, or of a block scalar inside it with the indentation taken away.
 *
 * <p>Offsets are UTF-16 units. Those of an inner text map back to the file, so that an edit found
 * three block scalars deep is still an edit of the file.
 */
public final class SourceText {

  private static final int READABLE = 4096;

  private final String text;
  private final int[] lineStarts;
  private final int[] fileStarts;
  private final int firstLine;
  private final int depth;
  private final SourceText file;
  private @Nullable Map<Integer, SourceText> blocks;
  private final int @Nullable [] valueStarts;

  private SourceText(
      String text,
      int[] lineStarts,
      int[] fileStarts,
      int firstLine,
      int depth,
      @Nullable SourceText file) {
    this.text = text;
    this.lineStarts = lineStarts;
    this.fileStarts = fileStarts;
    this.firstLine = firstLine;
    this.depth = depth;
    this.file = file == null ? this : file;
    this.valueStarts = text.indexOf('\r') < 0 ? null : valueStarts(text, lineStarts);
  }

  /** A whole file's text. */
  public static SourceText of(String text) {
    int[] starts = lineStarts(text);
    return new SourceText(text, starts, starts, 1, 0, null);
  }

  /**
   * Decodes a whole file.
   *
   * @throws UnreadableYamlException if the bytes are not UTF-8, which could not be written back
   *     unchanged
   */
  public static SourceText decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      return of(
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(in)
              .toString());
    } catch (CharacterCodingException e) {
      int line = 1;
      for (int i = 0; i < in.position(); i++) {
        line += bytes[i] == '\n' ? 1 : 0;
      }
      throw new UnreadableYamlException(line, 1, "not UTF-8", e);
    }
  }

  /** The text of lines of {@code outer}, each from its own start on. */
  static SourceText inside(SourceText outer, String text, int[] outerStarts) {
    int[] fileStarts = new int[outerStarts.length];
    for (int i = 0; i < outerStarts.length; i++) {
      fileStarts[i] = outer.toFile(outerStarts[i]);
    }
    int[] lineStarts = lineStarts(text);
    int first = outerStarts.length == 0 ? outer.firstLine : outer.fileLine(outerStarts[0]);
    return new SourceText(
        text,
        lineStarts,
        Arrays.copyOf(fileStarts, lineStarts.length),
        first,
        outer.depth + 1,
        outer.file);
  }

  /**
   * The text of one of this text's block scalars, taken out once.
   *
   * @param start the offset of its indicator
   */
  SourceText block(int start, Supplier<SourceText> content) {
    Map<Integer, SourceText> taken = blocks;
    if (taken == null) {
      // Few texts hold blocks that anybody looks into.
      taken = new HashMap<>();
      blocks = taken;
    }
    SourceText known = taken.get(start);
    if (known == null) {
      known = content.get();
      taken.put(start, known);
    }
    return known;
  }

  /**
   * The offset in this text of an offset in what it means, where each line break is one character.
   */
  int fromValue(int valueOffset) {
    if (valueStarts == null) {
      return valueOffset;
    }
    int index = index(valueStarts, valueOffset);
    return lineStarts[index] + (valueOffset - valueStarts[index]);
  }

  /** The first line in the file of more than so many characters; 0 where there is none. */
  int lineLongerThan(int most) {
    for (int i = 0; i < lineStarts.length; i++) {
      int end = i + 1 < lineStarts.length ? lineStarts[i + 1] : text.length();
      if (end - lineStarts[i] > most) {
        return firstLine + i;
      }
    }
    return 0;
  }

  /** The text of the line of an offset; empty where it is too long for anybody to read. */
  public String lineOf(int offset) {
    return readable(lineIndex(offset));
  }

  /** The same for the line before; empty before the first. */
  public String lineAbove(int offset) {
    return readable(lineIndex(offset) - 1);
  }

  private String readable(int index) {
    if (index < 0) {
      return "";
    }
    int end = index + 1 < lineStarts.length ? lineStarts[index + 1] : text.length();
    return end - lineStarts[index] > READABLE ? "" : line(firstLine + index);
  }

  /** The text. */
  public String text() {
    return text;
  }

  /** How many block scalars this text lies inside of; 0 for a file. */
  public int depth() {
    return depth;
  }

  /** Number of lines, an empty last one included. */
  public int lines() {
    return lineStarts.length;
  }

  /** The line of an offset in the file, from 1. */
  public int fileLine(int offset) {
    return firstLine + lineIndex(offset);
  }

  /** The line's text without its break; {@code line} counts from 1 in the file. */
  public String line(int line) {
    int index = line - firstLine;
    int start = lineStarts[index];
    int end = index + 1 < lineStarts.length ? lineStarts[index + 1] : text.length();
    return text.substring(start, end).stripTrailing();
  }

  /** The offset in the file of an offset in this text. */
  public int toFile(int offset) {
    int index = lineIndex(offset);
    return fileStarts[index] + (offset - lineStarts[index]);
  }

  /** How many characters of the file's line stand before this text's line, by the file's offset. */
  public int fileColumn(int fileOffset) {
    return fileOffset - file.startOfLine(fileOffset);
  }

  /** Whether {@code from} and {@code to} stand on one line, so that an edit between is possible. */
  boolean sameLine(int from, int to) {
    return lineIndex(from) == lineIndex(to);
  }

  /** The offset at which the line of {@code offset} starts. */
  public int startOfLine(int offset) {
    return lineStarts[lineIndex(offset)];
  }

  /** The offset after the break of the line of {@code offset}. */
  public int startOfNextLine(int offset) {
    int index = lineIndex(offset) + 1;
    return index < lineStarts.length ? lineStarts[index] : text.length();
  }

  /** The break that ends the line of {@code offset}, {@code \n} where the file has no break. */
  public String lineBreak(int offset) {
    int next = startOfNextLine(offset);
    if (next >= 2 && text.charAt(next - 1) == '\n' && text.charAt(next - 2) == '\r') {
      return "\r\n";
    }
    return "\n";
  }

  private int lineIndex(int offset) {
    return index(lineStarts, offset);
  }

  private static int index(int[] starts, int offset) {
    int found = Arrays.binarySearch(starts, offset);
    return found >= 0 ? found : -found - 2;
  }

  /** Where the lines start when each break is one character. */
  private static int[] valueStarts(String text, int[] lineStarts) {
    int[] starts = new int[lineStarts.length];
    int dropped = 0;
    for (int i = 1; i < starts.length; i++) {
      dropped += text.startsWith("\r\n", lineStarts[i] - 2) ? 1 : 0;
      starts[i] = lineStarts[i] - dropped;
    }
    return starts;
  }

  private static int[] lineStarts(String text) {
    int[] starts = new int[16];
    int count = 1;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean end =
          c == '\n' || (c == '\r' && !(i + 1 < text.length() && text.charAt(i + 1) == '\n'));
      if (end) {
        if (count == starts.length) {
          starts = Arrays.copyOf(starts, count * 2);
        }
        starts[count++] = i + 1;
      }
    }
    return Arrays.copyOf(starts, count);
  }
}
