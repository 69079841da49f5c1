package io.entrepot.registry.auth;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The credentials known for a registry and for parts of it, in the order of the places where they
 * were found. The first place that knows anything of a repository decides, by its most specific
 * entry (containers-auth.json(5)).
 */
public final class Accounts {

  /** Nobody is known. */
  public static final Accounts NONE = new Accounts(List.of());

  private static final String WHOLE_REGISTRY = "";

  private final List<Map<String, Credentials>> places;

  private Accounts(List<Map<String, Credentials>> places) {
    this.places = places;
  }

  /** One account for all of the registry, or none. */
  public static Accounts of(Optional<Credentials> credentials) {
    return credentials.map(known -> of(Map.of(WHOLE_REGISTRY, known))).orElse(NONE);
  }

  /** What one place knows, by namespace; the empty one is the whole registry. */
  static Accounts of(Map<String, Credentials> byNamespace) {
    return byNamespace.isEmpty() ? NONE : new Accounts(List.of(Map.copyOf(byNamespace)));
  }

  /**
   * The credentials for a repository.
   *
   * @param path the repository without its registry; empty for the registry as such
   */
  public Optional<Credentials> find(String path) {
    for (Map<String, Credentials> place : places) {
      for (String namespace = path; ; namespace = parent(namespace)) {
        Credentials known = place.get(namespace);
        if (known != null) {
          return Optional.of(known);
        }
        if (namespace.isEmpty()) {
          break;
        }
      }
    }
    return Optional.empty();
  }

  private static String parent(String namespace) {
    return namespace.substring(0, Math.max(0, namespace.lastIndexOf('/')));
  }

  /** These first, then others, which are not looked for where these know the whole registry. */
  Accounts or(Supplier<Accounts> others) {
    if (places.stream().anyMatch(place -> place.containsKey(WHOLE_REGISTRY))) {
      return this;
    }
    List<Map<String, Credentials>> all = new ArrayList<>(places);
    all.addAll(others.get().places);
    return new Accounts(List.copyOf(all));
  }
}
