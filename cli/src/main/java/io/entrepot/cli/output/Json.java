package io.entrepot.cli.output;

import java.util.Collection;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON documents as {@code --output json} prints them. */
public final class Json {

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private Json() {}

  /** An empty object. */
  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** A list of texts. */
  public static ArrayNode texts(Collection<?> values) {
    ArrayNode array = MAPPER.createArrayNode();
    values.forEach(value -> array.add(value.toString()));
    return array;
  }

  /** The document, indented, with a final newline. */
  public static String document(ObjectNode root) {
    return MAPPER.writeValueAsString(root) + "\n";
  }
}
