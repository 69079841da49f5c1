package io.entrepot.render;

import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The ConfigMaps of the tree, by target: Flux takes variables and values from them. */
final class ConfigMaps {

  private record Key(String target, @Nullable String namespace, @Nullable String name) {}

  private final Map<Key, Map<String, @Nullable Object>> data = new LinkedHashMap<>();

  /** Remembers a document if it is a ConfigMap. */
  void remember(List<String> targets, SourceNode document) {
    if ("ConfigMap".equals(Nodes.text(document, "kind"))) {
      String namespace = Nodes.text(document, "metadata", "namespace");
      String name = Nodes.text(document, "metadata", "name");
      Map<String, @Nullable Object> values = Plain.map(Nodes.plain(document), "data");
      targets.forEach(target -> data.put(new Key(target, namespace, name), values));
    }
  }

  /** The data of a ConfigMap; empty where there is none in the tree. */
  Map<String, @Nullable Object> find(
      String target, @Nullable String namespace, @Nullable String name) {
    Map<String, @Nullable Object> found = data.get(new Key(target, namespace, name));
    return found == null ? data.getOrDefault(new Key(target, null, name), Map.of()) : found;
  }
}
