package io.entrepot.cli.output;

import io.entrepot.gate.Finding;
import io.entrepot.gate.Rule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Findings that say the same of several targets: a shared file is wrong once.
 *
 * @param finding the first of them
 * @param targets all of theirs
 */
record GateGroup(Finding finding, List<String> targets) {

  GateGroup {
    targets = List.copyOf(targets);
  }

  /** Groups by rule, in the order of the findings. */
  static Map<Rule, List<GateGroup>> byRule(List<Finding> findings) {
    return findings.stream()
        .collect(
            Collectors.groupingBy(
                Finding::rule,
                LinkedHashMap::new,
                Collectors.collectingAndThen(Collectors.toList(), GateGroup::of)));
  }

  /** Groups in the order of their first findings. */
  static List<GateGroup> of(List<Finding> findings) {
    Map<Finding, List<String>> groups = new LinkedHashMap<>();
    Map<Finding, Finding> firsts = new LinkedHashMap<>();
    for (Finding finding : findings) {
      Finding anywhere = finding.of("");
      firsts.putIfAbsent(anywhere, finding);
      List<String> targets = groups.computeIfAbsent(anywhere, key -> new ArrayList<>());
      if (!targets.contains(finding.target())) {
        targets.add(finding.target());
      }
    }
    List<GateGroup> result = new ArrayList<>();
    firsts.forEach(
        (anywhere, first) ->
            result.add(new GateGroup(first, groups.getOrDefault(anywhere, List.of()))));
    return result;
  }

  /** {@code dev, local}. */
  String where() {
    return String.join(", ", targets);
  }
}
