package io.entrepot.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the entries of a list one by one: an odd one costs itself, not the list. */
final class EntryReader {

  /** Of time, not of memory. */
  private static final int MAX_TOKENS = 1_000_000;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxTokenCount(MAX_TOKENS).build())
                  .build())
          .build();

  private EntryReader() {}

  static List<Descriptor> read(byte[] json, int max, Consumer<String> leftOut) {
    try (JsonParser parser = MAPPER.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new MalformedException("not an index: no JSON object");
      }
      List<Descriptor> entries = null;
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean manifests = parser.currentName().equals("manifests");
        JsonToken value = parser.nextToken();
        if (manifests && value == JsonToken.START_ARRAY) {
          entries = entries(parser, max, leftOut);
        } else if (manifests && value == JsonToken.VALUE_NULL) {
          entries = List.of();
        } else {
          parser.skipChildren();
        }
      }
      if (entries == null) {
        throw new MalformedException("an index without manifests");
      }
      return entries;
    } catch (JacksonException e) {
      throw MalformedException.json("an index", e);
    }
  }

  private static List<Descriptor> entries(JsonParser parser, int max, Consumer<String> leftOut) {
    List<Descriptor> entries = new ArrayList<>();
    for (int index = 0; parser.nextToken() != JsonToken.END_ARRAY; index++) {
      if (index >= max) {
        throw new MalformedException("more than %d manifests".formatted(max));
      }
      JsonNode entry = KnownFields.read(parser, KnownFields.DESCRIPTOR);
      try {
        entries.add(ManifestParser.descriptor(entry, "manifests[" + index + "]"));
      } catch (MalformedException e) {
        leftOut.accept(String.valueOf(e.getMessage()));
      }
    }
    return entries;
  }
}
