package io.entrepot.policy.cluster;

import io.entrepot.oci.Repository;
import io.entrepot.policy.Demand;
import io.entrepot.policy.Policy;
import io.entrepot.policy.PolicyRule;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Where the images lie that a cluster may run.
 *
 * @param below the repository below which copies go; empty where each copy says its own
 * @param sources of each copy's repository those that it is a copy of; none for a list that is put
 *     together here
 */
public record Copies(
    Optional<Repository> below, SortedMap<Repository, SortedSet<Repository>> sources) {

  /** Copies the map. */
  public Copies {
    TreeMap<Repository, SortedSet<Repository>> own = new TreeMap<>();
    sources.forEach(
        (copy, of) -> own.put(copy, Collections.unmodifiableSortedSet(new TreeSet<>(of))));
    sources = Collections.unmodifiableSortedMap(own);
  }

  /** Copies that lie elsewhere than the others. */
  SortedSet<Repository> elsewhere() {
    SortedSet<Repository> found = new TreeSet<>(sources.keySet());
    found.removeIf(copy -> below.filter(all -> all.contains(copy)).isPresent());
    return found;
  }

  /** Copies of what the policy denies as a whole. */
  SortedSet<Repository> denied(Policy policy) {
    SortedSet<Repository> found = new TreeSet<>();
    sources.forEach(
        (copy, of) -> {
          if (of.stream()
              .map(policy::rule)
              .flatMap(Optional::stream)
              .anyMatch(rule -> rule.demand() instanceof Demand.Denied)) {
            found.add(copy);
          }
        });
    return found;
  }

  /** The copies that each rule asks signers of, in the order of the rules. */
  Map<PolicyRule, SortedMap<Repository, Repository>> signed(Policy policy) {
    Map<PolicyRule, SortedMap<Repository, Repository>> found = new LinkedHashMap<>();
    for (PolicyRule rule : policy.rules()) {
      SortedMap<Repository, Repository> copies = new TreeMap<>();
      sources.forEach(
          (copy, of) ->
              of.stream()
                  .filter(source -> policy.rule(source).filter(rule::equals).isPresent())
                  .forEach(source -> copies.putIfAbsent(copy, source)));
      if (rule.demand() instanceof Demand.SignedBy && !copies.isEmpty()) {
        found.put(rule, copies);
      }
    }
    return found;
  }
}
