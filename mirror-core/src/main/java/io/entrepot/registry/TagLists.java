package io.entrepot.registry;

import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
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
        route -> {
          RegistryRequest request = Requests.LIST_TAGS.to(route).build();
          List<Tag> tags = new ArrayList<>();
          return new Pages(calls.transport(), (answer, body) -> add(request, body, tags))
              .read(request)
              .map(done -> List.copyOf(tags));
        });
  }

  private static void add(RegistryRequest request, byte[] body, List<Tag> tags) {
    JsonNode list;
    try {
      list = JsonMapper.shared().readTree(body).path("tags");
    } catch (JacksonException e) {
      throw new MalformedException("not a list of tags: " + e.getOriginalMessage(), e);
    }
    for (JsonNode tag : list) {
      if (tags.size() >= Pages.MAX_ENTRIES) {
        throw new MalformedException(
            "more than %d tags at %s".formatted(Pages.MAX_ENTRIES, request.target().redacted()));
      }
      tags.add(new Tag(tag.asString("")));
    }
  }
}
