package io.entrepot.render;

import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Flux's variables ({@code postBuild}) in what a kustomization becomes.
 *
 * @param values by name
 * @param complete whether these are all; where they are not, a variable without a value or default
 *     stays as it is written
 */
public record Substitution(SortedMap<String, String> values, boolean complete) {

  /** Nothing is filled in. */
  public static final Substitution NONE = new Substitution(new TreeMap<>(), true);

  /** How an object says that nothing in it is filled in. */
  private static final Pattern DISABLED =
      Pattern.compile("kustomize\\.toolkit\\.fluxcd\\.io/substitute: [\"']?disabled");

  private static final Pattern VARIABLE =
      Pattern.compile(
          "([A-Za-z_][A-Za-z0-9_]*)(?:(:?[=-])(.*)|(\\^\\^?|,,?)|:(\\d+)(?::(\\d+))?)?",
          Pattern.DOTALL);

  /** Copies. */
  public Substitution {
    values = new TreeMap<>(values);
  }

  /** Whether anything is filled in: without a single variable Flux leaves everything as it is. */
  boolean isActive() {
    return !values.isEmpty() || !complete;
  }

  /** One printed document with its variables filled in. */
  String in(String document) {
    return !isActive() || !document.contains("${") || DISABLED.matcher(document).find()
        ? document
        : fill(document);
  }

  private String fill(String text) {
    StringBuilder out = new StringBuilder();
    int at = 0;
    for (int open = text.indexOf("${"); open >= 0; open = text.indexOf("${", at)) {
      int close = closing(text, open + 2);
      if (close < 0) {
        break;
      }
      boolean escaped = open > at && text.charAt(open - 1) == '$';
      String whole = text.substring(open, close + 1);
      String value = escaped ? null : value(text.substring(open + 2, close));
      // $${name} is how Flux is told to leave ${name}.
      out.append(text, at, escaped ? open - 1 : open).append(value == null ? whole : value);
      at = close + 1;
    }
    return out.append(text, at, text.length()).toString();
  }

  /** The brace that closes one that was opened before {@code from}; -1 where there is none. */
  private static int closing(String text, int from) {
    int depth = 1;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n' && depth == 1) {
        return -1;
      }
      depth += c == '{' && text.charAt(i - 1) == '$' ? 1 : c == '}' ? -1 : 0;
      if (depth == 0) {
        return i;
      }
    }
    return -1;
  }

  /** What stands for an expression; null where it stays as it is written. */
  private @Nullable String value(String expression) {
    Matcher variable = VARIABLE.matcher(expression);
    if (!variable.matches()) {
      return null;
    }
    String value = values.get(variable.group(1));
    String operator = variable.group(2);
    if (operator != null) {
      boolean missing = value == null || (value.isEmpty() && operator.startsWith(":"));
      return missing ? fill(variable.group(3)) : value;
    }
    if (value == null) {
      return complete ? "" : null;
    }
    if (variable.group(4) != null) {
      return cased(value, variable.group(4));
    }
    if (variable.group(5) != null) {
      int from = Math.min(value.length(), Integer.parseInt(variable.group(5)));
      int length = variable.group(6) == null ? value.length() : Integer.parseInt(variable.group(6));
      return value.substring(from, Math.min(value.length(), from + length));
    }
    return value;
  }

  private static String cased(String value, String operator) {
    int end = operator.length() == 2 ? value.length() : Math.min(1, value.length());
    String first = value.substring(0, end);
    return (operator.startsWith("^")
            ? first.toUpperCase(Locale.ROOT)
            : first.toLowerCase(Locale.ROOT))
        + value.substring(end);
  }

  /** The documents of a stream, each with its variables filled in. */
  List<String> in(List<String> documents) {
    return documents.stream().map(this::in).toList();
  }
}
