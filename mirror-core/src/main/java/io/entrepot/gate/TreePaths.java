package io.entrepot.gate;

import io.entrepot.yaml.YamlValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Paths and globs of a {@code check.yaml}, relative to its directory. */
final class TreePaths {

  private TreePaths() {}

  /** A list of paths. */
  static List<String> list(YamlValue list) {
    List<String> paths = new ArrayList<>();
    list.items().forEach(item -> item.parsed(TreePaths::relative).ifPresent(paths::add));
    return paths;
  }

  /** One path, or a list of them. */
  static List<String> oneOrMore(YamlValue value) {
    return value.isScalar()
        ? value.parsed(TreePaths::relative).map(List::of).orElse(List.of())
        : list(value);
  }

  /** A path below the file's directory: a base revision is judged by the same paths. */
  static String relative(String text) {
    String path = text.replace('\\', '/');
    if (path.startsWith("/") || path.toLowerCase(Locale.ROOT).matches("[a-z]:/.*")) {
      throw new IllegalArgumentException(
          "'%s' must be relative to this file's directory".formatted(text));
    }
    String stripped = path.startsWith("./") ? path.substring(2) : path;
    return stripped.length() > 1 && stripped.endsWith("/")
        ? stripped.substring(0, stripped.length() - 1)
        : stripped;
  }
}
