package io.entrepot.render;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Fills an ApplicationSet's template: {@code {{name}}} as fasttemplate does, or with {@code
 * goTemplate} a field and a pipeline of simple functions. What is not understood is said, never
 * guessed.
 */
final class GoTemplate {

  private static final Pattern ACTION =
      Pattern.compile("\\{\\{-?\\s*(.*?)\\s*-?}}", Pattern.DOTALL);

  /** A bar outside of quotes. */
  private static final Pattern PIPE = Pattern.compile("\\|(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)");

  private static final Pattern WORD = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`|[^\\s|]+");

  private final Map<String, @Nullable Object> parameters;
  private final boolean go;

  /** Something in the template that cannot be filled. */
  static final class TemplateException extends Exception {
    private static final long serialVersionUID = 1L;

    TemplateException(String message) {
      super(message);
    }
  }

  GoTemplate(Map<String, @Nullable Object> parameters, boolean go) {
    this.parameters = parameters;
    this.go = go;
  }

  /** The same tree of maps, lists and strings with its strings filled. */
  @Nullable Object fill(@Nullable Object value) throws TemplateException {
    return switch (value) {
      case String text -> fill(text);
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> filled = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          filled.put(fill(String.valueOf(entry.getKey())), fill(entry.getValue()));
        }
        yield filled;
      }
      case List<?> list -> {
        List<@Nullable Object> filled = new ArrayList<>();
        for (Object item : list) {
          filled.add(fill(item));
        }
        yield filled;
      }
      case null, default -> value;
    };
  }

  /** A text with its actions replaced. */
  String fill(String text) throws TemplateException {
    if (!text.contains("{{")) {
      return text;
    }
    StringBuilder result = new StringBuilder();
    Matcher action = ACTION.matcher(text);
    int at = 0;
    while (action.find()) {
      result.append(text, at, action.start());
      Object value = go ? pipeline(action.group(1)) : plain(action.group(1));
      result.append(shown(value));
      at = action.end();
    }
    return result.append(text.substring(at)).toString();
  }

  private static String shown(@Nullable Object value) throws TemplateException {
    if (value instanceof Map || value instanceof List) {
      throw new TemplateException("a map or list stands where text is expected");
    }
    return value == null ? "" : value.toString();
  }

  private @Nullable Object plain(String name) throws TemplateException {
    Matcher index = Pattern.compile("(.+)\\[(\\d+)]").matcher(name);
    Object direct =
        index.matches() && name.startsWith("path[")
            ? segment(Integer.parseInt(index.group(2)))
            : name.equals("path")
                ? field(List.of("path", "path"))
                : field(List.of(name.split("\\.", -1)));
    if (direct == null) {
      throw new TemplateException("the generator gives no '%s'".formatted(name));
    }
    return direct;
  }

  private @Nullable Object segment(int index) {
    return field(List.of("path", "segments")) instanceof List<?> segments && index < segments.size()
        ? segments.get(index)
        : null;
  }

  private @Nullable Object field(List<String> keys) {
    // A list's element may have keys with dots in them.
    String whole = String.join(".", keys);
    if (parameters.containsKey(whole)) {
      Object value = parameters.get(whole);
      if (!(value instanceof Map)) {
        return value;
      }
    }
    Object current = parameters;
    for (String key : keys) {
      current = current instanceof Map<?, ?> map ? map.get(key) : null;
    }
    return current;
  }

  private @Nullable Object pipeline(String action) throws TemplateException {
    Object value = null;
    boolean first = true;
    for (String stage : PIPE.split(action, -1)) {
      List<String> words = new ArrayList<>();
      Matcher word = WORD.matcher(stage.strip());
      while (word.find()) {
        words.add(word.group());
      }
      if (words.isEmpty() || stage.contains("(")) {
        throw notUnderstood(action);
      }
      List<@Nullable Object> arguments = new ArrayList<>();
      for (String argument : words.subList(1, words.size())) {
        arguments.add(argument(argument, action));
      }
      if (!first) {
        arguments.add(value);
      }
      boolean operand = words.size() == 1 && first;
      value =
          operand ? argument(words.getFirst(), action) : call(words.getFirst(), arguments, action);
      first = false;
    }
    return value;
  }

  private @Nullable Object argument(String word, String action) throws TemplateException {
    if (word.startsWith("\"") || word.startsWith("`")) {
      return word.substring(1, word.length() - 1);
    }
    if (word.matches("\\d+")) {
      return Integer.valueOf(word);
    }
    if (word.startsWith(".")) {
      return word.equals(".") ? parameters : field(List.of(word.substring(1).split("\\.", -1)));
    }
    throw notUnderstood(action);
  }

  private static @Nullable Object call(
      String function, List<@Nullable Object> arguments, String action) throws TemplateException {
    Object last = arguments.isEmpty() ? null : arguments.getLast();
    String text = last == null ? "" : last.toString();
    return switch (function) {
      case "index" -> index(arguments, action);
      case "default" -> arguments.size() < 2 || text.isEmpty() ? arguments.getFirst() : last;
      case "lower" -> text.toLowerCase(Locale.ROOT);
      case "upper" -> text.toUpperCase(Locale.ROOT);
      case "trim" -> text.strip();
      case "toString" -> text;
      case "quote" -> "\"" + text + "\"";
      case "squote" -> "'" + text + "'";
      case "normalize", "slugify" -> normalized(text);
      case "trimPrefix" -> {
        String prefix = String.valueOf(arguments.getFirst());
        yield text.startsWith(prefix) ? text.substring(prefix.length()) : text;
      }
      case "trimSuffix" -> {
        String suffix = String.valueOf(arguments.getFirst());
        yield text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
      }
      case "replace" -> {
        if (arguments.size() != 3) {
          throw notUnderstood(action);
        }
        yield text.replace(String.valueOf(arguments.get(0)), String.valueOf(arguments.get(1)));
      }
      default -> throw notUnderstood(action);
    };
  }

  private static @Nullable Object index(List<@Nullable Object> arguments, String action)
      throws TemplateException {
    Object value = arguments.isEmpty() ? null : arguments.getFirst();
    for (Object key : arguments.subList(Math.min(1, arguments.size()), arguments.size())) {
      value =
          switch (value) {
            case Map<?, ?> map -> map.get(String.valueOf(key));
            case List<?> list when key instanceof Integer number && number < list.size() ->
                list.get(number);
            case null, default -> throw notUnderstood(action);
          };
    }
    return value;
  }

  /** A name as Argo CD makes it fit for DNS. */
  static String normalized(String text) {
    return text.toLowerCase(Locale.ROOT)
        .replaceAll("[^a-z0-9.-]+", "-")
        .replaceAll("^[-.]+|[-.]+$", "");
  }

  private static TemplateException notUnderstood(String action) {
    return new TemplateException("{{ %s }} is more than is understood here".formatted(action));
  }
}
