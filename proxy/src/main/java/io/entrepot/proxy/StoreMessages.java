package io.entrepot.proxy;

import io.entrepot.oci.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Requests and answers as JSON, one a line. Reading is strict: a key that is missing, unknown or of
 * another type is refused.
 */
public final class StoreMessages {

  private static final JsonMapper MAPPER = JsonMapper.shared();

  private static final Set<String> WITH_ARGUMENTS = Set.of("rm", "import", "export");

  private StoreMessages() {}

  static ObjectNode json(StoreRequest request) {
    return switch (request) {
      case StoreRequest.Address() -> json("address", List.of());
      case StoreRequest.ListImages() -> json("ls", List.of());
      case StoreRequest.MeasureUse() -> json("du", List.of());
      case StoreRequest.Remove(List<String> images) -> json("rm", images);
      case StoreRequest.CollectGarbage() -> json("gc", List.of());
      case StoreRequest.VerifyContents() -> json("verify", List.of());
      case StoreRequest.Mirror(ObjectNode plan) ->
          MAPPER.createObjectNode().put("command", "mirror").set("plan", plan);
      case StoreRequest.Import(String layout) -> json("import", List.of(layout));
      case StoreRequest.Export(String layout, List<String> images) ->
          json("export", Stream.concat(Stream.of(layout), images.stream()).toList());
    };
  }

  private static ObjectNode json(String command, List<String> arguments) {
    ObjectNode json = MAPPER.createObjectNode().put("command", command);
    arguments.forEach(json.putArray("arguments")::add);
    return json;
  }

  /**
   * Reads a line. Only {@code rm}, {@code import} and {@code export} take arguments; {@code
   * arguments} of others is empty or absent.
   *
   * @throws IllegalArgumentException where it is no request
   */
  static StoreRequest request(String line) {
    JsonNode json = object(line);
    String command = text(json, "command");
    if (command.equals("mirror")) {
      keys(json, Set.of("command", "plan"));
      return new StoreRequest.Mirror(object(json, "plan"));
    }
    keys(json, Set.of("command", "arguments"));
    boolean none = !json.has("arguments") || list(json, "arguments").isEmpty();
    if (!none && !WITH_ARGUMENTS.contains(command)) {
      throw new IllegalArgumentException(command + " takes no arguments");
    }
    return switch (command) {
      case "address" -> new StoreRequest.Address();
      case "ls" -> new StoreRequest.ListImages();
      case "du" -> new StoreRequest.MeasureUse();
      case "rm" -> new StoreRequest.Remove(texts(json, "arguments"));
      case "gc" -> new StoreRequest.CollectGarbage();
      case "verify" -> new StoreRequest.VerifyContents();
      case "import" -> new StoreRequest.Import(texts(json, "arguments").getFirst());
      case "export" -> {
        List<String> arguments = texts(json, "arguments");
        yield new StoreRequest.Export(arguments.getFirst(), arguments.subList(1, arguments.size()));
      }
      default -> throw new IllegalArgumentException("no such command: " + command);
    };
  }

  /** The document that {@code cache --output json} prints, and that the socket carries. */
  public static ObjectNode json(StoreAnswer answer) {
    ObjectNode json = MAPPER.createObjectNode();
    switch (answer) {
      case StoreAnswer.Address(String url) -> json.put("url", url);
      case StoreAnswer.Images(List<StoreAnswer.Image> images) -> {
        ArrayNode list = json.putArray("images");
        for (StoreAnswer.Image image : images) {
          list.addObject()
              .put("repository", image.repository())
              .put("tag", image.tag())
              .put("digest", image.digest().toString())
              .put("local", image.local());
        }
      }
      case StoreAnswer.Use use -> {
        json.put("bytes", use.bytes()).put("contents", use.contents());
        if (use.maxSize() != null) {
          json.put("maxSize", use.maxSize());
        }
      }
      case StoreAnswer.Removed removed -> {
        removed.removed().forEach(json.putArray("removed")::add);
        if (removed.absent() != null) {
          json.put("error", "not here: " + removed.absent());
        }
      }
      case StoreAnswer.Collected(long freed, long bytes) ->
          json.put("freed", freed).put("bytes", bytes);
      case StoreAnswer.Verified(List<Digest> corrupt, long verified) -> {
        ArrayNode list = json.putArray("corrupt");
        corrupt.forEach(digest -> list.add(digest.toString()));
        json.put("verified", verified);
      }
      case StoreAnswer.Imported(List<String> images) ->
          images.forEach(json.putArray("imported")::add);
      case StoreAnswer.Written(List<String> images, List<String> absent) -> {
        images.forEach(json.putArray("exported")::add);
        absent.forEach(json.putArray("absent")::add);
      }
      case StoreAnswer.Mirrored(ObjectNode left) -> json.set("mirrored", left);
      case StoreAnswer.Failed(String error) -> json.put("error", error);
    }
    return json;
  }

  /**
   * Reads a line.
   *
   * @param request what it answers
   * @throws IllegalArgumentException where it is no answer to that
   */
  static StoreAnswer answer(StoreRequest request, String line) {
    JsonNode json = object(line);
    if (json.size() == 1 && json.has("error")) {
      return new StoreAnswer.Failed(text(json, "error"));
    }
    return switch (request) {
      case StoreRequest.Address() -> {
        keys(json, Set.of("url"));
        yield new StoreAnswer.Address(text(json, "url"));
      }
      case StoreRequest.ListImages() -> {
        keys(json, Set.of("images"));
        yield new StoreAnswer.Images(images(json));
      }
      case StoreRequest.MeasureUse() -> {
        keys(json, Set.of("bytes", "contents", "maxSize"));
        yield new StoreAnswer.Use(
            number(json, "bytes"),
            number(json, "contents"),
            json.has("maxSize") ? number(json, "maxSize") : null);
      }
      case StoreRequest.Remove remove -> {
        keys(json, Set.of("removed", "error"));
        String error = json.has("error") ? text(json, "error") : null;
        yield new StoreAnswer.Removed(
            texts(json, "removed"), error == null ? null : error.replaceFirst("^not here: ", ""));
      }
      case StoreRequest.CollectGarbage() -> {
        keys(json, Set.of("freed", "bytes"));
        yield new StoreAnswer.Collected(number(json, "freed"), number(json, "bytes"));
      }
      case StoreRequest.Import take -> {
        keys(json, Set.of("imported"));
        yield new StoreAnswer.Imported(texts(json, "imported"));
      }
      case StoreRequest.Export write -> {
        keys(json, Set.of("exported", "absent"));
        yield new StoreAnswer.Written(texts(json, "exported"), texts(json, "absent"));
      }
      case StoreRequest.Mirror mirror -> {
        keys(json, Set.of("mirrored"));
        yield new StoreAnswer.Mirrored(object(json, "mirrored"));
      }
      case StoreRequest.VerifyContents() -> {
        keys(json, Set.of("corrupt", "verified"));
        yield new StoreAnswer.Verified(
            texts(json, "corrupt").stream().map(Digest::parse).toList(), number(json, "verified"));
      }
    };
  }

  private static List<StoreAnswer.Image> images(JsonNode json) {
    List<StoreAnswer.Image> images = new ArrayList<>();
    for (JsonNode each : list(json, "images")) {
      keys(each, Set.of("repository", "tag", "digest", "local"));
      JsonNode local = each.path("local");
      if (!local.isBoolean()) {
        throw wrong(each, "local");
      }
      images.add(
          new StoreAnswer.Image(
              text(each, "repository"),
              text(each, "tag"),
              Digest.parse(text(each, "digest")),
              local.booleanValue()));
    }
    return images;
  }

  private static JsonNode object(String line) {
    try {
      JsonNode json = MAPPER.readTree(line);
      if (json.isObject()) {
        return json;
      }
    } catch (JacksonException e) {
      throw new IllegalArgumentException("not JSON", e);
    }
    throw new IllegalArgumentException("not an object");
  }

  private static ObjectNode object(JsonNode json, String key) {
    if (json.path(key) instanceof ObjectNode object) {
      return object;
    }
    throw wrong(json, key);
  }

  private static void keys(JsonNode json, Set<String> known) {
    for (String key : json.propertyNames()) {
      if (!known.contains(key)) {
        throw new IllegalArgumentException("unknown key '%s'".formatted(key));
      }
    }
  }

  private static String text(JsonNode json, String key) {
    JsonNode value = json.path(key);
    if (!value.isString()) {
      throw wrong(json, key);
    }
    return value.stringValue();
  }

  private static long number(JsonNode json, String key) {
    JsonNode value = json.path(key);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw wrong(json, key);
    }
    return value.longValue();
  }

  private static JsonNode list(JsonNode json, String key) {
    JsonNode value = json.path(key);
    if (!value.isArray()) {
      throw wrong(json, key);
    }
    return value;
  }

  private static List<String> texts(JsonNode json, String key) {
    List<String> texts = new ArrayList<>();
    for (JsonNode each : list(json, key)) {
      if (!each.isString()) {
        throw wrong(json, key);
      }
      texts.add(each.stringValue());
    }
    return texts;
  }

  private static IllegalArgumentException wrong(JsonNode json, String key) {
    return new IllegalArgumentException(
        json.has(key)
            ? "'%s' is of another type".formatted(key)
            : "'%s' is missing".formatted(key));
  }
}
