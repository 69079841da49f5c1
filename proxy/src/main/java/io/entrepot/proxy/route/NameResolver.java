package io.entrepot.proxy.route;

import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RegistryName;
import io.entrepot.store.RepositoryId;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whose repository a name means: by {@code ns}, by its first part, else a local one.
 *
 * <p>The world is closed: a registry that is not configured is never dialled for a client.
 */
public final class NameResolver {

  private final Set<RegistryName> upstreams;
  private final Set<RegistryName> own;
  private final @Nullable RegistryName defaultUpstream;

  /**
   * @param own names under which this registry itself is known
   * @param defaultUpstream where names that are not here may come from, or null
   */
  public NameResolver(
      Set<RegistryName> upstreams, Set<RegistryName> own, @Nullable RegistryName defaultUpstream) {
    this.upstreams = Set.copyOf(upstreams);
    this.own = Set.copyOf(own);
    this.defaultUpstream = defaultUpstream;
  }

  /**
   * Resolves a name.
   *
   * @param namespace the value of {@code ns}, or null
   * @param authority the request's own Host, or null; a {@code ns} that says the same means us
   * @return empty where {@code ns} is not configured
   * @throws MalformedException where {@code ns} is not a registry's name
   */
  public Optional<RoutedRepository> resolve(
      String name, @Nullable String namespace, @Nullable String authority) {
    if (namespace != null) {
      RegistryName registry = new RegistryName(namespace);
      if (upstreams.contains(registry)) {
        return Optional.of(new RoutedRepository(upstream(registry, name), null, namespace));
      }
      boolean ours = own.contains(registry) || registry.value().equals(authority);
      return ours ? Optional.of(local(name, namespace)) : Optional.empty();
    }
    int slash = name.indexOf('/');
    if (slash > 0) {
      RegistryName first = firstPart(name.substring(0, slash));
      if (first != null && upstreams.contains(first)) {
        return Optional.of(
            new RoutedRepository(upstream(first, name.substring(slash + 1)), null, null));
      }
    }
    return Optional.of(local(name, null));
  }

  private RoutedRepository local(String name, @Nullable String namespace) {
    RegistryName fallback = defaultUpstream;
    return new RoutedRepository(
        RepositoryId.local(name), fallback == null ? null : upstream(fallback, name), namespace);
  }

  // A repository's path has no colon, so a port is written with an underscore, as {full} does.
  private @Nullable RegistryName firstPart(String part) {
    for (RegistryName upstream : upstreams) {
      if (upstream.value().replace(':', '_').equals(part)) {
        return upstream;
      }
    }
    return null;
  }

  private static RepositoryId upstream(RegistryName registry, String name) {
    boolean official = registry.equals(RegistryName.DOCKER_HUB) && name.indexOf('/') < 0;
    return new RepositoryId(registry, official ? "library/" + name : name);
  }
}
