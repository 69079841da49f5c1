package io.entrepot.oci;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the configuration of an image says of its platform and of the program it starts.
 *
 * @param platform absent where the configuration names no operating system or architecture
 * @param entrypoint may be empty
 * @param command may be empty
 * @param workingDirectory empty for the root
 * @param path the {@code PATH} of the environment, or null
 */
public record ImageConfig(
    @Nullable Platform platform,
    List<String> entrypoint,
    List<String> command,
    String workingDirectory,
    @Nullable String path) {

  /** Largest configuration read, in bytes. */
  public static final int MAX_BYTES = 8 * 1024 * 1024;

  public ImageConfig {
    entrypoint = List.copyOf(entrypoint);
    command = List.copyOf(command);
  }

  /**
   * Reads an image configuration.
   *
   * @throws MalformedException if it is not a JSON object or the platform breaks its grammar
   */
  public static ImageConfig parse(byte[] bytes) {
    JsonNode root;
    try {
      root = JsonMapper.shared().readTree(bytes);
    } catch (JacksonException e) {
      throw MalformedException.json("an image configuration", e);
    }
    if (root == null || !root.isObject()) {
      throw new MalformedException("not an image configuration: no JSON object");
    }
    String os = root.path("os").asString("");
    String architecture = root.path("architecture").asString("");
    Platform platform =
        os.isEmpty() || architecture.isEmpty()
            ? null
            : new Platform(
                os,
                architecture,
                root.path("variant").asString(""),
                root.path("os.version").asString(""),
                texts(root.path("os.features")));
    JsonNode config = root.path("config");
    return new ImageConfig(
        platform,
        texts(config.path("Entrypoint")),
        texts(config.path("Cmd")),
        config.path("WorkingDir").asString(""),
        pathVariable(config.path("Env")));
  }

  private static @Nullable String pathVariable(JsonNode environment) {
    String path = null;
    for (String entry : texts(environment)) {
      if (entry.startsWith("PATH=")) {
        path = entry.substring("PATH=".length());
      }
    }
    return path;
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    for (JsonNode item : list) {
      if (item.isString()) {
        texts.add(item.stringValue());
      }
    }
    return texts;
  }
}
