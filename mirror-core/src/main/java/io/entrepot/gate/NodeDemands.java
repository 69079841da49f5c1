package io.entrepot.gate;

import io.entrepot.oci.Platform;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What labels a node must have for a pod, by the pod's selector and its required affinity.
 *
 * @param selector labels with the value that each must have
 * @param terms of the affinity: one must hold whole; empty where nothing is required
 */
public record NodeDemands(Map<String, String> selector, List<List<Expression>> terms) {

  private static final Set<String> ARCHITECTURE =
      Set.of("kubernetes.io/arch", "beta.kubernetes.io/arch");
  private static final Set<String> SYSTEM = Set.of("kubernetes.io/os", "beta.kubernetes.io/os");

  /** Copies. */
  public NodeDemands {
    selector = new LinkedHashMap<>(selector);
    terms = List.copyOf(terms);
  }

  /** One expression about a label, as Kubernetes defines its operators. */
  public record Expression(String key, String operator, Set<String> values) {

    /** Whether the labels of a node fulfil it. */
    boolean fits(Map<String, String> labels) {
      String value = labels.get(key);
      return switch (operator) {
        case "In" -> value != null && values.contains(value);
        case "NotIn" -> value == null || !values.contains(value);
        case "Exists" -> value != null;
        case "DoesNotExist" -> value == null;
        // Gt and Lt compare numbers that the nodes have; nothing is refused for them.
        default -> true;
      };
    }
  }

  /** The demands of a pod's specification. */
  public static NodeDemands of(SourceMapping pod) {
    Map<String, String> selector = new LinkedHashMap<>();
    Nodes.scalars(pod, "nodeSelector").forEach((key, value) -> selector.put(key, value.value()));
    List<List<Expression>> terms = new ArrayList<>();
    for (SourceMapping term :
        Nodes.mappings(
            pod,
            "affinity",
            "nodeAffinity",
            "requiredDuringSchedulingIgnoredDuringExecution",
            "nodeSelectorTerms")) {
      List<Expression> expressions = new ArrayList<>();
      for (SourceMapping each : Nodes.mappings(term, "matchExpressions")) {
        String key = Nodes.text(each, "key");
        String operator = Nodes.text(each, "operator");
        if (key != null && operator != null) {
          Set<String> values = new LinkedHashSet<>();
          for (SourceNode value : Nodes.items(each, "values")) {
            if (value instanceof ScalarSite scalar) {
              values.add(scalar.value());
            }
          }
          expressions.add(new Expression(key, operator, values));
        }
      }
      terms.add(expressions);
    }
    return new NodeDemands(selector, terms);
  }

  /** Whether nothing is demanded. */
  public boolean isEmpty() {
    return selector.isEmpty() && terms.isEmpty();
  }

  /** Whether a node with these labels will do. */
  public boolean fits(Map<String, String> labels) {
    return selector.entrySet().stream()
            .allMatch(each -> each.getValue().equals(labels.get(each.getKey())))
        && (terms.isEmpty()
            || terms.stream().anyMatch(term -> term.stream().allMatch(each -> each.fits(labels))));
  }

  /** The values that a label may have, or null where any will do. */
  public @Nullable Set<String> values(String label) {
    Set<String> ofTerms = null;
    for (List<Expression> term : terms) {
      Set<String> own = null;
      for (Expression each : term) {
        if (each.key().equals(label) && each.operator().equals("In")) {
          own = own == null ? new HashSet<>(each.values()) : common(own, each.values());
        }
      }
      if (own == null) {
        ofTerms = null;
        break;
      }
      ofTerms = ofTerms == null ? own : union(ofTerms, own);
    }
    String selected = selector.get(label);
    if (selected == null) {
      return ofTerms;
    }
    return ofTerms == null ? Set.of(selected) : common(Set.of(selected), ofTerms);
  }

  /** The labels of which values are demanded. */
  public Set<String> labels() {
    Set<String> labels = new TreeSet<>(selector.keySet());
    terms.forEach(term -> term.forEach(each -> labels.add(each.key())));
    return labels;
  }

  /**
   * The platforms on which the pod can run.
   *
   * @param ofTarget those of the target's nodes
   * @return those that fit; where none does, the ones that the pod asks for all the same
   */
  public List<Platform> platforms(List<Platform> ofTarget) {
    Set<String> architectures = any(ARCHITECTURE);
    Set<String> systems = any(SYSTEM);
    if (architectures == null && systems == null) {
      return ofTarget;
    }
    List<Platform> fitting =
        ofTarget.stream()
            .filter(each -> architectures == null || architectures.contains(each.architecture()))
            .filter(each -> systems == null || systems.contains(each.os()))
            .toList();
    if (!fitting.isEmpty()) {
      return fitting;
    }
    Set<Platform> asked = new LinkedHashSet<>();
    for (String system : systems == null ? Set.of("linux") : new TreeSet<>(systems)) {
      if (architectures != null) {
        architectures.stream().sorted().forEach(each -> asked.add(platform(system, each)));
      } else {
        // Windows nodes are of one architecture in every cloud.
        asked.add(platform(system, "amd64"));
      }
    }
    return List.copyOf(asked);
  }

  private static Platform platform(String system, String architecture) {
    return Platform.parse(system + "/" + architecture);
  }

  private @Nullable Set<String> any(Set<String> labels) {
    for (String label : labels) {
      Set<String> values = values(label);
      if (values != null && values.stream().allMatch(each -> each.matches("[a-z0-9]+"))) {
        return values;
      }
    }
    return null;
  }

  private static Set<String> common(Set<String> some, Set<String> others) {
    Set<String> common = new HashSet<>(some);
    common.retainAll(others);
    return common;
  }

  private static Set<String> union(Set<String> some, Set<String> others) {
    Set<String> union = new HashSet<>(some);
    union.addAll(others);
    return union;
  }
}
