package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.RenderedCluster;
import io.entrepot.gate.Rule;
import io.entrepot.render.KubernetesObject;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Compares objects with those of the base: what the API server does not update in place. */
final class ImmutableChange implements Judgement {

  static final Rule RULE =
      new Rule(
          "immutable-change",
          "A field that cannot be changed in place",
          "The API server refuses the change (updates to statefulset spec are forbidden, field is"
              + " immutable); the sync fails until somebody deletes the object.",
          "Keep the field, or plan a migration: an object of a new name, its data copied, the old one"
              + " removed. A Job may be replaced: annotation argocd.argoproj.io/sync-options:"
              + " Force=true,Replace=true.");

  /** What may be updated of a StatefulSet (Kubernetes API, its validation); the rest may not. */
  private static final Set<String> MUTABLE =
      Set.of(
          "replicas",
          "ordinals",
          "template",
          "updateStrategy",
          "persistentVolumeClaimRetentionPolicy",
          "minReadySeconds",
          "revisionHistoryLimit");

  /** What may not be updated of other kinds: ways from the root (Kubernetes API, validation). */
  private static final Map<String, List<List<String>>> IMMUTABLE =
      Map.ofEntries(
          Map.entry("Deployment", List.of(List.of("spec", "selector"))),
          Map.entry("DaemonSet", List.of(List.of("spec", "selector"))),
          Map.entry("ReplicaSet", List.of(List.of("spec", "selector"))),
          Map.entry(
              "Job",
              List.of(
                  List.of("spec", "selector"),
                  List.of("spec", "template"),
                  List.of("spec", "completionMode"),
                  List.of("spec", "podFailurePolicy"))),
          Map.entry(
              "PersistentVolumeClaim",
              List.of(
                  List.of("spec", "accessModes"),
                  List.of("spec", "storageClassName"),
                  List.of("spec", "selector"),
                  List.of("spec", "volumeMode"),
                  List.of("spec", "volumeName"),
                  List.of("spec", "dataSource"))),
          Map.entry("RoleBinding", List.of(List.of("roleRef"))),
          Map.entry("ClusterRoleBinding", List.of(List.of("roleRef"))),
          Map.entry(
              "StorageClass",
              List.of(
                  List.of("provisioner"),
                  List.of("parameters"),
                  List.of("reclaimPolicy"),
                  List.of("volumeBindingMode"))),
          Map.entry("Secret", List.of(List.of("type"))),
          Map.entry("IngressClass", List.of(List.of("spec", "controller"))),
          Map.entry("RuntimeClass", List.of(List.of("handler"))),
          Map.entry("PriorityClass", List.of(List.of("value"), List.of("preemptionPolicy"))),
          Map.entry(
              "CustomResourceDefinition",
              List.of(List.of("spec", "scope"), List.of("spec", "group"))));

  /** API groups of Kubernetes itself, where the kinds above are the ones that are meant. */
  private static final Set<String> GROUPS =
      Set.of(
          "",
          "apps",
          "batch",
          "rbac.authorization.k8s.io",
          "storage.k8s.io",
          "networking.k8s.io",
          "node.k8s.io",
          "scheduling.k8s.io",
          "apiextensions.k8s.io");

  /** What the server takes where a field is left out. */
  private static final Map<List<String>, String> DEFAULTS =
      Map.of(
          List.of("spec", "completionMode"), "NonIndexed",
          List.of("spec", "volumeMode"), "Filesystem",
          List.of("reclaimPolicy"), "Delete",
          List.of("volumeBindingMode"), "Immediate",
          List.of("preemptionPolicy"), "PreemptLowerPriority",
          List.of("type"), "Opaque");

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
      if (GROUPS.contains(object.group())) {
        before.put(key(object), object);
      }
    }
    for (KubernetesObject object : evidence.cluster().objects()) {
      KubernetesObject former = before.get(key(object));
      if (former != null && !isReplaced(object)) {
        compare(evidence, former, object, findings);
      }
    }
  }

  private static String key(KubernetesObject object) {
    return "%s %s %s %s/%s"
        .formatted(
            object.origin().target(),
            object.group(),
            object.kind(),
            object.namespace(),
            object.name());
  }

  /** Whether who deploys the object deletes the former one first, as its annotations ask. */
  private static boolean isReplaced(KubernetesObject object) {
    Map<String, ScalarSite> annotations = Nodes.scalars(object.root(), "metadata", "annotations");
    String options = text(annotations, "argocd.argoproj.io/sync-options");
    return annotations.containsKey("helm.sh/hook")
        || annotations.containsKey("argocd.argoproj.io/hook")
        || (options.contains("Replace=true") && options.contains("Force=true"))
        || text(annotations, "kustomize.toolkit.fluxcd.io/force")
            .toLowerCase(Locale.ROOT)
            .equals("enabled")
        // A finished job is gone by the time of the next change.
        || (object.kind().equals("Job")
            && Nodes.at(object.root(), "spec", "ttlSecondsAfterFinished") != null);
  }

  private static String text(Map<String, ScalarSite> annotations, String name) {
    ScalarSite value = annotations.get(name);
    return value == null ? "" : value.value();
  }

  private static void compare(
      Evidence evidence, KubernetesObject before, KubernetesObject after, Findings findings) {
    switch (after.kind()) {
      case "StatefulSet" -> statefulSet(evidence, before, after, findings);
      case "Service" -> clusterAddress(evidence, before, after, findings);
      case "ConfigMap", "Secret" -> {
        if ("true".equals(Nodes.text(before.root(), "immutable"))) {
          for (String field : List.of("data", "binaryData", "stringData", "immutable")) {
            field(evidence, before, after, List.of(field), findings);
          }
        }
      }
      case "PersistentVolumeClaim" -> size(evidence, before, after, findings);
      default -> {}
    }
    for (List<String> way : IMMUTABLE.getOrDefault(after.kind(), List.of())) {
      field(evidence, before, after, way, findings);
    }
  }

  private static void statefulSet(
      Evidence evidence, KubernetesObject before, KubernetesObject after, Findings findings) {
    Map<String, @Nullable Object> old = spec(before);
    Map<String, @Nullable Object> now = spec(after);
    Set<String> fields = new LinkedHashSet<>(now.keySet());
    fields.addAll(old.keySet());
    fields.removeAll(MUTABLE);
    for (String field : fields) {
      if (!Objects.equals(old.get(field), now.get(field))) {
        refuse(evidence, after, List.of("spec", field), old.get(field), now.get(field), findings);
      }
    }
  }

  /** An address that is left out stays what it was. */
  private static void clusterAddress(
      Evidence evidence, KubernetesObject before, KubernetesObject after, Findings findings) {
    List<String> way = List.of("spec", "clusterIP");
    String old = Nodes.text(before.root(), "spec", "clusterIP");
    String now = Nodes.text(after.root(), "spec", "clusterIP");
    boolean external =
        "ExternalName".equals(Nodes.text(before.root(), "spec", "type"))
            || "ExternalName".equals(Nodes.text(after.root(), "spec", "type"));
    if (old != null && now != null && !old.equals(now) && !external) {
      refuse(evidence, after, way, old, now, findings);
    }
  }

  /** A claim may grow and may not shrink. */
  private static void size(
      Evidence evidence, KubernetesObject before, KubernetesObject after, Findings findings) {
    List<String> way = List.of("spec", "resources", "requests", "storage");
    String old = Nodes.text(before.root(), way.toArray(String[]::new));
    String now = Nodes.text(after.root(), way.toArray(String[]::new));
    Optional<BigDecimal> from = Quantity.parse(old);
    Optional<BigDecimal> to = Quantity.parse(now);
    if (from.isPresent() && to.isPresent() && to.get().compareTo(from.get()) < 0) {
      refuse(evidence, after, way, old, now, findings);
    }
  }

  private static void field(
      Evidence evidence,
      KubernetesObject before,
      KubernetesObject after,
      List<String> way,
      Findings findings) {
    Object old = value(before, way);
    Object now = value(after, way);
    boolean filledByServer =
        old == null
            && (way.getLast().equals("storageClassName") || way.getLast().equals("volumeName"));
    if (!Objects.equals(old, now) && !filledByServer) {
      refuse(evidence, after, way, old, now, findings);
    }
  }

  private static @Nullable Object value(KubernetesObject object, List<String> way) {
    SourceNode node = Nodes.at(object.root(), way.toArray(String[]::new));
    Object value = node == null ? null : tidy(Nodes.plain(node));
    if (value == null && node == null) {
      return DEFAULTS.get(way);
    }
    boolean empty =
        (value instanceof Collection<?> many && many.isEmpty())
            || (value instanceof Map<?, ?> map && map.isEmpty());
    return empty ? null : value;
  }

  private static void refuse(
      Evidence evidence,
      KubernetesObject object,
      List<String> way,
      @Nullable Object from,
      @Nullable Object to,
      Findings findings) {
    SourceNode node = Nodes.at(object.root(), way.toArray(String[]::new));
    FilePosition position =
        evidence.cluster().locator().of(object, node == null ? object.root() : node, way.getLast());
    boolean secret = object.kind().equals("Secret") && !way.equals(List.of("type"));
    findings.refuse(
        object,
        position,
        null,
        secret
            ? "%s cannot be updated: the Secret is immutable".formatted(String.join(".", way))
            : "%s cannot be updated: it was %s and would be %s"
                .formatted(String.join(".", way), shown(from), shown(to)));
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
