package io.entrepot.gate.render;

import java.util.regex.Pattern;

/** A shell pattern for paths: {@code *} within a part, {@code **} across, {@code ?} a character. */
public final class PathGlob {

  private final Pattern pattern;
  private final String fixed;

  private PathGlob(Pattern pattern, String fixed) {
    this.pattern = pattern;
    this.fixed = fixed;
  }

  /** Parses a pattern; braces list alternatives. */
  public static PathGlob of(String glob) {
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
    return new PathGlob(
        Pattern.compile(regex.toString()),
        fixed < 0 ? glob : slash < 0 ? "" : start.substring(0, slash));
  }

  /** Whether the whole path fits. */
  public boolean matches(String path) {
    return pattern.matcher(path).matches();
  }

  /** The directory below which everything that fits lies; the path itself without a wildcard. */
  String fixed() {
    return fixed;
  }
}
