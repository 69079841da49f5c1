package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.NodeDemands;
import io.entrepot.gate.NodePool;
import io.entrepot.gate.Pod;
import io.entrepot.gate.Rule;
import io.entrepot.gate.Target;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Pods that fit none of the nodes that a target declares in {@code nodes:}. */
final class Unschedulable implements Judgement {

  static final Rule RULE =
      new Rule(
          "unschedulable",
          "A pod that fits no node of the target",
          "The pod stays Pending: no node has the labels it asks for, or it does not tolerate their"
              + " taints.",
          "Correct nodeSelector, affinity or tolerations in this target's values, or declare the"
              + " nodes: in check.yaml.");

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    Map<String, Target> targets = new HashMap<>();
    for (Target target : evidence.spec().targets()) {
      if (!target.nodes().isEmpty()) {
        targets.put(target.name(), target);
      }
    }
    for (Pod pod : evidence.cluster().wholePods()) {
      Target target = targets.get(pod.object().origin().target());
      // A DaemonSet without nodes waits for nothing.
      boolean waits =
          pod.builtIn()
              && !pod.object().kind().equals("DaemonSet")
              && !"0".equals(Nodes.text(pod.object().root(), "spec", "replicas"))
              && Nodes.at(pod.spec(), "nodeName") == null;
      if (target != null && waits) {
        judge(evidence, target, pod, findings);
      }
    }
  }

  private static void judge(Evidence evidence, Target target, Pod pod, Findings findings) {
    NodeDemands demands = NodeDemands.of(pod.spec());
    List<NodePool> labelled =
        target.nodes().stream().filter(pool -> demands.fits(known(target, pool, demands))).toList();
    if (labelled.isEmpty()) {
      SourceNode node = Nodes.at(pod.spec(), "nodeSelector");
      SourceNode affinity = Nodes.at(pod.spec(), "affinity");
      String label = demands.labels().iterator().next();
      findings.refuse(
          pod.object(),
          evidence
              .cluster()
              .locator()
              .of(
                  pod.object(),
                  node != null ? node : affinity != null ? affinity : pod.spec(),
                  label + ":"),
          null,
          "no node has the labels that the pod asks for (%s); the target's nodes have %s"
              .formatted(asked(demands), pools(target)),
          "ask for labels that the nodes have, such as nodeSelector: %s; or declare such nodes: - { labels: { %s: … } }"
              .formatted(braces(target.nodes().getFirst().labels()), label));
      return;
    }
    NodePool.Taint refused = null;
    for (NodePool pool : labelled) {
      NodePool.Taint taint = untolerated(pool, pod);
      if (taint == null) {
        return;
      }
      refused = taint;
    }
    NodePool.Taint taint = Objects.requireNonNull(refused);
    findings.refuse(
        pod.object(),
        evidence.cluster().locator().of(pod.object(), pod.spec(), "tolerations"),
        null,
        "the pod tolerates the taints of no node that has its labels; it lacks a toleration of %s"
            .formatted(taint),
        "write tolerations: [{ key: %s, operator: %s, effect: %s }]"
            .formatted(
                taint.key(),
                taint.value().isEmpty() ? "Exists" : "Equal, value: " + taint.value(),
                taint.effect()));
  }

  /**
   * The labels of a pool, with those that every node has: what the pod asks of them is taken to be
   * there where the pool does not say.
   */
  private static Map<String, String> known(Target target, NodePool pool, NodeDemands demands) {
    Map<String, String> labels = new HashMap<>(pool.labels());
    for (String label : demands.labels()) {
      boolean ofKubernetes =
          label.startsWith("kubernetes.io/")
              || label.startsWith("beta.kubernetes.io/")
              || label.startsWith("topology.kubernetes.io/")
              || label.startsWith("node.kubernetes.io/")
              || label.startsWith("failure-domain.beta.kubernetes.io/");
      Set<String> values = demands.values(label);
      if (ofKubernetes && values != null && !values.isEmpty()) {
        labels.computeIfAbsent(label, _ -> value(target, label, values));
      }
    }
    return labels;
  }

  private static @Nullable String value(Target target, String label, Set<String> asked) {
    boolean architecture = label.endsWith("kubernetes.io/arch");
    if (!architecture && !label.endsWith("kubernetes.io/os")) {
      return asked.iterator().next();
    }
    return target.platforms().stream()
        .map(each -> architecture ? each.architecture() : each.os())
        .filter(asked::contains)
        .findFirst()
        .orElse(null);
  }

  private static NodePool.@Nullable Taint untolerated(NodePool pool, Pod pod) {
    List<SourceMapping> tolerations = Nodes.mappings(pod.spec(), "tolerations");
    for (NodePool.Taint taint : pool.taints()) {
      if (!taint.effect().equals("PreferNoSchedule")
          && tolerations.stream().noneMatch(each -> tolerates(each, taint))) {
        return taint;
      }
    }
    return null;
  }

  private static boolean tolerates(SourceMapping toleration, NodePool.Taint taint) {
    String key = Nodes.text(toleration, "key");
    String effect = Nodes.text(toleration, "effect");
    String value = Nodes.text(toleration, "value");
    boolean exists = "Exists".equals(Nodes.text(toleration, "operator"));
    return (key == null ? exists : key.equals(taint.key()))
        && (effect == null || effect.equals(taint.effect()))
        && (exists || taint.value().equals(value == null ? "" : value));
  }

  private static String asked(NodeDemands demands) {
    Set<String> asked = new TreeSet<>();
    for (String label : demands.labels()) {
      Set<String> values = demands.values(label);
      asked.add(values == null ? label : label + "=" + String.join("|", new TreeSet<>(values)));
    }
    return String.join(", ", asked);
  }

  private static String pools(Target target) {
    return target.nodes().stream()
        .map(pool -> braces(pool.labels()))
        .collect(Collectors.joining(", "));
  }

  private static String braces(Map<String, String> labels) {
    return labels.entrySet().stream()
        .map(each -> each.getKey() + ": " + each.getValue())
        .collect(Collectors.joining(", ", "{ ", " }"));
  }
}
