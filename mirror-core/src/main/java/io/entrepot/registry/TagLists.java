package io.entrepot.registry;

import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.json.JsonMapper;

/** The tags of repositories. */
final class TagLists {

  private final Calls calls;

  TagLists(Calls calls) {
    this.calls = calls;
  }

  Future<List<Tag>> tags(Repository repository) {
    return calls.read(
        repository,
        Requests.LIST_TAGS.capability(),
        route ->
            new Pages<>(calls.transport(), TagLists::read, tag -> 96 + tag.value().length())
                .read(Requests.LIST_TAGS.to(route).build()));
  }

  /** Piece by piece, so that what else is in the document takes no memory. */
  static List<Tag> read(@Nullable String contentType, byte[] body, Consumer<String> leftOut) {
    List<Tag> tags = new ArrayList<>();
    try (JsonParser parser = JsonMapper.shared().createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new MalformedException("not a list of tags: no JSON object");
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean isTags = parser.currentName().equals("tags");
        JsonToken value = parser.nextToken();
        if (isTags && value == JsonToken.START_ARRAY) {
          add(parser, tags, leftOut);
        } else {
          parser.skipChildren();
        }
      }
    } catch (JacksonException e) {
      throw MalformedException.json("a list of tags", e);
    }
    return tags;
  }

  private static void add(JsonParser parser, List<Tag> tags, Consumer<String> leftOut) {
    for (JsonToken each = parser.nextToken();
        each != JsonToken.END_ARRAY;
        each = parser.nextToken()) {
      if (tags.size() >= Pages.MAX_ENTRIES) {
        throw new MalformedException("more than %d tags".formatted(Pages.MAX_ENTRIES));
      }
      if (each != JsonToken.VALUE_STRING) {
        parser.skipChildren();
        leftOut.accept("a tag that is no text");
        continue;
      }
      try {
        tags.add(new Tag(parser.getString()));
      } catch (MalformedException e) {
        leftOut.accept(String.valueOf(e.getMessage()));
      }
    }
  }
}
