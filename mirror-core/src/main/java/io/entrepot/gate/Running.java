package io.entrepot.gate;

import io.entrepot.pods.PodList;
import io.entrepot.pods.RunningContainer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What clusters run, by target: a list of pods that is named like a target, or like its cluster, is
 * of that target; any other list is of all.
 */
public final class Running {

  private final List<PodList> lists;
  private final Map<String, List<PodList>> named = new LinkedHashMap<>();
  private final List<PodList> others = new ArrayList<>();
  private final List<Target> targets;

  public Running(List<Target> targets, List<PodList> lists) {
    this.targets = List.copyOf(targets);
    this.lists = List.copyOf(lists);
    for (PodList list : lists) {
      List<String> own = namesOf(list.cluster());
      own.forEach(target -> named.computeIfAbsent(target, _ -> new ArrayList<>()).add(list));
      if (own.isEmpty()) {
        others.add(list);
      }
    }
  }

  private List<String> namesOf(String cluster) {
    return targets.stream()
        .filter(target -> target.name().equals(cluster) || target.cluster().equals(cluster))
        .map(Target::name)
        .toList();
  }

  /** All lists. */
  public List<PodList> lists() {
    return lists;
  }

  /** The lists of a target; empty where nothing says what it runs. */
  public List<PodList> of(String target) {
    List<PodList> own = new ArrayList<>(named.getOrDefault(target, List.of()));
    own.addAll(others);
    return own;
  }

  /** Whether a list is of this target alone, or of others that share its cluster. */
  public boolean isNamed(String target) {
    return named.containsKey(target);
  }

  /** The targets that the list of a cluster is of. */
  public List<String> targetsOf(String cluster) {
    List<String> own = namesOf(cluster);
    return own.isEmpty() ? targets.stream().map(Target::name).toList() : own;
  }

  /** What a target runs. */
  public List<RunningContainer> containers(String target) {
    return of(target).stream().flatMap(list -> list.containers().stream()).toList();
  }

  /** Why what a target runs is not known whole; empty where it is. */
  public Optional<String> incomplete(String target) {
    return of(target).stream()
        .filter(list -> !list.complete())
        .findFirst()
        .map(Running::incomplete);
  }

  /** Why a list is not whole. */
  static String incomplete(PodList list) {
    return "the list of pods of %s has further pages, which are not in the file"
        .formatted(list.cluster());
  }
}
