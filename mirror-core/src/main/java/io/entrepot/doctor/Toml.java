package io.entrepot.doctor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * As much of TOML 1.0 as clients of registries write: tables in their order, and of values their
 * text. Inline tables and dotted keys become tables of their own. A line that cannot be read costs
 * that line.
 */
final class Toml {

  private static final int MAX_DEPTH = 32;

  private final String text;
  private final List<Table> tables = new ArrayList<>();
  private final List<Integer> unread = new ArrayList<>();
  private int at;
  private int line = 1;

  private Toml(String text) {
    this.text = text;
  }

  /** The texts of a list, or the one of a scalar. */
  record Value(List<String> texts, int line) {
    String text() {
      return texts.isEmpty() ? "" : texts.getFirst();
    }

    boolean isTrue() {
      return text().equals("true");
    }
  }

  /** A table and its keys. */
  record Table(List<String> path, int line, Map<String, Value> values) {
    @Nullable Value get(String key) {
      return values.get(key);
    }

    /** The text of a key; empty where there is none. */
    String text(String key) {
      Value value = values.get(key);
      return value == null ? "" : value.text();
    }

    boolean isTrue(String key) {
      Value value = values.get(key);
      return value != null && value.isTrue();
    }
  }

  /** A line or a part of it that is none of what is read here. */
  private static final class UnreadableException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  static Toml parse(String text) {
    Toml toml = new Toml(text.replace("\r\n", "\n"));
    toml.document();
    return toml;
  }

  /** All tables, the one without a name first. */
  List<Table> tables() {
    return tables;
  }

  /** Lines that could not be read. */
  List<Integer> unread() {
    return unread;
  }

  private void document() {
    Table current = open(List.of());
    for (blank(true); at < text.length(); blank(true)) {
      int start = line;
      try {
        if (peek() == '[') {
          current = header();
        } else {
          pair(current, 0);
        }
        blank(false);
        if (at < text.length() && peek() != '\n') {
          throw new UnreadableException();
        }
      } catch (UnreadableException e) {
        unread.add(start);
        while (at < text.length() && peek() != '\n') {
          at++;
        }
      }
    }
  }

  private Table open(List<String> path) {
    Table table = new Table(List.copyOf(path), line, new LinkedHashMap<>());
    tables.add(table);
    return table;
  }

  private Table header() {
    boolean array = text.startsWith("[[", at);
    at += array ? 2 : 1;
    List<String> path = keys();
    expect(']');
    if (array) {
      expect(']');
    }
    return open(path);
  }

  private void pair(Table owner, int depth) {
    List<String> keys = keys();
    expect('=');
    blank(false);
    List<String> path = new ArrayList<>(owner.path());
    path.addAll(keys);
    int start = line;
    List<String> texts = new ArrayList<>();
    if (value(path, texts, depth)) {
      Table place = keys.size() == 1 ? owner : open(path.subList(0, path.size() - 1));
      place.values().put(keys.getLast(), new Value(List.copyOf(texts), start));
    }
  }

  /** Reads a value; false where it is a table, which stands for itself. */
  private boolean value(List<String> path, List<String> texts, int depth) {
    if (depth > MAX_DEPTH || at >= text.length()) {
      throw new UnreadableException();
    }
    switch (peek()) {
      case '{' -> {
        at++;
        Table inner = open(path);
        for (blank(true); peek() != '}'; blank(true)) {
          pair(inner, depth + 1);
          comma('}');
        }
        at++;
        return false;
      }
      case '[' -> {
        at++;
        for (blank(true); peek() != ']'; blank(true)) {
          value(path, texts, depth + 1);
          comma(']');
        }
        at++;
      }
      case '"', '\'' -> texts.add(string());
      default -> texts.add(bare("+-.:_"));
    }
    return true;
  }

  private void comma(char end) {
    blank(true);
    if (peek() == ',') {
      at++;
    } else if (peek() != end) {
      throw new UnreadableException();
    }
  }

  private List<String> keys() {
    List<String> keys = new ArrayList<>();
    do {
      if (!keys.isEmpty()) {
        at++;
      }
      blank(false);
      keys.add(peek() == '"' || peek() == '\'' ? string() : bare("-_"));
      blank(false);
    } while (peek() == '.');
    return keys;
  }

  private String bare(String more) {
    int start = at;
    while (at < text.length()
        && (Character.isLetterOrDigit(text.charAt(at)) || more.indexOf(text.charAt(at)) >= 0)) {
      at++;
    }
    if (start == at) {
      throw new UnreadableException();
    }
    return text.substring(start, at);
  }

  private String string() {
    char quote = peek();
    String triple = String.valueOf(quote).repeat(3);
    String end = text.startsWith(triple, at) ? triple : String.valueOf(quote);
    at += end.length();
    StringBuilder read = new StringBuilder();
    while (!text.startsWith(end, at)) {
      char c = peek();
      if (c == '\n') {
        if (end.length() == 1) {
          throw new UnreadableException();
        }
        line++;
      }
      if (c == '\\' && quote == '"') {
        at++;
        c = escaped();
      }
      read.append(c);
      at++;
    }
    at += end.length();
    return read.toString();
  }

  private char escaped() {
    return switch (peek()) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case '"', '\\' -> peek();
      // What else may be escaped stands in no address and no path.
      default -> throw new UnreadableException();
    };
  }

  private char peek() {
    if (at >= text.length()) {
      throw new UnreadableException();
    }
    return text.charAt(at);
  }

  private void expect(char wanted) {
    blank(false);
    if (peek() != wanted) {
      throw new UnreadableException();
    }
    at++;
  }

  /** Passes blanks and comments, and ends of lines where those are none. */
  private void blank(boolean lines) {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '#') {
        while (at < text.length() && text.charAt(at) != '\n') {
          at++;
        }
      } else if (c == ' ' || c == '\t' || (lines && c == '\n')) {
        line += c == '\n' ? 1 : 0;
        at++;
      } else {
        return;
      }
    }
  }
}
