package io.entrepot.yaml;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Ways through YAML nodes, aliases and merge keys followed. */
public final class Nodes {

  private static final int MAX_MERGES = 8;
  private static final int MAX_DEPTH = 100;
  private static final Pattern INTEGER = Pattern.compile("[-+]?(?:0|[1-9][0-9]{0,17})");
  private static final Pattern DECIMAL =
      Pattern.compile(
          "[-+]?(?:[0-9]+\\.[0-9]*|\\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+");

  private Nodes() {}

  /** The node at the end of a way of keys, or null. */
  public static @Nullable SourceNode at(@Nullable SourceNode node, String... keys) {
    SourceNode current = node;
    for (String key : keys) {
      current = current instanceof SourceMapping mapping ? get(mapping, key, 0) : null;
    }
    return current;
  }

  /** The mapping at the end of a way, or null. */
  public static @Nullable SourceMapping mapping(@Nullable SourceNode node, String... keys) {
    return at(node, keys) instanceof SourceMapping mapping ? mapping : null;
  }

  /** The text at the end of a way; null where there is none or it means nothing. */
  public static @Nullable String text(@Nullable SourceNode node, String... keys) {
    return at(node, keys) instanceof ScalarSite scalar && !scalar.isEmpty() ? scalar.value() : null;
  }

  /** The items of the list at the end of a way, aliases followed; empty where there is none. */
  public static List<SourceNode> items(@Nullable SourceNode node, String... keys) {
    return at(node, keys) instanceof SourceSequence sequence
        ? sequence.items().stream().map(SourceMapping::resolved).toList()
        : List.of();
  }

  /** The items that are mappings. */
  public static List<SourceMapping> mappings(@Nullable SourceNode node, String... keys) {
    List<SourceMapping> mappings = new ArrayList<>();
    for (SourceNode item : items(node, keys)) {
      if (item instanceof SourceMapping mapping) {
        mappings.add(mapping);
      }
    }
    return mappings;
  }

  /** The scalars of a mapping by key; others are left out. */
  public static Map<String, ScalarSite> scalars(@Nullable SourceNode node, String... keys) {
    Map<String, ScalarSite> scalars = new LinkedHashMap<>();
    if (at(node, keys) instanceof SourceMapping mapping) {
      for (SourceMapping.Entry entry : mapping.entries()) {
        if (SourceMapping.resolved(entry.value()) instanceof ScalarSite scalar) {
          scalars.put(entry.name(), scalar);
        }
      }
    }
    return scalars;
  }

  /** Shows every mapping below a node, itself included, with its path. */
  public static void eachMapping(SourceNode node, BiConsumer<String, SourceMapping> action) {
    eachMapping(node, "", action, 0);
  }

  private static void eachMapping(
      SourceNode given, String path, BiConsumer<String, SourceMapping> action, int depth) {
    if (depth > MAX_DEPTH) {
      return;
    }
    switch (SourceMapping.resolved(given)) {
      case SourceMapping mapping -> {
        action.accept(path, mapping);
        for (SourceMapping.Entry entry : mapping.entries()) {
          eachMapping(entry.value(), join(path, entry.name()), action, depth + 1);
        }
      }
      case SourceSequence sequence -> {
        for (int i = 0; i < sequence.items().size(); i++) {
          eachMapping(sequence.items().get(i), path + "[" + i + "]", action, depth + 1);
        }
      }
      default -> {}
    }
  }

  /** A path with one key more, keys with dots in quotes. */
  public static String join(String path, String key) {
    String shown = key.contains(".") || key.isEmpty() ? "\"" + key + "\"" : key;
    return path.isEmpty() ? shown : path + "." + shown;
  }

  /**
   * The value as maps, lists, strings, numbers, truth values and null. A plain scalar is what YAML
   * 1.1 makes of it, as Kubernetes reads it.
   */
  public static @Nullable Object plain(SourceNode node) {
    return plain(node, 0);
  }

  private static @Nullable Object plain(SourceNode given, int depth) {
    if (depth > MAX_DEPTH) {
      return null;
    }
    return switch (SourceMapping.resolved(given)) {
      case SourceMapping mapping -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        merge(mapping, map, depth);
        yield map;
      }
      case SourceSequence sequence -> {
        List<@Nullable Object> list = new ArrayList<>();
        for (SourceNode item : sequence.items()) {
          list.add(plain(item, depth + 1));
        }
        yield list;
      }
      case ScalarSite scalar ->
          scalar.style() == ScalarSite.Style.PLAIN ? typed(scalar.value()) : scalar.value();
      default -> null;
    };
  }

  private static void merge(SourceMapping mapping, Map<String, @Nullable Object> map, int depth) {
    SourceMapping.Entry merge = mapping.entry("<<");
    if (merge != null && depth < MAX_DEPTH) {
      SourceNode base = SourceMapping.resolved(merge.value());
      List<SourceNode> bases = base instanceof SourceSequence list ? list.items() : List.of(base);
      for (SourceNode each : bases.reversed()) {
        if (SourceMapping.resolved(each) instanceof SourceMapping from) {
          merge(from, map, depth + 1);
        }
      }
    }
    for (SourceMapping.Entry entry : mapping.entries()) {
      if (!entry.name().equals("<<")) {
        map.put(entry.name(), plain(entry.value(), depth + 1));
      }
    }
  }

  private static @Nullable Object typed(String text) {
    return switch (text) {
      case "", "~", "null", "Null", "NULL" -> null;
      case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON" -> true;
      case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF" -> false;
      default -> {
        if (INTEGER.matcher(text).matches()) {
          yield Long.valueOf(text);
        }
        yield DECIMAL.matcher(text).matches() ? (Object) Double.valueOf(text) : text;
      }
    };
  }

  private static @Nullable SourceNode get(SourceMapping mapping, String key, int merges) {
    SourceNode own = mapping.get(key);
    SourceMapping.Entry merge = own == null ? mapping.entry("<<") : null;
    if (merge == null || merges >= MAX_MERGES) {
      return own;
    }
    SourceNode base = SourceMapping.resolved(merge.value());
    List<SourceNode> bases = base instanceof SourceSequence list ? list.items() : List.of(base);
    for (SourceNode each : bases) {
      if (SourceMapping.resolved(each) instanceof SourceMapping from) {
        SourceNode found = get(from, key, merges + 1);
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }
}
