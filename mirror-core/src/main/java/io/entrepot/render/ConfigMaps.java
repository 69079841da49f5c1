package io.entrepot.render;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceNode;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The ConfigMaps and readable Secrets of the tree, by target: Flux takes variables and values from
 * them.
 */
final class ConfigMaps {

  private record Key(
      String target, String kind, @Nullable String namespace, @Nullable String name) {}

  private final Map<Key, Map<String, @Nullable Object>> data = new LinkedHashMap<>();

  /** Remembers a document if it is a ConfigMap or a Secret that is not encrypted. */
  void remember(List<String> targets, SourceNode document) {
    String kind = Nodes.text(document, "kind");
    boolean secret = "Secret".equals(kind) && Nodes.at(document, "sops") == null;
    if (kind == null || !(secret || kind.equals("ConfigMap"))) {
      return;
    }
    Object plain = Nodes.plain(document);
    Map<String, @Nullable Object> values = Plain.map(plain, "data");
    if (secret) {
      values.replaceAll((key, value) -> decoded(value));
      values.putAll(Plain.map(plain, "stringData"));
    }
    String namespace = Nodes.text(document, "metadata", "namespace");
    String name = Nodes.text(document, "metadata", "name");
    targets.forEach(target -> data.put(new Key(target, kind, namespace, name), values));
  }

  private static @Nullable Object decoded(@Nullable Object value) {
    try {
      return value == null ? null : new String(Base64.getDecoder().decode(value.toString()), UTF_8);
    } catch (IllegalArgumentException e) {
      // Not base64: a placeholder that something else fills in.
      return value;
    }
  }

  /**
   * The data of a ConfigMap or Secret; null where there is none in the tree.
   *
   * @param kind {@code ConfigMap} or {@code Secret}
   */
  @Nullable Map<String, @Nullable Object> find(
      String target, @Nullable String kind, @Nullable String namespace, @Nullable String name) {
    String given = kind == null ? "ConfigMap" : kind;
    Map<String, @Nullable Object> found = data.get(new Key(target, given, namespace, name));
    return found == null ? data.get(new Key(target, given, null, name)) : found;
  }
}
