package io.entrepot.yaml;

import java.util.regex.Pattern;

/** The way to a property of a configuration, such as {@code images[3].source}. */
final class PropertyPath {

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_-]+");

  private PropertyPath() {}

  /** The way to a key of what lies at {@code path}. */
  static String join(String path, String key) {
    if (!PLAIN.matcher(key).matches()) {
      return path + "['" + key + "']";
    }
    return path.isEmpty() ? key : path + "." + key;
  }
}
