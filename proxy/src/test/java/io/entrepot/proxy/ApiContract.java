package io.entrepot.proxy;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The OpenAPI file, and what it says of answers. */
final class ApiContract {

  private static final JsonMapper MAPPER = JsonMapper.shared();

  private final JsonNode document;

  private ApiContract(JsonNode document) {
    this.document = document;
  }

  /** The one that is shipped. */
  static ApiContract shipped() {
    try (InputStream file = ApiContract.class.getResourceAsStream("page/openapi.json")) {
      return new ApiContract(MAPPER.readTree(Objects.requireNonNull(file, "openapi.json")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  JsonNode document() {
    return document;
  }

  Set<String> paths() {
    return new TreeSet<>(document.path("paths").propertyNames());
  }

  /** What is wrong with an answer, by the schema of its path and status. */
  List<String> complaints(String path, int status, byte[] answer) {
    JsonNode described =
        document.path("paths").path(path).path("get").path("responses").path("" + status);
    if (described.has("$ref")) {
      described = document.at(described.get("$ref").asString().substring(1));
    }
    JsonNode schema = described.at("/content/application~1json/schema");
    if (schema.isMissingNode()) {
      return List.of("no schema for " + status + " of " + path);
    }
    // References lead into the components, which therefore stand in the schema's own document.
    ObjectNode whole = MAPPER.createObjectNode();
    whole.set("components", document.get("components"));
    whole.set("allOf", MAPPER.createArrayNode().add(schema));
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
        .getSchema(whole.toString(), InputFormat.JSON)
        .validate(new String(answer, StandardCharsets.UTF_8), InputFormat.JSON)
        .stream()
        .map(error -> error.getInstanceLocation() + ": " + error.getMessage())
        .toList();
  }
}
