package io.entrepot.policy.cluster;

import java.util.Collection;
import java.util.stream.Collectors;

/** Regular expressions in the syntax of RE2, which Kubernetes and cosign read. */
final class Expressions {

  private static final String PART = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";

  /** The part of an image's name below a repository (distribution-spec 1.1). */
  static final String NAME_BELOW = PART + "(?:/" + PART + ")*";

  static final String TAG = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";
  static final String DIGEST = "(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})";

  private Expressions() {}

  /** An expression that only a text itself fits. */
  static String quoted(String text) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ("\\.+*?()|[]{}^$".indexOf(c) >= 0) {
        regex.append('\\');
      }
      regex.append(c);
    }
    return regex.toString();
  }

  /** One of several texts. */
  static String anyOf(Collection<?> texts) {
    return texts.stream()
        .map(text -> quoted(text.toString()))
        .collect(Collectors.joining("|", "(?:", ")"));
  }

  /**
   * A pattern of parts, in which {@code *} stops at a slash and {@code **} does not, held against
   * the whole of a text.
   */
  static String ofParts(String glob) {
    StringBuilder regex = new StringBuilder("^");
    int i = 0;
    while (i < glob.length()) {
      int from = i;
      while (i < glob.length() && glob.charAt(i) == '*') {
        i++;
      }
      if (i > from) {
        regex.append(i - from > 1 ? ".*" : "[^/]*");
      } else {
        regex.append(quoted(glob.substring(i, i + 1)));
        i++;
      }
    }
    return regex.append('$').toString();
  }
}
