package io.entrepot.render;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Flux's variables in what a kustomization becomes. */
final class Substitution {

  private static final Pattern VARIABLE =
      Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)(?::[=-]([^}]*))?}");

  private final Map<String, String> values;

  private Substitution(Map<String, String> values) {
    this.values = values;
  }

  /** Fills in these values, and nothing where there are none. */
  static Substitution of(Map<String, String> values) {
    return new Substitution(values);
  }

  /** The text with its variables filled in; one that only the cluster knows stays as it stands. */
  String in(String text) {
    if (values.isEmpty()) {
      return text;
    }
    return VARIABLE
        .matcher(text)
        .replaceAll(
            use -> {
              String value = values.get(use.group(1));
              String fallback = use.group(2);
              return Matcher.quoteReplacement(
                  value != null ? value : fallback != null ? fallback : use.group());
            });
  }
}
