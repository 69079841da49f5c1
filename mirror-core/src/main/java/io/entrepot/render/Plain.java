package io.entrepot.render;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Ways through maps and lists of plain values. */
final class Plain {

  private Plain() {}

  static @Nullable Object at(@Nullable Object value, String... keys) {
    Object current = value;
    for (String key : keys) {
      current = current instanceof Map<?, ?> map ? map.get(key) : null;
    }
    return current;
  }

  /** Text, or null where there is none or an empty one. */
  static @Nullable String text(@Nullable Object value, String... keys) {
    Object found = at(value, keys);
    if (found == null || found instanceof Map || found instanceof List) {
      return null;
    }
    String text = found.toString();
    return text.isEmpty() ? null : text;
  }

  static boolean flag(@Nullable Object value, String... keys) {
    return Boolean.TRUE.equals(at(value, keys));
  }

  static Map<String, @Nullable Object> map(@Nullable Object value, String... keys) {
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    if (at(value, keys) instanceof Map<?, ?> map) {
      map.forEach((key, each) -> result.put(String.valueOf(key), each));
    }
    return result;
  }

  static List<@Nullable Object> list(@Nullable Object value, String... keys) {
    List<@Nullable Object> result = new ArrayList<>();
    if (at(value, keys) instanceof List<?> list) {
      result.addAll(list);
    }
    return result;
  }

  static List<String> texts(@Nullable Object value, String... keys) {
    return list(value, keys).stream().map(String::valueOf).toList();
  }
}
