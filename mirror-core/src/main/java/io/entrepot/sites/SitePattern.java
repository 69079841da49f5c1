package io.entrepot.sites;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which paths of a document are meant: keys joined by dots, {@code *} for any key or list item,
 * {@code **} for any number of them, none included. A key with a dot stands in double quotes, a
 * list item may be written as {@code [0]} or {@code [*]}: both mean any item or key.
 *
 * <p>It is no {@link io.entrepot.text.Glob}: its parts are matched as wholes, and every other
 * character stands for itself.
 */
public final class SitePattern {

  private static final String ANY = "*";
  private static final String ANY_NUMBER = "**";

  private final String text;
  private final List<String> parts;

  private SitePattern(String text, List<String> parts) {
    this.text = text;
    this.parts = parts;
  }

  /** Reads a pattern. Every text is one. */
  public static SitePattern of(String text) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int close = c == '[' && !quoted ? text.indexOf(']', i) : -1;
      if (close > 0 && isIndex(text.substring(i + 1, close))) {
        if (!part.isEmpty()) {
          parts.add(part.toString());
          part.setLength(0);
        }
        parts.add(ANY);
        i = close;
        if (i + 1 < text.length() && text.charAt(i + 1) == '.') {
          i++;
        }
      } else if (c == '.' && !quoted) {
        parts.add(part.toString());
        part.setLength(0);
      } else {
        quoted = (c == '"') != quoted;
        part.append(c);
      }
    }
    if (!part.isEmpty()) {
      parts.add(part.toString());
    }
    return new SitePattern(text, List.copyOf(parts));
  }

  private static boolean isIndex(String inBrackets) {
    return inBrackets.chars().allMatch(c -> c == '*' || (c >= '0' && c <= '9'));
  }

  /** Whether a path is meant. */
  public boolean matches(SitePath path) {
    return matches(path.parts());
  }

  /** The usual walk with one way back: to the last {@code **}, which then takes one part more. */
  private boolean matches(List<String> keys) {
    int key = 0;
    int part = 0;
    int star = -1;
    int resume = 0;
    while (key < keys.size()) {
      if (part < parts.size() && parts.get(part).equals(ANY_NUMBER)) {
        star = part++;
        resume = key;
      } else if (part < parts.size() && isMeant(parts.get(part), keys.get(key))) {
        part++;
        key++;
      } else if (star >= 0) {
        part = star + 1;
        key = ++resume;
      } else {
        return false;
      }
    }
    while (part < parts.size() && parts.get(part).equals(ANY_NUMBER)) {
      part++;
    }
    return part == parts.size();
  }

  private static boolean isMeant(String part, String key) {
    return part.equals(ANY) || part.equals(key);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SitePattern pattern && parts.equals(pattern.parts);
  }

  @Override
  public int hashCode() {
    return parts.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
