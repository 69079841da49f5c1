package io.entrepot.config;

import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Replaces {@code ${NAME}} and {@code ${NAME:-default}} in values. The default is taken where the
 * variable is unset or empty, as in a shell; {@code $$} stands for one dollar sign.
 */
final class Variables {

  private static final Pattern USE =
      Pattern.compile("\\$(?:\\$|\\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?})");

  private final Function<String, @Nullable String> environment;

  Variables(Function<String, @Nullable String> environment) {
    this.environment = environment;
  }

  /**
   * The text with its variables replaced. What a variable holds is not looked at again.
   *
   * @throws IllegalArgumentException naming a variable that is missing, or one that is not closed
   */
  String expand(String text) {
    if (text.indexOf('$') < 0) {
      return text;
    }
    StringBuilder result = new StringBuilder();
    Matcher use = USE.matcher(text);
    int at = 0;
    while (use.find()) {
      result.append(checked(text, at, use.start())).append(value(use));
      at = use.end();
    }
    return result.append(checked(text, at, text.length())).toString();
  }

  private String value(Matcher use) {
    String name = use.group(1);
    if (name == null) {
      return "$";
    }
    String value = environment.apply(name);
    String fallback = use.group(2);
    if (fallback != null) {
      return value == null || value.isEmpty() ? fallback : value;
    }
    if (value == null) {
      throw new IllegalArgumentException(
          "environment variable %s is not set (${%s:-default} gives a default)"
              .formatted(name, name));
    }
    return value;
  }

  private static String checked(String text, int from, int to) {
    String part = text.substring(from, to);
    if (part.contains("${")) {
      throw new IllegalArgumentException(
          "not a variable: '%s' (expected ${NAME} or ${NAME:-default}; $$ is a dollar sign)"
              .formatted(part.substring(part.indexOf("${"))));
    }
    return part;
  }
}
