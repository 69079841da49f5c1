package io.entrepot.registry.auth;

import io.entrepot.oci.Repository;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a request needs to be allowed to do (distribution, "Token Scope Documentation").
 *
 * @param repositories actions by the path of the repository
 */
public record Scope(SortedMap<String, Set<Action>> repositories) {

  /** Nothing. */
  public static final Scope NONE = new Scope(new TreeMap<>());

  /** What can be done in a repository. */
  public enum Action {
    /** Read. */
    PULL,
    /** Write. */
    PUSH,
    /** Remove. */
    DELETE;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Copies the map. */
  public Scope {
    SortedMap<String, Set<Action>> copy = new TreeMap<>();
    repositories.forEach(
        (path, actions) -> copy.put(path, Collections.unmodifiableSet(EnumSet.copyOf(actions))));
    repositories = Collections.unmodifiableSortedMap(copy);
  }

  /** Reading. */
  public static Scope pull(Repository repository) {
    return of(repository, EnumSet.of(Action.PULL));
  }

  /** Reading and writing. */
  public static Scope push(Repository repository) {
    return of(repository, EnumSet.of(Action.PULL, Action.PUSH));
  }

  /** Reading and removing. */
  public static Scope delete(Repository repository) {
    return of(repository, EnumSet.of(Action.PULL, Action.DELETE));
  }

  private static Scope of(Repository repository, Set<Action> actions) {
    TreeMap<String, Set<Action>> map = new TreeMap<>();
    map.put(repository.path(), actions);
    return new Scope(map);
  }

  /** This and reading from another repository of the same registry, as a mount needs. */
  public Scope andPull(Repository from) {
    TreeMap<String, Set<Action>> map = new TreeMap<>(repositories);
    map.putIfAbsent(from.path(), EnumSet.of(Action.PULL));
    return new Scope(map);
  }

  /** The path of the repository that most is to be done in; empty where there is none. */
  String path() {
    return repositories.entrySet().stream()
        .max(Comparator.comparingInt(entry -> entry.getValue().size()))
        .map(Map.Entry::getKey)
        .orElse("");
  }

  /** One {@code scope} parameter for each repository: {@code repository:<path>:pull,push}. */
  public List<String> parameters() {
    return repositories.entrySet().stream()
        .map(
            entry ->
                "repository:"
                    + entry.getKey()
                    + ":"
                    + entry.getValue().stream().map(Action::word).collect(Collectors.joining(",")))
        .toList();
  }
}
