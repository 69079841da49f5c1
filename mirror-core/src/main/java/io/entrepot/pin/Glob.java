package io.entrepot.pin;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** Shell patterns: {@code *} within a path part, {@code **} across, {@code ?} one character. */
final class Glob {

  /** Globs come from configuration: there are few of them, and each is asked of every site. */
  private static final Map<String, Pattern> COMPILED = new ConcurrentHashMap<>();

  private Glob() {}

  static boolean matches(String glob, String text) {
    return COMPILED.computeIfAbsent(glob, Glob::compiled).matcher(text).matches();
  }

  private static Pattern compiled(String glob) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < glob.length(); i++) {
      char c = glob.charAt(i);
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
      } else {
        regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return Pattern.compile(regex.toString());
  }
}
