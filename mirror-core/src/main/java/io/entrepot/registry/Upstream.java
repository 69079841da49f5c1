package io.entrepot.registry;

import io.entrepot.oci.RegistryName;
import io.entrepot.registry.auth.Credentials;
import io.entrepot.registry.auth.Origin;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A registry and how it is reached.
 *
 * @param endpoints tried in order; never empty
 * @param credentials stated in the configuration, or null to look elsewhere. They belong to the
 *     registry's own endpoint (see {@link #owner()}); the others use what is known for their own
 *     host
 * @param tokenRealms other origins that may issue this registry's tokens and be given its
 *     credentials
 * @param keepPulls how many pulls of a quota are left to others
 * @param ca extra trust, a PEM file, or null
 * @param api where the forge behind the registry is asked about packages, or null
 */
public record Upstream(
    RegistryName name,
    List<Endpoint> endpoints,
    @Nullable Credentials credentials,
    Set<Origin> tokenRealms,
    int keepPulls,
    @Nullable Path ca,
    @Nullable URI api) {

  /** Copies the collections. */
  public Upstream {
    if (endpoints.isEmpty()) {
      throw new IllegalArgumentException("a registry without endpoints: " + name);
    }
    endpoints = List.copyOf(endpoints);
    tokenRealms = Set.copyOf(tokenRealms);
  }

  /** A registry of which no forge is known. */
  public Upstream(
      RegistryName name,
      List<Endpoint> endpoints,
      @Nullable Credentials credentials,
      Set<Origin> tokenRealms,
      int keepPulls,
      @Nullable Path ca) {
    this(name, endpoints, credentials, tokenRealms, keepPulls, ca, null);
  }

  /** A registry about which nothing is configured. */
  public static Upstream of(RegistryName name) {
    return new Upstream(name, List.of(Endpoint.of(Origin.of(name))), null, Set.of(), 0, null);
  }

  /**
   * The registry's own endpoint, which gets its credentials and its pushes: the one at the
   * registry's own address where that is listed, else the last one, since mirrors come before what
   * they mirror.
   */
  public Endpoint owner() {
    Origin own = Origin.of(name);
    for (Endpoint endpoint : endpoints) {
      if (endpoint.origin().equals(own)) {
        return endpoint;
      }
    }
    return endpoints.getLast();
  }
}
