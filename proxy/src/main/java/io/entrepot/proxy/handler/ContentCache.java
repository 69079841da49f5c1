package io.entrepot.proxy.handler;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.oci.Digest;
import io.entrepot.store.Store;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Manifests and other small content in memory, verified when they were read. */
public final class ContentCache {

  /** Largest content kept in memory, in bytes. */
  public static final int MAX_CONTENT = 4 * 1024 * 1024;

  private static final long MAX_BYTES = 16L << 20;

  /** Bytes, and how they were served first. */
  record Held(Buffer bytes, Content content) {}

  private final Store store;
  private final Cache<Digest, Held> contents =
      Caffeine.newBuilder()
          .maximumWeight(MAX_BYTES)
          .weigher((Digest digest, Held held) -> held.bytes().length() + 512)
          .build();

  /** A cache before a store. */
  public ContentCache(Store store) {
    this.store = store;
  }

  /** What is in memory, or null. */
  @Nullable Held held(Digest digest) {
    return contents.getIfPresent(digest);
  }

  /**
   * From memory or from the store; empty where the store does not have it or it was bad.
   *
   * @param describe makes what is served of the size
   */
  Future<Optional<Held>> read(Exchange exchange, Digest digest, Function<Long, Content> describe) {
    Held held = contents.getIfPresent(digest);
    if (held != null) {
      return Future.succeededFuture(Optional.of(held));
    }
    return exchange.onWorker(
        () -> {
          Optional<Held> read =
              store
                  .contents()
                  .readAll(digest, MAX_CONTENT)
                  .map(
                      bytes -> new Held(Buffer.buffer(bytes), describe.apply((long) bytes.length)));
          read.ifPresent(found -> contents.put(digest, found));
          store.contents().touch(digest);
          return read;
        });
  }
}
