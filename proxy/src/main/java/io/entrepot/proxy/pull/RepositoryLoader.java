package io.entrepot.proxy.pull;

import io.entrepot.store.RepositoryId;
import io.entrepot.store.Store;
import io.entrepot.store.StoredRepository;
import io.vertx.core.Future;
import java.util.Optional;

/** Repositories of the store for callers that may not block: read off the event loop, once. */
public final class RepositoryLoader {

  private final Store store;
  private final Workers workers;

  /** A loader of a store's repositories. */
  public RepositoryLoader(Store store, Workers workers) {
    this.store = store;
    this.workers = workers;
  }

  /** The index of a repository, read from disk the first time. */
  public Future<StoredRepository> load(RepositoryId id) {
    Optional<StoredRepository> loaded = store.repositories().loaded(id);
    return loaded.isPresent()
        ? Future.succeededFuture(loaded.get())
        : workers.run(() -> store.repositories().open(id));
  }
}
