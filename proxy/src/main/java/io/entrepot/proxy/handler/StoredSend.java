package io.entrepot.proxy.handler;

import io.entrepot.oci.Digest;
import io.entrepot.proxy.metrics.ProxyMetrics;
import io.entrepot.proxy.pull.BufferBudget;
import io.entrepot.registry.ErrorCode;
import io.entrepot.store.ContentStore;
import io.entrepot.store.ContentStore.Reading;
import io.netty.buffer.ByteBuf;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.IOException;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Content read and sent piece by piece, for whom the system cannot send a file as it is. The first
 * whole read since the start is hashed on the way, and its end withheld until it is right.
 */
final class StoredSend {

  /** Sixteen records of TLS. */
  private static final int PIECE = 1 << 18;

  private final Exchange exchange;
  private final HttpServerResponse response;
  private final ContentStore store;
  private final ProxyMetrics metrics;
  private final BufferBudget budget;
  private final Digest digest;
  private final Reading reading;
  private final long end;
  private final @Nullable MessageDigest hash;
  private long position;

  /**
   * @param reading closed when everything is sent or the client has left
   * @param from the first byte's position
   * @param end the position after the last
   * @param checked whether the bytes are hashed; they are all of the content then
   */
  StoredSend(
      Exchange exchange,
      ContentStore store,
      ProxyMetrics metrics,
      BufferBudget budget,
      Digest digest,
      Reading reading,
      long from,
      long end,
      boolean checked) {
    this.exchange = exchange;
    this.response = exchange.response();
    this.store = store;
    this.metrics = metrics;
    this.budget = budget;
    this.digest = digest;
    this.reading = reading;
    this.position = from;
    this.end = end;
    this.hash = checked ? digest.algorithm().newMessageDigest() : null;
  }

  /** Sends the next piece, and then the others. */
  void next() {
    if (response.closed()) {
      close();
      return;
    }
    if (response.writeQueueFull()) {
      response.drainHandler(unused -> next());
      response.exceptionHandler(cause -> close());
      return;
    }
    exchange
        .onWorker(this::read)
        .onComplete(
            result -> {
              if (result.failed()) {
                close();
                exchange.fail(result.cause());
              } else {
                send(result.result());
              }
            });
  }

  private ByteBuf read() throws IOException {
    int length = (int) Math.min(budget.limit(PIECE), end - position);
    budget.take(length);
    ByteBuf piece = BufferBudget.allocate(length);
    try {
      while (piece.isWritable()) {
        long at = position + piece.readableBytes();
        if (piece.writeBytes(reading.channel(), at, piece.writableBytes()) < 0) {
          throw new ApiException(ErrorCode.UNKNOWN, digest + " became shorter in the store");
        }
      }
      if (hash != null) {
        hash.update(piece.nioBuffer());
        if (position + length == end) {
          verify(hash);
        }
      }
      position += length;
      return piece;
    } catch (IOException | RuntimeException e) {
      giveBack(piece);
      throw e;
    }
  }

  private void giveBack(ByteBuf piece) {
    budget.giveBack(piece.capacity());
    piece.release();
  }

  private void verify(MessageDigest computed) {
    if (!Digest.fromHash(digest.algorithm(), computed.digest()).equals(digest)) {
      store.quarantine(digest, "its bytes changed");
      throw new ApiException(ErrorCode.UNKNOWN, digest + " was corrupt in the store");
    }
    store.markVerified(digest);
  }

  private void send(ByteBuf piece) {
    metrics.sent(piece.readableBytes());
    response.write(BufferInternal.buffer(piece)).onComplete(written -> giveBack(piece));
    if (position < end) {
      next();
    } else {
      close();
      exchange.end(null);
    }
  }

  private void close() {
    BlobHandler.close(reading);
  }
}
