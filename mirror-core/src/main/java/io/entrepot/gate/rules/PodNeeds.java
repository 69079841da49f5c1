package io.entrepot.gate.rules;

import io.entrepot.gate.Pod;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The Secrets and ConfigMaps without which a pod does not start. */
final class PodNeeds {

  /**
   * One of them.
   *
   * @param kind {@code Secret} or {@code ConfigMap}
   * @param key that it must have, or null
   * @param node where its name stands
   * @param by what needs it, for messages
   */
  record Need(String kind, String name, @Nullable String key, SourceNode node, String by) {}

  private final List<Need> needs = new ArrayList<>();

  private PodNeeds() {}

  /**
   * What is not optional.
   *
   * @param pullSecrets whether secrets for pulling count
   */
  static List<Need> of(Pod pod, boolean pullSecrets) {
    PodNeeds needs = new PodNeeds();
    for (Pod.Container container : pod.containers()) {
      needs.environment(container);
    }
    for (SourceMapping volume : Nodes.mappings(pod.spec(), "volumes")) {
      needs.volume(volume);
    }
    if (pullSecrets) {
      for (SourceMapping secret : Nodes.mappings(pod.spec(), "imagePullSecrets")) {
        needs.add("Secret", secret, "name", null, "imagePullSecrets");
      }
    }
    return needs.needs;
  }

  private void environment(Pod.Container container) {
    for (SourceMapping variable : Nodes.mappings(container.node(), "env")) {
      String by =
          "the variable %s of container '%s'"
              .formatted(Nodes.text(variable, "name"), container.name());
      SourceMapping secret = Nodes.mapping(variable, "valueFrom", "secretKeyRef");
      add("Secret", secret, "name", Nodes.text(secret, "key"), by);
      SourceMapping map = Nodes.mapping(variable, "valueFrom", "configMapKeyRef");
      add("ConfigMap", map, "name", Nodes.text(map, "key"), by);
    }
    for (SourceMapping source : Nodes.mappings(container.node(), "envFrom")) {
      String by = "envFrom of container '%s'".formatted(container.name());
      add("Secret", Nodes.mapping(source, "secretRef"), "name", null, by);
      add("ConfigMap", Nodes.mapping(source, "configMapRef"), "name", null, by);
    }
  }

  private void volume(SourceMapping volume) {
    String by = "the volume '%s'".formatted(Nodes.text(volume, "name"));
    files("Secret", Nodes.mapping(volume, "secret"), "secretName", by);
    files("ConfigMap", Nodes.mapping(volume, "configMap"), "name", by);
    for (SourceMapping source : Nodes.mappings(volume, "projected", "sources")) {
      files("Secret", Nodes.mapping(source, "secret"), "name", by);
      files("ConfigMap", Nodes.mapping(source, "configMap"), "name", by);
    }
  }

  private void files(String kind, @Nullable SourceMapping source, String nameKey, String by) {
    add(kind, source, nameKey, null, by);
    for (SourceMapping item : Nodes.mappings(source, "items")) {
      String key = Nodes.text(item, "key");
      if (key != null) {
        add(kind, source, nameKey, key, by);
      }
    }
  }

  private void add(
      String kind,
      @Nullable SourceMapping reference,
      String nameKey,
      @Nullable String key,
      String by) {
    SourceNode node = Nodes.at(reference, nameKey);
    String name = Nodes.text(reference, nameKey);
    boolean optional = "true".equals(Nodes.text(reference, "optional"));
    // What an engine after us fills in has no name yet.
    if (node != null && name != null && !optional && name.matches("[a-z0-9]([a-z0-9.-]*)")) {
      needs.add(new Need(kind, name, key, node, by));
    }
  }
}
