package io.entrepot.proxy.handler;

import io.entrepot.oci.Digest;
import io.entrepot.proxy.handler.Selection.Outcome;
import io.entrepot.proxy.metrics.ProxyMetrics;
import io.entrepot.proxy.pull.BlobFill;
import io.entrepot.proxy.pull.PullThrough;
import io.entrepot.proxy.route.DistributionPath;
import io.entrepot.proxy.route.RoutedRepository;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryException;
import io.entrepot.store.RepositoryId;
import io.entrepot.store.Store;
import io.entrepot.store.StoredContent;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** {@code blobs/DIGEST}. */
final class BlobHandler {

  private static final int IN_MEMORY = 16 * 1024;

  private final Store store;
  private final ContentCache cache;
  private final PullThrough pull;
  private final ProxyMetrics metrics;
  private final StoredCheck checks;

  BlobHandler(Store store, ContentCache cache, PullThrough pull, ProxyMetrics metrics) {
    this.store = store;
    this.cache = cache;
    this.pull = pull;
    this.metrics = metrics;
    this.checks = new StoredCheck(store.contents());
  }

  Future<Response> get(Exchange exchange, RoutedRepository place, Digest digest) {
    RepositoryId fallback = place.fallback();
    return fallback == null
        ? get(exchange, place.id(), digest)
        : knows(place.id(), digest)
            .compose(
                here ->
                    here ? stored(exchange, place.id(), digest) : get(exchange, fallback, digest));
  }

  private Future<Response> get(Exchange exchange, RepositoryId id, Digest digest) {
    if (isHeld(id, digest)) {
      return stored(exchange, id, digest);
    }
    return knows(id, digest)
        .compose(here -> here ? stored(exchange, id, digest) : absent(exchange, id, digest));
  }

  private static ApiException unknown(Digest digest) {
    return new ApiException(ErrorCode.BLOB_UNKNOWN, "no blob " + digest + " in this repository");
  }

  /** The common case of {@link #knows}: everything needed is in memory. */
  private boolean isHeld(RepositoryId id, Digest digest) {
    return !id.isLocal()
        && store.contents().has(digest)
        && store
            .repositories()
            .loaded(id)
            .filter(it -> pull.blobs().isKnown(it, digest))
            .isPresent();
  }

  /** Whether it is here and may be served as this repository's. */
  private Future<Boolean> knows(RepositoryId id, Digest digest) {
    // Who asks about what was pushed here may be about to push a manifest that refers to it.
    if ((id.isLocal() ? store.contents().claim(digest) : store.contents().find(digest)).isEmpty()) {
      return Future.succeededFuture(false);
    }
    if (!id.isLocal()) {
      return pull.blobs().knows(id, digest);
    }
    return pull.repositories()
        .load(id)
        .map(repository -> repository.hasBlob(digest) || repository.manifest(digest).isPresent());
  }

  // ---------------------------------------------------------------- what is here

  private Future<Response> stored(Exchange exchange, RepositoryId id, Digest digest) {
    StoredContent found = store.contents().find(digest).orElse(null);
    if (found == null) {
      return absent(exchange, id, digest);
    }
    metrics.hit();
    ContentCache.Held held = cache.held(digest);
    Content content = held == null ? Content.blob(digest, found.size()) : held.content().asBlob();
    Selection selection = Selection.of(exchange, content);
    if (!selection.hasBody()) {
      Response head = new Response.ContentHead(content);
      // Who pushes asks this way and leaves the blob out; it has to outlive a restart until the
      // manifest comes.
      return id.isLocal() && store.contents().isTouchDue(digest)
          ? exchange.onWorker(
              () -> {
                store.contents().touch(digest);
                return head;
              })
          : Future.succeededFuture(head);
    }
    if (!id.isLocal()) {
      metrics.saved(selection.end() - selection.from());
    }
    if (found.size() <= IN_MEMORY) {
      return cache
          .read(exchange, digest, size -> Content.blob(digest, size))
          .compose(
              read ->
                  read.isPresent()
                      ? Future.succeededFuture(
                          new Response.HeldContent(content, read.get().bytes(), null))
                      : absent(exchange, id, digest));
    }
    if (selection.outcome() == Outcome.PART && !found.verified()) {
      return checks
          .isRight(digest)
          .compose(
              right ->
                  right
                      ? file(exchange, id, content, selection, false)
                      : absent(exchange, id, digest));
    }
    return file(exchange, id, content, selection, !found.verified());
  }

  private Future<Response> file(
      Exchange exchange, RepositoryId id, Content content, Selection selection, boolean checked) {
    Digest digest = Digest.parse(content.digest());
    return exchange
        .onWorker(
            () -> {
              store.contents().touch(digest);
              return store.contents().read(digest);
            })
        .compose(
            reading ->
                reading.isPresent()
                    ? Future.succeededFuture(
                        new Response.FileRange(content, selection, reading.get(), checked))
                    : absent(exchange, id, digest));
  }

  // ---------------------------------------------------------------- what is not here

  /** It was never here, or was found bad or evicted a moment ago. */
  private Future<Response> absent(Exchange exchange, RepositoryId id, Digest digest) {
    if (id.isLocal()) {
      return Future.failedFuture(unknown(digest));
    }
    if (exchange.isHead()) {
      return pull.blobs()
          .size(id, digest)
          .map(
              size ->
                  new Response.ContentHead(
                      Content.blob(digest, size.orElseThrow(() -> unknown(digest)))));
    }
    return pull.blobs()
        .fill(id, digest)
        .compose(
            fill -> fill.isPresent() ? fetched(exchange, fill.get()) : stored(exchange, id, digest))
        .recover(cause -> Future.failedFuture(isAbsence(cause) ? unknown(digest) : cause));
  }

  private static boolean isAbsence(Throwable cause) {
    return cause instanceof RegistryException failure && failure.code().isAbsence();
  }

  private Future<Response> fetched(Exchange exchange, BlobFill fill) {
    AtomicBoolean waiting = new AtomicBoolean(true);
    ResponseWriter.onClose(
        exchange,
        () -> {
          if (waiting.compareAndSet(true, false)) {
            fill.release();
          }
        });
    return fill.started()
        .transform(
            start -> {
              if (!waiting.compareAndSet(true, false)) {
                return Future.failedFuture(
                    new ClientLeftException(new IOException("before its blob came")));
              }
              if (start.failed()) {
                fill.release();
                return Future.failedFuture(start.cause());
              }
              return Future.succeededFuture(live(exchange, fill, start.result().total()));
            });
  }

  private Response live(Exchange exchange, BlobFill fill, long total) {
    Content content = Content.blob(fill.digest(), total);
    Selection selection = Selection.of(exchange, content);
    if (!selection.hasBody()) {
      fill.release();
      return new Response.ContentHead(content);
    }
    return new Response.LiveFill(content, selection, pull.blobs().from(fill, selection.from()));
  }

  Future<Response> delete(Exchange exchange, RoutedRepository place, DistributionPath.Blob path) {
    return exchange
        .onWorker(() -> store.repositories().open(place.id()).unlinkBlob(path.digest()))
        .map(
            removed -> {
              if (!removed) {
                throw unknown(path.digest());
              }
              return new Response.Empty(202, List.of());
            });
  }
}
