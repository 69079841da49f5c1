package io.entrepot.proxy.handler;

import static io.entrepot.proxy.handler.ManifestHandler.onContext;

import io.entrepot.oci.Digest;
import io.entrepot.proxy.metrics.ProxyMetrics;
import io.entrepot.proxy.pull.BlobFill;
import io.entrepot.proxy.pull.BufferBudget;
import io.entrepot.proxy.pull.ClientStream;
import io.entrepot.proxy.pull.PullThrough;
import io.entrepot.proxy.route.DistributionPath;
import io.entrepot.proxy.route.RoutedRepository;
import io.entrepot.registry.ByteRange;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryException;
import io.entrepot.registry.StreamSink;
import io.entrepot.store.ContentStore;
import io.entrepot.store.ContentStore.Reading;
import io.entrepot.store.RepositoryId;
import io.entrepot.store.StoredContent;
import io.entrepot.store.StoredRepository;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code blobs/DIGEST}. */
final class BlobHandler {

  private static final Logger LOG = System.getLogger(BlobHandler.class.getName());
  private static final int IN_MEMORY = 16 * 1024;

  /** How far ahead of a fetch a range may begin and still wait for it. */
  private static final long FAR_AHEAD = 64L << 20;

  private final ContentStore store;
  private final ContentCache cache;
  private final PullThrough pull;
  private final BufferBudget budget;
  private final ProxyMetrics metrics;

  BlobHandler(
      ContentStore store,
      ContentCache cache,
      PullThrough pull,
      BufferBudget budget,
      ProxyMetrics metrics) {
    this.store = store;
    this.cache = cache;
    this.pull = pull;
    this.budget = budget;
    this.metrics = metrics;
  }

  void get(Exchange exchange, RoutedRepository place, Digest digest) {
    if (isHeld(place.id(), digest)) {
      stored(exchange, place.id(), digest);
      return;
    }
    onContext(exchange, knows(place.id(), digest))
        .onComplete(
            result -> {
              RepositoryId fallback = place.fallback();
              if (result.failed()) {
                exchange.fail(result.cause());
              } else if (result.result()) {
                stored(exchange, place.id(), digest);
              } else if (!place.id().isLocal()) {
                absent(exchange, place.id(), digest);
              } else if (fallback != null) {
                get(exchange, new RoutedRepository(fallback, null, null), digest);
              } else {
                exchange.fail(unknown(digest));
              }
            });
  }

  private static ApiException unknown(Digest digest) {
    return new ApiException(ErrorCode.BLOB_UNKNOWN, "no blob " + digest + " in this repository");
  }

  /** The common case of {@link #knows}: everything needed is in memory. */
  private boolean isHeld(RepositoryId id, Digest digest) {
    return !id.isLocal()
        && store.has(digest)
        && store.repositories().loaded(id).filter(it -> it.knows(digest)).isPresent();
  }

  /** Whether it is here and may be served as this repository's. */
  private Future<Boolean> knows(RepositoryId id, Digest digest) {
    // Who asks about what was pushed here may be about to push a manifest that refers to it.
    if ((id.isLocal() ? store.claim(digest) : store.find(digest)).isEmpty()) {
      return Future.succeededFuture(false);
    }
    if (!id.isLocal()) {
      return pull.knows(id, digest);
    }
    return pull.repository(id)
        .map(repository -> repository.hasBlob(digest) || repository.manifest(digest).isPresent());
  }

  // ---------------------------------------------------------------- what is here

  private void stored(Exchange exchange, RepositoryId id, Digest digest) {
    Optional<StoredContent> content = store.find(digest);
    if (content.isEmpty()) {
      gone(exchange, id, digest);
      return;
    }
    metrics.hit();
    long size = content.get().size();
    @Nullable RangeHeader range = range(exchange, digest);
    if (!head(exchange, digest, size, range)) {
      return;
    }
    if (size <= IN_MEMORY && range == null) {
      cache
          .read(exchange, digest)
          .onComplete(
              result -> {
                if (result.failed()) {
                  exchange.fail(result.cause());
                } else if (result.result().isPresent()) {
                  metrics.sent(size);
                  exchange.end(result.result().get().bytes());
                } else {
                  gone(exchange, id, digest);
                }
              });
      return;
    }
    long from = range == null ? 0 : range.first(size);
    long end = range == null ? size : range.end(size);
    exchange
        .onWorker(
            () -> {
              store.touch(digest);
              return store.read(digest);
            })
        .onComplete(
            result -> {
              if (result.failed()) {
                exchange.fail(result.cause());
              } else if (result.result().isEmpty()) {
                gone(exchange, id, digest);
              } else {
                boolean checked = range == null && !content.get().verified();
                Reading reading = result.result().get();
                if (checked || !goesByItself(exchange.request())) {
                  new StoredSend(
                          exchange, store, metrics, budget, digest, reading, from, end, checked)
                      .next();
                } else {
                  send(exchange, reading, from, end);
                }
              }
            });
  }

  /** It was bad or evicted a moment ago. */
  private void gone(Exchange exchange, RepositoryId id, Digest digest) {
    var headers = exchange.response().headers();
    headers.remove(HttpHeaders.CONTENT_LENGTH);
    headers.remove(HttpHeaders.CONTENT_RANGE);
    headers.remove(HttpHeaders.ETAG);
    headers.remove(Exchange.CONTENT_DIGEST);
    exchange.response().setStatusCode(200);
    if (id.isLocal()) {
      exchange.fail(unknown(digest));
    } else {
      absent(exchange, id, digest);
    }
  }

  private void send(Exchange exchange, Reading reading, long from, long end) {
    metrics.sent(end - from);
    exchange
        .response()
        .sendFile(reading.channel(), from, end - from)
        .onComplete(
            sent -> {
              if (sent.failed()) {
                LOG.log(
                    ClientDisconnect.is(sent.cause()) ? Level.DEBUG : Level.WARNING,
                    "a blob was cut: {0}",
                    sent.cause().getMessage());
              }
              close(reading);
            });
  }

  /**
   * Whether the system can send a file as it is. TLS has to see the bytes, and gets them from
   * Vert.x in pieces of 8 KiB; over HTTP/2 Vert.x 5.2 sends nothing of a file.
   */
  private static boolean goesByItself(HttpServerRequest request) {
    return !request.isSSL() && request.version() != HttpVersion.HTTP_2;
  }

  /** Once or more often; a file that cannot be closed is told to the log. */
  static void close(Reading reading) {
    try {
      reading.close();
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cannot close a file", e);
    }
  }

  // ---------------------------------------------------------------- what is not here yet

  private void absent(Exchange exchange, RepositoryId id, Digest digest) {
    if (exchange.isHead()) {
      onContext(exchange, pull.size(id, digest))
          .onComplete(
              result -> {
                if (result.failed()) {
                  exchange.fail(result.cause());
                } else if (result.result().isEmpty()) {
                  exchange.fail(unknown(digest));
                } else {
                  head(exchange, digest, result.result().get(), range(exchange, digest));
                }
              });
      return;
    }
    onContext(exchange, pull.fill(id, digest))
        .onComplete(
            result -> {
              if (result.failed()) {
                failed(exchange, digest, result.cause());
              } else if (result.result().isPresent()) {
                fetched(exchange, id, result.result().get());
              } else {
                stored(exchange, id, digest);
              }
            });
  }

  private static void failed(Exchange exchange, Digest digest, Throwable cause) {
    boolean absence = cause instanceof RegistryException failure && failure.code().isAbsence();
    exchange.fail(absence ? unknown(digest) : cause);
  }

  private void fetched(Exchange exchange, RepositoryId id, BlobFill fill) {
    onContext(exchange, fill.started())
        .onComplete(
            result -> {
              if (result.succeeded()) {
                follow(exchange, id, fill, result.result().total());
              } else {
                fill.release();
                failed(exchange, fill.digest(), result.cause());
              }
            });
  }

  private void follow(Exchange exchange, RepositoryId id, BlobFill fill, long total) {
    Digest digest = fill.digest();
    @Nullable RangeHeader range = range(exchange, digest);
    if (!head(exchange, digest, total, range)) {
      fill.release();
      return;
    }
    long from = range == null ? 0 : range.first(total);
    long end = range == null ? total : range.end(total);
    metrics.sent(end - from);
    if (from > fill.received() + FAR_AHEAD) {
      fill.release();
      ClientStream client = new ClientStream(exchange.context(), exchange.response());
      ByteRange wanted = new ByteRange(from, end - 1);
      onContext(exchange, pull.range(id, digest, wanted, start -> new StreamSink(client)))
          .onComplete(
              result -> {
                if (result.succeeded()) {
                  client.finish();
                } else {
                  exchange.fail(result.cause());
                }
              });
      return;
    }
    fill.follow(exchange.context(), exchange.response(), from, end, exchange::fail);
  }

  // ---------------------------------------------------------------- headers

  /** Ranges are defined for GET alone (RFC 9110, section 14.2). */
  private static @Nullable RangeHeader range(Exchange exchange, Digest digest) {
    if (exchange.isHead()) {
      return null;
    }
    var headers = exchange.request().headers();
    String condition = headers.get("If-Range");
    if (condition != null && !condition.equals('"' + digest.toString() + '"')) {
      return null;
    }
    return RangeHeader.parse(headers.get("Range"));
  }

  /**
   * Writes the headers.
   *
   * @return false where that was the whole answer
   */
  private boolean head(Exchange exchange, Digest digest, long size, @Nullable RangeHeader range) {
    var headers = exchange.response().headers();
    ContentCache.Held held = cache.held(digest);
    String text = held == null ? digest.toString() : held.digest();
    String etag = held == null ? '"' + text + '"' : held.etag();
    headers.set(Exchange.CONTENT_DIGEST, text);
    headers.set(HttpHeaders.ETAG, etag);
    headers.set(HttpHeaders.ACCEPT_RANGES, "bytes");
    headers.set(HttpHeaders.CACHE_CONTROL, "max-age=31536000, immutable");
    if (etag.equals(exchange.request().getHeader(HttpHeaders.IF_NONE_MATCH))) {
      exchange.empty(304);
      return false;
    }
    if (range != null && !range.satisfiable(size)) {
      headers.set(HttpHeaders.CONTENT_RANGE, "bytes */" + size);
      exchange.fail(new ApiException(ErrorCode.RANGE_INVALID, "beyond the end"));
      return false;
    }
    headers.set(HttpHeaders.CONTENT_TYPE, "application/octet-stream");
    long length = size;
    if (range != null) {
      long from = range.first(size);
      long end = range.end(size);
      length = end - from;
      exchange.response().setStatusCode(206);
      headers.set(HttpHeaders.CONTENT_RANGE, "bytes %d-%d/%d".formatted(from, end - 1, size));
    }
    headers.set(HttpHeaders.CONTENT_LENGTH, Long.toString(length));
    if (exchange.isHead() || length == 0) {
      exchange.end(null);
      return false;
    }
    return true;
  }

  void delete(Exchange exchange, RoutedRepository place, DistributionPath.Blob path) {
    exchange
        .onWorker(
            () -> {
              StoredRepository repository = store.repositories().open(place.id());
              return repository.unlinkBlob(path.digest());
            })
        .onSuccess(
            removed -> {
              if (removed) {
                exchange.empty(202);
              } else {
                exchange.fail(unknown(path.digest()));
              }
            })
        .onFailure(exchange::fail);
  }
}
