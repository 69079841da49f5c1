package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.NodeDemands;
import io.entrepot.gate.ObjectName;
import io.entrepot.gate.Pod;
import io.entrepot.gate.Rule;
import io.entrepot.render.KubernetesObject;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Ports of a node that two pods claim where nothing keeps them on different nodes. */
final class HostPortCollision implements Judgement {

  static final Rule RULE =
      new Rule(
          "host-port-collision",
          "One port of the node claimed twice",
          "The second pod stays Pending on every node where the first one runs.",
          "Use another hostPort, leave it out, or keep the pods on different nodes.");

  private record Port(String cluster, String protocol, int number) {}

  private record Claim(Pod pod, String address, SourceNode node) {}

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    Map<Port, List<Claim>> claims = new LinkedHashMap<>();
    for (Pod pod : evidence.cluster().wholePods()) {
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
    claims.forEach((port, all) -> collisions(evidence, port, all, findings));
  }

  private static void collisions(
      Evidence evidence, Port port, List<Claim> claims, Findings findings) {
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
        findings.refuse(
            object,
            evidence.cluster().locator().of(object, later.node(), "hostPort: " + port.number()),
            null,
            "the node's port %d/%s is claimed by %s too"
                .formatted(port.number(), port.protocol(), ObjectName.of(earlier.pod().object())));
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
    NodeDemands first = NodeDemands.of(a);
    NodeDemands second = NodeDemands.of(b);
    for (String label : first.labels()) {
      Set<String> mine = first.values(label);
      Set<String> other = second.values(label);
      if (mine != null && other != null && other.stream().noneMatch(mine::contains)) {
        return false;
      }
    }
    return true;
  }
}
