package io.entrepot.store;

import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import org.jspecify.annotations.Nullable;

/**
 * Which repository of the store is meant.
 *
 * @param upstream where it is fetched from, or null for what was pushed here
 * @param path the name; the grammar of {@link Repository} holds
 */
public record RepositoryId(@Nullable RegistryName upstream, String path) {

  private static final RegistryName ANY = new RegistryName("localhost");

  /** Checks the grammar of {@code path}. */
  public RepositoryId {
    var unused = new Repository(upstream == null ? ANY : upstream, path);
  }

  /** A repository that is pushed to here. */
  public static RepositoryId local(String path) {
    return new RepositoryId(null, path);
  }

  /** A repository of another registry. */
  public static RepositoryId of(Repository repository) {
    return new RepositoryId(repository.registry(), repository.path());
  }

  /** Whether it is pushed to here. */
  public boolean isLocal() {
    return upstream == null;
  }

  /** The name under which clients find it here. */
  @Override
  public String toString() {
    return upstream == null ? path : upstream + "/" + path;
  }
}
