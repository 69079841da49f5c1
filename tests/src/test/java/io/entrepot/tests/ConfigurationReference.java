package io.entrepot.tests;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** A table of the keys that a JSON Schema of {@code config/} allows, in Markdown. */
final class ConfigurationReference {

  private static final int MAX_DEPTH = 12;

  private final JsonNode schema;
  private final List<String> rows = new ArrayList<>();

  private ConfigurationReference(JsonNode schema) {
    this.schema = schema;
  }

  /**
   * The section of one kind of file.
   *
   * @param schema with {@code title} and {@code description}
   */
  static String of(JsonNode schema) {
    ConfigurationReference reference = new ConfigurationReference(schema);
    reference.children("", schema, 0);
    return """
        ## %s

        %s

        | key | type | default | unit | description |
        |---|---|---|---|---|
        %s
        """
        .formatted(
            schema.path("title").asString(""),
            schema.path("description").asString(""),
            String.join("\n", reference.rows));
  }

  private void children(String path, JsonNode holder, int depth) {
    if (depth > MAX_DEPTH) {
      throw new IllegalStateException(path + " goes round in circles");
    }
    for (JsonNode each : alternatives(holder)) {
      for (Map.Entry<String, JsonNode> property : each.path("properties").properties()) {
        String key = path.isEmpty() ? property.getKey() : path + "." + property.getKey();
        row(key, property.getValue(), isRequired(each, property.getKey()), depth);
      }
      JsonNode others = each.path("additionalProperties");
      if (others.isObject() && hasKeys(others)) {
        row(path + ".NAME", others, false, depth);
      }
      JsonNode items = each.path("items");
      if (items.isObject()) {
        children(path + "[]", items, depth + 1);
      }
    }
  }

  private void row(String key, JsonNode property, boolean required, int depth) {
    String description = find(property, "description");
    if (description.isEmpty()) {
      throw new IllegalStateException(key + " has no description");
    }
    String otherwise = find(property, "default");
    rows.add(
        "| `%s` | %s | %s | %s | %s |"
            .formatted(
                key,
                type(property, 0).replace("|", "\\|"),
                required ? "required" : otherwise.isEmpty() ? "–" : "`" + otherwise + "`",
                find(property, "x-unit").isEmpty() ? "–" : find(property, "x-unit"),
                description.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")));
    children(key, property, depth + 1);
  }

  private static boolean isRequired(JsonNode holder, String key) {
    return holder.path("required").valueStream().anyMatch(name -> name.asString("").equals(key));
  }

  private boolean hasKeys(JsonNode node) {
    return alternatives(node).stream().anyMatch(each -> each.has("properties"));
  }

  /** What stands beside a reference comes before what the reference leads to. */
  private String find(JsonNode node, String keyword) {
    if (node.has(keyword)) {
      JsonNode value = node.get(keyword);
      return value.isString() ? value.asString() : value.toString().replace("\"", "");
    }
    return node.has("$ref") ? find(resolved(node), keyword) : "";
  }

  private JsonNode resolved(JsonNode node) {
    String reference = node.path("$ref").asString("");
    JsonNode found = schema.at(reference.substring(1));
    if (found.isMissingNode()) {
      throw new IllegalStateException("nothing at " + reference);
    }
    return found;
  }

  /** The forms a value may have, without the one that is a variable. */
  private List<JsonNode> alternatives(JsonNode node) {
    if (node.has("$ref")) {
      return isVariable(node) ? List.of() : alternatives(resolved(node));
    }
    // Beside properties it only says which of them are required.
    if (node.has("anyOf") && !node.has("properties")) {
      return node.get("anyOf")
          .valueStream()
          .flatMap(each -> alternatives(each).stream())
          .collect(Collectors.toList());
    }
    return List.of(node);
  }

  private static boolean isVariable(JsonNode node) {
    return node.path("$ref").asString("").equals("#/$defs/variable");
  }

  private String type(JsonNode node, int depth) {
    String title = find(node, "title");
    if (!title.isEmpty()) {
      return title;
    }
    return alternatives(node).stream()
        .flatMap(each -> types(each, depth).stream())
        .distinct()
        .collect(Collectors.joining(" or "));
  }

  private List<String> types(JsonNode form, int depth) {
    if (form.has("title") && depth > 0) {
      return List.of(form.get("title").asString());
    }
    if (form.has("enum")) {
      return form.get("enum").valueStream().map(word -> "`" + word.asString() + "`").toList();
    }
    JsonNode type = form.path("type");
    List<String> names =
        type.isArray()
            ? type.valueStream().map(JsonNode::asString).toList()
            : List.of(type.asString(""));
    return names.stream()
        // A number in place of text is YAML's reading of text without quotes; nothing is nothing.
        .filter(name -> names.size() == 1 || !List.of("number", "null").contains(name))
        .map(name -> word(name, form, depth))
        .toList();
  }

  private String word(String type, JsonNode form, int depth) {
    return switch (type) {
      case "string" -> "text";
      case "number", "integer" -> "number";
      case "boolean" -> "`true` or `false`";
      case "array" -> "list of " + type(form.path("items"), depth + 1);
      case "object" -> "map";
      default -> throw new IllegalStateException("a type without a word: " + form);
    };
  }
}
