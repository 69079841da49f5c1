package io.entrepot.gate;

import java.util.Comparator;
import java.util.List;

/**
 * The rules that a check knows, in the order in which reports list them.
 *
 * @param all each once
 */
public record Rules(List<Rule> all) {

  /** Copies. */
  public Rules {
    all = List.copyOf(all);
  }

  /**
   * The rule of that name.
   *
   * @throws IllegalArgumentException naming those there are
   */
  public Rule parse(String id) {
    return all.stream()
        .filter(rule -> rule.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no rule '%s'; there are %s"
                        .formatted(id, String.join(", ", all.stream().map(Rule::id).toList()))));
  }

  /** The order of reports. */
  Comparator<Rule> order() {
    return Comparator.comparingInt(all::indexOf);
  }
}
