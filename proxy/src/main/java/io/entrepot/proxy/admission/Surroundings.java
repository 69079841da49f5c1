package io.entrepot.proxy.admission;

import io.entrepot.lock.LockedCopies;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.proxy.pull.PullThrough;
import io.entrepot.proxy.pull.Workers;
import io.entrepot.registry.RegistryClient;
import io.entrepot.store.RepositoryId;
import io.entrepot.store.Store;
import java.time.Clock;
import java.util.Objects;

/**
 * What judging needs beside a policy, the same for every policy that is in force one after the
 * other.
 *
 * @param ledger first sights of this server
 * @param verdicts what this server has found signed
 * @param copies what lock files say: first sights, and what copies are copies of
 */
record Surroundings(
    Store store,
    PullThrough pull,
    RegistryClient client,
    Workers workers,
    ManifestContents contents,
    SightLedger ledger,
    VerdictLedger verdicts,
    LockedCopies copies,
    Clock clock) {

  /** The repository whose rule counts: of a copy that a lock file names, what it is a copy of. */
  Repository source(RepositoryId id, Digest digest) {
    Repository own = upstream(id);
    return copies.original(own, digest).orElse(own);
  }

  /**
   * The repository as its own registry knows it.
   *
   * @param id not a local one
   */
  static Repository upstream(RepositoryId id) {
    RegistryName registry = Objects.requireNonNull(id.upstream(), "a local repository");
    return new Repository(registry, id.path());
  }
}
