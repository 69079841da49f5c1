package io.entrepot.proxy.handler;

import io.entrepot.oci.Digest;
import io.entrepot.proxy.handler.Response.FileRange;
import io.entrepot.proxy.metrics.ProxyMetrics;
import io.entrepot.proxy.pull.BufferBudget;
import io.entrepot.proxy.pull.ClientBody;
import io.entrepot.proxy.pull.SendRoom;
import io.entrepot.proxy.pull.StalledClientException;
import io.entrepot.registry.ErrorCode;
import io.entrepot.store.Reading;
import io.entrepot.store.Store;
import io.netty.buffer.ByteBuf;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Content read and sent piece by piece, for whom the system cannot send a file as it is. The first
 * whole read since the start is hashed on the way, and its end withheld until it is right.
 */
final class StoredSend implements SendRoom.Sender {

  private static final Logger LOG = System.getLogger(StoredSend.class.getName());

  private final Exchange exchange;
  private final ClientBody body;
  private final Store store;
  private final ProxyMetrics metrics;
  private final BufferBudget budget;
  private final Digest digest;
  private final Reading reading;
  private final long from;
  private final long end;
  private final @Nullable MessageDigest hash;
  private long position;
  private int length;

  StoredSend(
      Exchange exchange,
      ClientBody body,
      Store store,
      ProxyMetrics metrics,
      BufferBudget budget,
      FileRange range) {
    this.exchange = exchange;
    this.body = body;
    this.store = store;
    this.metrics = metrics;
    this.budget = budget;
    this.digest = Digest.parse(range.content().digest());
    this.reading = range.reading();
    this.from = range.selection().from();
    this.position = from;
    this.end = range.selection().end();
    this.hash = range.checked() ? digest.algorithm().newMessageDigest() : null;
  }

  /** Sends the next piece, and then the others. */
  void next() {
    if (body.isClosed()) {
      close();
      return;
    }
    if (body.isFull()) {
      body.onDrain(unused -> next());
      body.onClose(cause -> close());
      return;
    }
    length = (int) Math.min(SendRoom.piece(position - from), end - position);
    if (body.take(this, length)) {
      piece();
    }
  }

  private void piece() {
    exchange
        .onWorker(this::read)
        .onComplete(
            result -> {
              if (result.failed()) {
                body.giveBack(this);
                close();
                body.fail(result.cause());
              } else {
                send(result.result());
              }
            });
  }

  private ByteBuf read() throws IOException {
    budget.take(length);
    ByteBuf piece = BufferBudget.allocate(length);
    try {
      while (piece.isWritable()) {
        long at = position + piece.readableBytes();
        if (piece.writeBytes(reading.channel(), at, piece.writableBytes()) < 0) {
          throw reading.channel().isOpen()
              ? new ApiException(ErrorCode.UNKNOWN, digest + " became shorter in the store")
              // Its client was given up while this was read: nothing is wrong with the file.
              : new StalledClientException();
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
      store.contents().setAside(reading, "its bytes changed");
      throw new ApiException(ErrorCode.UNKNOWN, digest + " was corrupt in the store");
    }
    reading.markVerified();
  }

  private void send(ByteBuf piece) {
    metrics.sent(piece.readableBytes());
    body.write(BufferInternal.buffer(piece))
        .onComplete(
            written -> {
              giveBack(piece);
              body.giveBack(this);
              if (position < end) {
                body.execute(unused -> next());
              }
            });
    if (position >= end) {
      close();
      body.end();
    }
  }

  @Override
  public void go() {
    body.execute(
        unused -> {
          if (body.isClosed()) {
            body.giveBack(this);
            close();
          } else {
            piece();
          }
        });
  }

  @Override
  public void giveUp() {
    body.execute(
        unused -> {
          close();
          body.fail(new StalledClientException());
        });
  }

  private void close() {
    close(reading);
  }

  /** Once or more often; a file that cannot be closed is told to the log. */
  static void close(Reading reading) {
    try {
      reading.close();
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cannot close a file", e);
    }
  }
}
