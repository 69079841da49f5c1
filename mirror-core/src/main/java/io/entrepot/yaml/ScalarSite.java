package io.entrepot.yaml;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A scalar and the place of its text, quotes included. There are as many as keys and values in a
 * tree, so that each byte of one counts: what is small is kept in one byte.
 */
public final class ScalarSite implements SourceNode {

  private static final Style[] STYLES = Style.values();
  private static final int STYLE = 0b111;
  private static final int FLOW = 0b1000;
  private static final int KEY = 0b1_0000;

  private final SourceText source;
  private final int start;
  private final int end;
  private final String value;
  private final @Nullable String anchor;
  private final byte kind;

  @SuppressWarnings("EnumOrdinal") // It never leaves this class.
  ScalarSite(
      SourceText source,
      int start,
      int end,
      String value,
      Style style,
      @Nullable String anchor,
      boolean flow,
      boolean key) {
    this.source = source;
    this.start = start;
    this.end = end;
    this.value = value;
    this.anchor = anchor;
    this.kind = (byte) (style.ordinal() | (flow ? FLOW : 0) | (key ? KEY : 0));
  }

  @Override
  public SourceText source() {
    return source;
  }

  /** The offset of the first character, after anchor and tag. */
  @Override
  public int start() {
    return start;
  }

  /** The offset after the last character. */
  public int end() {
    return end;
  }

  /** What the scalar means as a string. */
  public String value() {
    return value;
  }

  /** How it is written. */
  public Style style() {
    return STYLES[kind & STYLE];
  }

  @Override
  public @Nullable String anchor() {
    return anchor;
  }

  /** Whether it stands inside braces or brackets. */
  public boolean flow() {
    return (kind & FLOW) != 0;
  }

  /** Whether it is a key of a mapping. */
  public boolean key() {
    return (kind & KEY) != 0;
  }

  /** How a scalar is written. */
  public enum Style {
    /** Without quotes. */
    PLAIN,
    /** In single quotes. */
    SINGLE_QUOTED,
    /** In double quotes. */
    DOUBLE_QUOTED,
    /** A block after {@code |}. */
    LITERAL,
    /** A block after {@code >}. */
    FOLDED
  }

  /** What a plain scalar must not look like, lest it stop being a string (YAML 1.1 and 1.2). */
  private static final Pattern NOT_A_STRING =
      Pattern.compile(
          "~|null|Null|NULL|true|True|TRUE|false|False|FALSE|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF"
              + "|y|Y|n|N|[-+]?[0-9][0-9_]*|0x[0-9a-fA-F_]+|0o?[0-7_]+|0b[01_]+"
              + "|[-+]?(?:[0-9][0-9_]*)?\\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*(?:\\.[0-9_]*)?[eE][-+]?[0-9]+"
              + "|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\\.[0-9_]*)?|[-+]?\\.(?:inf|Inf|INF)|\\.(?:nan|NaN|NAN)"
              + "|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*");

  private static final String INDICATORS = "-?:,[]{}#&*!|>'\"%@`";

  /** The line in the file on which the text starts. */
  @Override
  public int line() {
    return source.fileLine(start);
  }

  /** The text as it is written. */
  public String raw() {
    return source.text().substring(start, end);
  }

  /** Whether nothing is written at all, as in {@code tag:}. */
  public boolean isAbsent() {
    return start == end;
  }

  /** Whether the scalar means nothing: absent, {@code ~}, {@code null} or an empty string. */
  public boolean isEmpty() {
    return value.isEmpty()
        || (style() == Style.PLAIN && (value.equals("~") || value.equals("null")));
  }

  /**
   * The text of a block scalar without its indentation, line breaks as they stand.
   *
   * @throws IllegalStateException for a scalar of another style
   */
  public SourceText content() {
    if (style() != Style.LITERAL && style() != Style.FOLDED) {
      throw new IllegalStateException("not a block scalar: " + this);
    }
    return source.block(start, () -> BlockText.takenOut(source, start, end));
  }

  /**
   * The edit that makes this scalar mean {@code replacement}, in the quotes it has; a plain scalar
   * gets double quotes where it would otherwise stop being a string.
   *
   * @return empty where that cannot be done inside one line
   */
  public Optional<TextEdit> write(String replacement) {
    if (style() == Style.LITERAL || style() == Style.FOLDED) {
      SourceText inner = content();
      String body = inner.text().strip();
      int from = inner.text().indexOf(body);
      return body.isEmpty()
              || !body.equals(value.strip())
              || !inner.sameLine(from, from + body.length())
          ? Optional.empty()
          : Optional.of(
              new TextEdit(inner.toFile(from), inner.toFile(from + body.length()), replacement));
    }
    if (!source.sameLine(start, end)) {
      return Optional.empty();
    }
    return Optional.of(
        new TextEdit(source.toFile(start), source.toFile(end), rendered(replacement)));
  }

  /**
   * The edit that replaces a part of the value, {@code from} to {@code to}.
   *
   * @return empty where escapes or line folding keep the value's characters from being found in the
   *     text
   */
  public Optional<TextEdit> writePart(int from, int to, String replacement) {
    if (from == 0 && to == value.length()) {
      return write(replacement);
    }
    if (style() == Style.LITERAL) {
      SourceText inner = content();
      // The value's line breaks are normalised; the text's are as they stand.
      int at = inner.fromValue(from);
      if (!inner.text().startsWith(value.substring(from, to), at)) {
        return Optional.empty();
      }
      return Optional.of(
          new TextEdit(inner.toFile(at), inner.toFile(at + (to - from)), replacement));
    }
    int quote = style() == Style.PLAIN ? 0 : 1;
    if (style() == Style.FOLDED
        || end - start != value.length() + 2 * quote
        || !source.text().startsWith(value, start + quote)) {
      return Optional.empty();
    }
    int at = source.toFile(start + quote + from);
    return Optional.of(new TextEdit(at, at + (to - from), replacement));
  }

  /** The line in the file of a character of the value. */
  public int lineOf(int from) {
    if (style() != Style.LITERAL) {
      return line();
    }
    SourceText inner = content();
    int at = inner.fromValue(from);
    return at > inner.text().length() ? line() : inner.fileLine(at);
  }

  private String rendered(String replacement) {
    return switch (style()) {
      case SINGLE_QUOTED -> "'" + replacement.replace("'", "''") + "'";
      case DOUBLE_QUOTED -> doubleQuoted(replacement);
      default -> {
        String text = plainWouldStayString(replacement) ? replacement : doubleQuoted(replacement);
        boolean glued = isAbsent() && start > 0 && source.text().charAt(start - 1) == ':';
        yield glued ? " " + text : text;
      }
    };
  }

  private boolean plainWouldStayString(String text) {
    if (text.isEmpty()
        || INDICATORS.indexOf(text.charAt(0)) >= 0
        || NOT_A_STRING.matcher(text).matches()
        || text.contains(": ")
        || text.contains(" #")
        || text.endsWith(":")
        || !text.equals(text.strip())) {
      return false;
    }
    return text.chars().allMatch(c -> c >= ' ' && c < 0x7f && !(flow() && ",[]{}".indexOf(c) >= 0));
  }

  private static String doubleQuoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  @Override
  public String toString() {
    return "'%s' at line %d".formatted(value, line());
  }
}
