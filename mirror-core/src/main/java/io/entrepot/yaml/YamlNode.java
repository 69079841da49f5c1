package io.entrepot.yaml;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A node of a configuration document. Lines and columns count from 1.
 *
 * <p>A node that is used through an alias keeps the position of its anchor.
 */
public sealed interface YamlNode {

  /** The line on which the node starts. */
  int line();

  /** The column in which the node starts. */
  int column();

  /**
   * Text, a number, a truth value or nothing.
   *
   * @param text as written, quotes and escapes resolved
   * @param written the same before anything was put in the place of its variables
   * @param plain whether it was written without quotes, and so may be something else than text
   */
  record Scalar(String text, String written, boolean plain, int line, int column)
      implements YamlNode {

    /** Whether nothing is there: an empty value, {@code ~} or {@code null}. */
    public boolean isNull() {
      return plain
          && switch (text) {
            case "", "~", "null", "Null", "NULL" -> true;
            default -> false;
          };
    }

    /** Whether this is {@code true} or {@code false} without quotes. */
    public boolean isBoolean() {
      return plain
          && switch (text) {
            case "true", "True", "TRUE", "false", "False", "FALSE" -> true;
            default -> false;
          };
    }
  }

  /** A list. */
  record Sequence(List<YamlNode> items, int line, int column) implements YamlNode {

    /** Copies the list. */
    public Sequence {
      items = List.copyOf(items);
    }
  }

  /** Properties in the order of the file. */
  record Mapping(Map<String, Property> properties, int line, int column) implements YamlNode {

    /** Copies the map, keeping its order. */
    public Mapping {
      properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
    }
  }

  /**
   * A key's value.
   *
   * @param line the line of the key
   * @param column the column of the key
   */
  record Property(YamlNode value, int line, int column) {}
}
