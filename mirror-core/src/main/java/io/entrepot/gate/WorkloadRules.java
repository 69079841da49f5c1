package io.entrepot.gate;

import io.entrepot.render.KubernetesObject;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Labels, host ports, and tools that jobs fetch when they run. */
final class WorkloadRules {

  private static final Pattern LABEL =
      Pattern.compile("(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?");
  private static final Set<String> LABELS = Set.of("labels", "matchLabels", "commonLabels");

  private final Scene scene;
  private final Verdicts verdicts;

  WorkloadRules(Scene scene, Verdicts verdicts) {
    this.scene = scene;
    this.verdicts = verdicts;
  }

  void judge() {
    for (KubernetesObject object : scene.objects()) {
      if (!object.kind().equals("CustomResourceDefinition")) {
        labels(object);
      }
    }
    hostPorts();
    Downloads downloads = new Downloads(scene, verdicts);
    scene.pods().forEach(downloads::judge);
  }

  // ---- tag-in-label --------------------------------------------------------------------------

  private void labels(KubernetesObject object) {
    Set<String> seen = new HashSet<>();
    Nodes.eachMapping(
        object.root(),
        (path, mapping) -> {
          String last = path.substring(path.lastIndexOf('.') + 1);
          // A service's selector is a map of labels too.
          boolean selector = path.equals("spec.selector") && object.kind().equals("Service");
          if (LABELS.contains(last) || selector) {
            for (SourceMapping.Entry entry : mapping.entries()) {
              if (entry.value() instanceof ScalarSite value
                  && value.value().contains("sha256")
                  && !LABEL.matcher(value.value()).matches()
                  && seen.add(entry.name() + value.value())) {
                refuse(object, path, entry.name(), value);
              }
            }
          }
        });
  }

  private void refuse(KubernetesObject object, String path, String key, ScalarSite value) {
    int at = value.value().indexOf("sha256");
    String hex = value.value().substring(Math.min(value.value().length(), at + 7));
    Place place =
        scene
            .locator()
            .of(object, value, hex.length() >= 12 ? hex.substring(0, 12) : value.value());
    verdicts.refuse(
        Rule.TAG_IN_LABEL,
        object,
        place,
        null,
        "the label %s in %s is '%s', which is no label's value"
            .formatted(key, path, value.value()));
  }

  // ---- host-port-collision -------------------------------------------------------------------

  private record Port(String cluster, String protocol, int number) {}

  private record Claim(Pod pod, String address, SourceNode node) {}

  private void hostPorts() {
    Map<Port, List<Claim>> claims = new LinkedHashMap<>();
    for (Pod pod : scene.pods()) {
      if (!pod.builtIn() || "0".equals(Nodes.text(pod.object().root(), "spec", "replicas"))) {
        continue;
      }
      boolean network = "true".equals(Nodes.text(pod.spec(), "hostNetwork"));
      for (Pod.Container container : pod.containers()) {
        if (container.init()) {
          continue;
        }
        for (SourceMapping port : Nodes.mappings(container.node(), "ports")) {
          SourceNode node = Nodes.at(port, "hostPort");
          if (node == null && network) {
            node = Nodes.at(port, "containerPort");
          }
          if (node instanceof ScalarSite number && number.value().matches("[1-9][0-9]{0,4}")) {
            String protocol = Nodes.text(port, "protocol");
            String address = Nodes.text(port, "hostIP");
            claims
                .computeIfAbsent(
                    new Port(
                        pod.object().origin().cluster(),
                        protocol == null ? "TCP" : protocol,
                        Integer.parseInt(number.value())),
                    _ -> new ArrayList<>())
                .add(new Claim(pod, address == null ? "0.0.0.0" : address, node));
          }
        }
      }
    }
    claims.forEach(this::collisions);
  }

  private void collisions(Port port, List<Claim> claims) {
    for (int i = 0; i < claims.size(); i++) {
      for (int j = 0; j < i; j++) {
        Claim later = claims.get(i);
        Claim earlier = claims.get(j);
        if (later.pod().equals(earlier.pod())
            || same(later.pod().object(), earlier.pod().object())
            || !overlap(later.address(), earlier.address())
            || !canMeet(later.pod().spec(), earlier.pod().spec())) {
          continue;
        }
        KubernetesObject object = later.pod().object();
        verdicts.refuse(
            Rule.HOST_PORT_COLLISION,
            object,
            scene.locator().of(object, later.node(), "hostPort: " + port.number()),
            null,
            "the node's port %d/%s is claimed by %s too"
                .formatted(port.number(), port.protocol(), Scene.name(earlier.pod().object())));
        break;
      }
    }
  }

  /** The same object seen twice, as when a file fits two patterns. */
  private static boolean same(KubernetesObject a, KubernetesObject b) {
    return a.kind().equals(b.kind())
        && a.name().equals(b.name())
        && Objects.equals(a.namespace(), b.namespace());
  }

  private static boolean overlap(String a, String b) {
    return a.equals(b)
        || a.equals("0.0.0.0")
        || b.equals("0.0.0.0")
        || a.equals("::")
        || b.equals("::");
  }

  /** Whether nothing keeps the two from the same node: selectors or required affinity. */
  private static boolean canMeet(SourceMapping a, SourceMapping b) {
    Map<String, Set<String>> first = demands(a);
    Map<String, Set<String>> second = demands(b);
    for (Map.Entry<String, Set<String>> demand : first.entrySet()) {
      Set<String> other = second.get(demand.getKey());
      if (other != null && other.stream().noneMatch(demand.getValue()::contains)) {
        return false;
      }
    }
    return true;
  }

  /** What labels of a node must be, as far as one value or one term says so. */
  private static Map<String, Set<String>> demands(SourceMapping spec) {
    Map<String, Set<String>> demands = new LinkedHashMap<>();
    Nodes.scalars(spec, "nodeSelector")
        .forEach((key, value) -> demands.put(key, Set.of(value.value())));
    List<SourceMapping> terms =
        Nodes.mappings(
            spec,
            "affinity",
            "nodeAffinity",
            "requiredDuringSchedulingIgnoredDuringExecution",
            "nodeSelectorTerms");
    if (terms.size() == 1) {
      for (SourceMapping expression : Nodes.mappings(terms.getFirst(), "matchExpressions")) {
        String key = Nodes.text(expression, "key");
        if (key != null && "In".equals(Nodes.text(expression, "operator"))) {
          Set<String> values = new HashSet<>();
          for (SourceNode value : Nodes.items(expression, "values")) {
            if (value instanceof ScalarSite scalar) {
              values.add(scalar.value());
            }
          }
          demands.merge(
              key,
              values,
              (x, y) -> {
                Set<String> both = new HashSet<>(x);
                both.retainAll(y);
                return both;
              });
        }
      }
    }
    return demands;
  }

  /** The value of a container's variable where it is written there. */
  static @Nullable String variable(SourceMapping container, String name) {
    for (SourceMapping variable : Nodes.mappings(container, "env")) {
      if (name.equals(Nodes.text(variable, "name"))) {
        return Nodes.text(variable, "value");
      }
    }
    return null;
  }
}
