package io.entrepot.policy.cluster;

import io.entrepot.policy.Policy;
import java.nio.file.Path;
import tools.jackson.databind.json.JsonMapper;

/** Texts inside YAML documents. */
final class Yaml {

  private static final JsonMapper MAPPER = new JsonMapper();

  private Yaml() {}

  /** A text in double quotes; what JSON quotes means the same in YAML. */
  static String text(String text) {
    return MAPPER.writeValueAsString(text);
  }

  /** The name of a policy's file without its folder, for a comment or a message of a cluster. */
  static String name(Policy policy) {
    Path name = Path.of(policy.file()).getFileName();
    return String.valueOf(name).replaceAll("[^A-Za-z0-9._ -]", "_");
  }

  /** The lines of a text, each at an indent, for a block scalar. */
  static String block(String text, int indent) {
    return text.strip().indent(indent).stripTrailing();
  }
}
