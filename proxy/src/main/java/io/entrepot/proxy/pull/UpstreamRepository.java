package io.entrepot.proxy.pull;

import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.store.RepositoryId;
import java.util.Objects;

/** Where the content of a proxied repository comes from. */
final class UpstreamRepository {

  private UpstreamRepository() {}

  /**
   * The repository as its own registry knows it.
   *
   * @param id not a local one
   */
  static Repository of(RepositoryId id) {
    RegistryName registry = Objects.requireNonNull(id.upstream(), "a local repository");
    return new Repository(registry, id.path());
  }
}
