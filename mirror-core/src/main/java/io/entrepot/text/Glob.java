package io.entrepot.text;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A shell pattern, the only wildcard of the house. For paths, repositories and tags: {@code *}
 * within a part of a path, {@code **} across, {@code ?} a character, {@code {a,b}} one of several.
 * Nothing else has a meaning of its own.
 */
public final class Glob {

  private final String text;
  private final Pattern pattern;
  private final String fixed;

  private Glob(String text, Pattern pattern, String fixed) {
    this.text = text;
    this.pattern = pattern;
    this.fixed = fixed;
  }

  /**
   * A pattern for names rather than paths: {@code *} stands for any characters, a slash too, and
   * {@code ?} for one. Nothing else has a meaning of its own. Every text is one.
   */
  public static Glob ofName(String glob) {
    StringBuilder regex = new StringBuilder();
    int fixed = -1;
    for (int i = 0; i < glob.length(); i++) {
      char c = glob.charAt(i);
      if (fixed < 0 && "*?".indexOf(c) >= 0) {
        fixed = i;
      }
      if (c == '*') {
        // Neighbours mean the same as one, and would cost a search that grows with their number.
        regex.append(i > 0 && glob.charAt(i - 1) == '*' ? "" : ".*");
      } else {
        regex.append(c == '?' ? "." : Pattern.quote(String.valueOf(c)));
      }
    }
    return new Glob(
        glob,
        Pattern.compile(regex.toString(), Pattern.DOTALL),
        fixed < 0 ? glob : glob.substring(0, fixed));
  }

  /**
   * A pattern for names whose other characters must mean themselves, such as addresses: {@code *}
   * stands for characters up to the next slash, {@code **} for any. Every text is one.
   */
  public static Glob ofParts(String glob) {
    StringBuilder regex = new StringBuilder();
    int stars = glob.indexOf('*');
    for (int i = 0; i < glob.length(); i++) {
      if (glob.charAt(i) != '*') {
        regex.append(Pattern.quote(String.valueOf(glob.charAt(i))));
        continue;
      }
      int first = i;
      while (i + 1 < glob.length() && glob.charAt(i + 1) == '*') {
        i++;
      }
      regex.append(i > first ? ".*" : "[^/]*");
    }
    return new Glob(
        glob,
        Pattern.compile(regex.toString(), Pattern.DOTALL),
        stars < 0 ? glob : glob.substring(0, stars));
  }

  /** Compiles a pattern for paths. Every text is one. */
  public static Glob of(String glob) {
    StringBuilder regex = new StringBuilder();
    int fixed = -1;
    int braces = 0;
    for (int i = 0; i < glob.length(); i++) {
      char c = glob.charAt(i);
      if (fixed < 0 && "*?{".indexOf(c) >= 0) {
        fixed = i;
      }
      if (glob.startsWith("**/", i)) {
        regex.append("(?:.*/)?");
        i += 2;
      } else if (glob.startsWith("**", i)) {
        regex.append(".*");
        i++;
      } else if (c == '*') {
        regex.append("[^/]*");
      } else if (c == '?') {
        regex.append("[^/]");
      } else if (c == '{') {
        braces++;
        regex.append("(?:");
      } else if (c == '}' && braces > 0) {
        braces--;
        regex.append(')');
      } else if (c == ',' && braces > 0) {
        regex.append('|');
      } else {
        regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    regex.append(")".repeat(braces));
    String start = fixed < 0 ? glob : glob.substring(0, fixed);
    int slash = start.lastIndexOf('/');
    return new Glob(
        glob,
        Pattern.compile(regex.toString()),
        fixed < 0 ? glob : slash < 0 ? "" : start.substring(0, slash));
  }

  /** Whether the whole of a text fits. */
  public boolean matches(String whole) {
    return pattern.matcher(whole).matches();
  }

  /**
   * The directory below which everything that fits lies, of a name what all that fits begins with;
   * the text itself without a wildcard.
   */
  public String fixed() {
    return fixed;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Glob glob && glob.pattern.pattern().equals(pattern.pattern());
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
