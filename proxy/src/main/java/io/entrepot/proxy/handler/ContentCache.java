package io.entrepot.proxy.handler;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.oci.Digest;
import io.entrepot.store.ContentStore;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Manifests and other small content in memory, verified when they were read. */
public final class ContentCache {

  /** Largest content kept in memory, in bytes. */
  public static final int MAX_CONTENT = 4 * 1024 * 1024;

  private static final long MAX_BYTES = 32L << 20;

  private final ContentStore store;
  private final Cache<Digest, Buffer> buffers =
      Caffeine.newBuilder()
          .maximumWeight(MAX_BYTES)
          .weigher((Digest digest, Buffer buffer) -> buffer.length() + 256)
          .build();

  /** A cache before a store. */
  public ContentCache(ContentStore store) {
    this.store = store;
  }

  /** What is in memory. */
  public @Nullable Buffer held(Digest digest) {
    return buffers.getIfPresent(digest);
  }

  /** From memory or from the store; empty where the store does not have it or it was bad. */
  public Future<Optional<Buffer>> read(Exchange exchange, Digest digest) {
    Buffer held = buffers.getIfPresent(digest);
    if (held != null) {
      return Future.succeededFuture(Optional.of(held));
    }
    return exchange.off(
        () -> {
          Optional<Buffer> buffer = store.readAll(digest, MAX_CONTENT).map(Buffer::buffer);
          buffer.ifPresent(bytes -> buffers.put(digest, bytes));
          store.touch(digest);
          return buffer;
        });
  }
}
