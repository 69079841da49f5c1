package io.entrepot.proxy.pull;

import io.entrepot.lock.LockedCopies;
import io.entrepot.proxy.metrics.ProxyMetrics;
import io.entrepot.registry.RegistryClient;
import io.entrepot.store.Eviction;
import io.entrepot.store.Store;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

/**
 * What is fetched from other registries on behalf of clients: each thing once, however many ask.
 *
 * <p>Safe on every event loop. Futures may complete on any thread of Vert.x; callers that need
 * their own context go back to it.
 */
public record PullThrough(
    RepositoryLoader repositories,
    ParsingRoom parsing,
    TagPull tags,
    ManifestPull manifests,
    BlobPull blobs,
    RemoteLists lists) {

  /**
   * What fetches from the upstreams that a client knows.
   *
   * @param guarded whether names have rights: content is then given under a name only after that
   *     repository was found to hold it
   * @param eviction says what may be kept and makes room
   * @param copies says what tags mean without asking anybody; the client asks the same copies first
   */
  public static PullThrough of(
      Vertx vertx,
      RegistryClient client,
      Store store,
      Workers workers,
      Freshness freshness,
      Eviction eviction,
      boolean guarded,
      LockedCopies copies,
      BufferBudget budget,
      ProxyMetrics metrics) {
    RepositoryLoader repositories = new RepositoryLoader(store, workers);
    ParsingRoom parsing = new ParsingRoom();
    TagMemory memory = new TagMemory(freshness.absence());
    ManifestPull manifests =
        new ManifestPull(client, store, repositories, workers, freshness, parsing, memory, metrics);
    TagPull tags =
        new TagPull(
            vertx,
            client,
            store,
            repositories,
            workers,
            freshness,
            copies,
            memory,
            manifests,
            metrics);
    BlobPull blobs =
        new BlobPull(
            vertx, client, store, repositories, workers, eviction, guarded, budget, metrics);
    RemoteLists lists = new RemoteLists(client, repositories, workers, metrics);
    return new PullThrough(repositories, parsing, tags, manifests, blobs, lists);
  }

  /**
   * Done when everything that is on its way now, and whatever that leads to, is in the store or has
   * failed. Never fails.
   */
  public Future<Void> settled() {
    return manifests.isIdle() && blobs.isIdle()
        ? Future.succeededFuture()
        : Future.join(manifests.settled(), blobs.settled()).transform(done -> settled());
  }
}
