package io.entrepot.oci;

import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Trees of the fields that are looked at. What else a document holds is read, and so checked, but
 * takes no memory: a tree takes up to twenty times the bytes of its text.
 */
final class KnownFields {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** What of a value is kept. What has another form than expected becomes an empty node. */
  sealed interface Shape {}

  /** A text, a number, true, false or null. */
  record Scalar() implements Shape {}

  /** A list, up to one entry more than there may be. */
  record Listed(Shape each, int most) implements Shape {}

  /** An object, of which these fields are kept. */
  record Fields(Map<String, Shape> known) implements Shape {}

  /** An object with names of any kind. */
  record Named(Shape each) implements Shape {}

  private static final Shape SCALAR = new Scalar();
  private static final Shape TEXTS = new Listed(SCALAR, ManifestParser.MAX_CHILDREN);

  static final Shape DESCRIPTOR =
      new Fields(
          Map.of(
              "mediaType", SCALAR,
              "digest", SCALAR,
              "size", SCALAR,
              "artifactType", SCALAR,
              "annotations", new Named(SCALAR),
              "urls", TEXTS,
              "platform",
                  new Fields(
                      Map.of(
                          "os", SCALAR,
                          "architecture", SCALAR,
                          "variant", SCALAR,
                          "os.version", SCALAR,
                          "os.features", TEXTS))));

  private static final Shape DESCRIPTORS = new Listed(DESCRIPTOR, ManifestParser.MAX_CHILDREN);

  static final Shape MANIFEST =
      new Fields(
          Map.of(
              "schemaVersion", SCALAR,
              "mediaType", SCALAR,
              "artifactType", SCALAR,
              "config", DESCRIPTOR,
              "layers", DESCRIPTORS,
              "blobs", DESCRIPTORS,
              "manifests", DESCRIPTORS,
              "subject", DESCRIPTOR,
              "annotations", new Named(SCALAR)));

  private KnownFields() {}

  /** The value that the parser has come to; the parser stands at its last token afterwards. */
  static JsonNode read(JsonParser parser, Shape shape) {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT) {
      return object(parser, shape);
    }
    if (token == JsonToken.START_ARRAY) {
      return list(parser, shape);
    }
    return parser.readValueAsTree();
  }

  private static ObjectNode object(JsonParser parser, Shape shape) {
    ObjectNode object = NODES.objectNode();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      Shape value =
          switch (shape) {
            case Fields fields -> fields.known().get(name);
            case Named named -> named.each();
            case Scalar scalar -> null;
            case Listed listed -> null;
          };
      parser.nextToken();
      if (value == null) {
        parser.skipChildren();
      } else {
        object.set(name, read(parser, value));
      }
    }
    return object;
  }

  private static ArrayNode list(JsonParser parser, Shape shape) {
    ArrayNode list = NODES.arrayNode();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (shape instanceof Listed listed && list.size() <= listed.most()) {
        list.add(read(parser, listed.each()));
      } else {
        parser.skipChildren();
      }
    }
    return list;
  }
}
