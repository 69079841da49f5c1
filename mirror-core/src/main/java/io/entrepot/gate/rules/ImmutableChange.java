package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.RenderedCluster;
import io.entrepot.gate.Rule;
import io.entrepot.render.KubernetesObject;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Compares StatefulSets with those of the base: what the API server lets nobody update. */
final class ImmutableChange implements Judgement {

  static final Rule RULE =
      new Rule(
          "immutable-change",
          "A field that cannot be changed in place",
          "The API server refuses: updates to statefulset spec are forbidden; the sync fails until"
              + " somebody deletes the object.",
          "Keep the field, or plan a migration: new name, copied data, old StatefulSet removed.");

  /** What may be updated (Kubernetes API, StatefulSet validation); everything else may not. */
  private static final Set<String> MUTABLE =
      Set.of(
          "replicas",
          "ordinals",
          "template",
          "updateStrategy",
          "persistentVolumeClaimRetentionPolicy",
          "minReadySeconds",
          "revisionHistoryLimit");

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    RenderedCluster base = evidence.base();
    if (base == null) {
      return;
    }
    Map<String, KubernetesObject> before = new HashMap<>();
    for (KubernetesObject object : base.objects()) {
      if (isStatefulSet(object)) {
        before.put(key(object), object);
      }
    }
    for (KubernetesObject object : evidence.cluster().objects()) {
      KubernetesObject former = isStatefulSet(object) ? before.get(key(object)) : null;
      if (former != null) {
        compare(evidence, former, object, findings);
      }
    }
  }

  private static boolean isStatefulSet(KubernetesObject object) {
    return object.kind().equals("StatefulSet") && object.group().equals("apps");
  }

  private static String key(KubernetesObject object) {
    return "%s %s/%s".formatted(object.origin().target(), object.namespace(), object.name());
  }

  private static void compare(
      Evidence evidence, KubernetesObject before, KubernetesObject after, Findings findings) {
    Map<String, @Nullable Object> old = spec(before);
    Map<String, @Nullable Object> now = spec(after);
    Set<String> fields = new LinkedHashSet<>(now.keySet());
    fields.addAll(old.keySet());
    fields.removeAll(MUTABLE);
    for (String field : fields) {
      Object from = old.get(field);
      Object to = now.get(field);
      if (Objects.equals(from, to)) {
        continue;
      }
      SourceNode node = Nodes.at(after.root(), "spec", field);
      FilePosition position =
          evidence.cluster().locator().of(after, node == null ? after.root() : node, field);
      findings.refuse(
          after,
          position,
          null,
          "spec.%s cannot be updated: it was %s and would be %s"
              .formatted(field, shown(from), shown(to)));
    }
  }

  /** The specification with defaults, and without what the server fills in. */
  private static Map<String, @Nullable Object> spec(KubernetesObject object) {
    SourceMapping spec = Nodes.mapping(object.root(), "spec");
    Map<String, @Nullable Object> fields = new HashMap<>();
    if (spec != null && Nodes.plain(spec) instanceof Map<?, ?> map) {
      map.forEach((key, value) -> fields.put(String.valueOf(key), tidy(value)));
    }
    fields.putIfAbsent("podManagementPolicy", "OrderedReady");
    fields.putIfAbsent("serviceName", "");
    fields.values().removeIf(value -> value == null || value.equals(List.of()));
    return fields;
  }

  private static @Nullable Object tidy(@Nullable Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> tidied = new TreeMap<>();
        map.forEach(
            (key, each) -> {
              String name = String.valueOf(key);
              boolean filled =
                  name.equals("status")
                      || name.equals("creationTimestamp")
                      || (name.equals("volumeMode") && "Filesystem".equals(each))
                      || (name.equals("kind") && "PersistentVolumeClaim".equals(each))
                      || (name.equals("apiVersion") && "v1".equals(each));
              if (!filled && each != null) {
                tidied.put(name, tidy(each));
              }
            });
        yield tidied;
      }
      case List<?> list -> list.stream().map(ImmutableChange::tidy).toList();
      // A quantity may be written as a number or as text.
      case null -> null;
      default -> value.toString();
    };
  }

  private static String shown(@Nullable Object value) {
    String text = value == null || value.equals("") ? "nothing" : value.toString();
    return text.length() > 200 ? text.substring(0, 200) + "…" : text;
  }
}
