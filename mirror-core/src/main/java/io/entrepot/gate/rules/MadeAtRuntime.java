package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Pod;
import io.entrepot.render.KubernetesObject;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Secrets and ConfigMaps that something in the cluster makes when it runs: operators for their
 * resources, jobs, certificate managers. What any of them names is taken to be made: a doubt is no
 * finding.
 */
final class MadeAtRuntime {

  /** What every cluster has in each namespace, or a mesh or platform puts there. */
  private static final Set<String> EVERYWHERE =
      Set.of(
          "kube-root-ca.crt",
          "openshift-service-ca.crt",
          "istio-ca-root-cert",
          "linkerd-identity-trust-roots");

  /** Namespaces that the cluster itself fills. */
  private static final Set<String> OF_THE_CLUSTER = Set.of("kube-system", "kube-public");

  /** Groups whose resources make no secrets, or whose secrets are known by their own fields. */
  private static final List<String> NO_MAKERS =
      List.of(
          "external-secrets.io",
          "gateway.networking.k8s.io",
          "networking.istio.io",
          "security.istio.io",
          "traefik.io",
          "traefik.containo.us",
          "monitoring.coreos.com",
          "argoproj.io",
          "toolkit.fluxcd.io",
          "cilium.io",
          "kyverno.io",
          "keda.sh",
          "gateway.envoyproxy.io",
          "projectcontour.io");

  /** What a target's objects name, by the target. */
  private record Named(
      Set<String> resources,
      Set<String> texts,
      List<String> scripts,
      List<KubernetesObject> owners) {}

  private final Evidence evidence;
  private final Map<String, Named> targets = new HashMap<>();

  MadeAtRuntime(Evidence evidence) {
    this.evidence = evidence;
  }

  /** Whether something of the target may make a Secret or ConfigMap. */
  boolean mayMake(String target, @Nullable String namespace, String name) {
    Named named = targets.computeIfAbsent(target, this::collect);
    return EVERYWHERE.contains(name)
        || named.texts().contains(name)
        || named.scripts().stream().anyMatch(script -> script.contains(name))
        || operatorMayMake(target, namespace, name);
  }

  /** Whether an operator may make an object of any kind for one of its resources. */
  boolean operatorMayMake(String target, @Nullable String namespace, String name) {
    Named named = targets.computeIfAbsent(target, this::collect);
    return (namespace != null && OF_THE_CLUSTER.contains(namespace))
        || named.resources().contains(name)
        || named.owners().stream().anyMatch(owner -> isDerived(owner, namespace, name));
  }

  /** Whether an operator's resource may have made it: most derive the name from the resource's. */
  private static boolean isDerived(
      KubernetesObject owner, @Nullable String namespace, String name) {
    boolean near =
        namespace == null || owner.namespace() == null || namespace.equals(owner.namespace());
    String stem = owner.name();
    return near
        && (name.equals(stem)
            || name.startsWith(stem + "-")
            || name.startsWith(stem + ".")
            || name.endsWith("-" + stem)
            || name.contains("." + stem + "."));
  }

  private Named collect(String target) {
    Named named = new Named(new HashSet<>(), new HashSet<>(), new ArrayList<>(), new ArrayList<>());
    for (KubernetesObject object : evidence.cluster().objects()) {
      if (object.origin().target().equals(target)) {
        collect(object, named);
      }
    }
    for (Pod pod : evidence.cluster().pods()) {
      if (pod.object().origin().target().equals(target)) {
        for (Pod.Container container : pod.containers()) {
          collect(container, named);
        }
      }
    }
    return named;
  }

  private static void collect(KubernetesObject object, Named named) {
    Map<String, ScalarSite> annotations = Nodes.scalars(object.root(), "metadata", "annotations");
    annotations.values().forEach(value -> named.texts().add(value.value()));
    switch (object.kind()) {
      case "Role", "ClusterRole" -> {
        for (SourceMapping rule : Nodes.mappings(object.root(), "rules")) {
          add(Nodes.items(rule, "resourceNames"), named.texts());
        }
      }
      case "Ingress", "Gateway" -> {
        if (annotations.keySet().stream().anyMatch(key -> key.contains("cert-manager.io/"))) {
          addAll(object.root(), named.texts());
        }
      }
      case "ConfigMap" ->
          Nodes.scalars(object.root(), "data").values().stream()
              .map(ScalarSite::value)
              .filter(text -> text.contains("kubectl"))
              .forEach(named.scripts()::add);
      default -> {}
    }
    boolean custom =
        object.group().contains(".")
            && !object.group().endsWith("k8s.io")
            && !object.kind().equals("CustomResourceDefinition")
            && NO_MAKERS.stream().noneMatch(object.group()::endsWith);
    if (custom) {
      addAll(object.root(), named.resources());
      if (!object.group().equals("cert-manager.io")) {
        named.owners().add(object);
      }
    }
  }

  private static void collect(Pod.Container container, Named named) {
    for (String list : List.of("command", "args")) {
      for (SourceNode item : Nodes.items(container.node(), list)) {
        if (item instanceof ScalarSite text) {
          named.scripts().add(text.value());
        }
      }
    }
    for (SourceMapping variable : Nodes.mappings(container.node(), "env")) {
      String value = Nodes.text(variable, "value");
      if (value != null) {
        named.texts().add(value);
      }
    }
  }

  private static void addAll(SourceNode root, Set<String> texts) {
    Nodes.eachMapping(
        root,
        (_, mapping) -> {
          for (SourceMapping.Entry entry : mapping.entries()) {
            if (entry.value() instanceof ScalarSite text) {
              texts.add(text.value());
            } else {
              add(Nodes.items(mapping, entry.name()), texts);
            }
          }
        });
  }

  private static void add(List<SourceNode> items, Set<String> texts) {
    for (SourceNode item : items) {
      if (item instanceof ScalarSite text) {
        texts.add(text.value());
      }
    }
  }
}
