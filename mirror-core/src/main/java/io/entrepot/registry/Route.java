package io.entrepot.registry;

import io.entrepot.oci.Repository;
import io.entrepot.registry.auth.Origin;

/**
 * One way to a repository's content.
 *
 * @param upstream whose credentials and trust apply
 * @param origin where to connect
 * @param repository its name there
 * @param alternative whether another way can be tried when this one is silent
 */
record Route(Upstream upstream, Origin origin, Repository repository, boolean alternative) {

  Route(Upstream upstream, Origin origin, Repository repository) {
    this(upstream, origin, repository, false);
  }

  Route withAlternative(boolean exists) {
    return exists == alternative ? this : new Route(upstream, origin, repository, exists);
  }

  static Route of(Upstream upstream, Endpoint endpoint, Repository wanted) {
    return new Route(upstream, endpoint.origin(), endpoint.repository(wanted));
  }

  /** The way to a registry's own endpoint. */
  static Route toOwner(Upstream upstream, Repository wanted) {
    return of(upstream, upstream.owner(), wanted);
  }

  /** An address in the repository. */
  Target target(String rest) {
    return new Target(origin, "/v2/" + repository.path() + "/" + rest);
  }
}
