package io.entrepot.registry;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what it is given into chunks that are sent one after the other. It holds at most one chunk
 * in memory, beside what the writer had already read.
 */
final class ChunkSink implements ByteSink {

  /** Sends a chunk that starts at a position to a location; done with the location of the next. */
  @FunctionalInterface
  interface Sender {
    Future<Target> send(long position, Buffer chunk, Target location);
  }

  private final int chunkSize;
  private final Sender sender;

  private Buffer collected = Buffer.buffer();
  private long position;
  private Future<Target> last;
  private boolean sending;
  private @Nullable Promise<Void> waiting;
  private @Nullable Throwable failure;

  ChunkSink(int chunkSize, long offset, Sender sender, Target location) {
    this.chunkSize = chunkSize;
    this.position = offset;
    this.sender = sender;
    this.last = Future.succeededFuture(location);
  }

  @Nullable Throwable failure() {
    return failure;
  }

  /** Sends what is left; done with the location to commit at. */
  Future<Target> finish() {
    while (collected.length() > 0) {
      flush();
    }
    Promise<Target> finished = Promise.promise();
    last.onComplete(finished);
    return finished.future();
  }

  @Override
  public Future<Void> write(Buffer bytes) {
    if (failure != null) {
      return Future.failedFuture(failure);
    }
    collected.appendBuffer(bytes);
    if (collected.length() >= chunkSize && !sending) {
      flush();
    }
    return Future.succeededFuture();
  }

  private void flush() {
    Buffer ready = collected;
    Buffer rest = Buffer.buffer();
    if (ready.length() > chunkSize) {
      rest = Buffer.buffer(ready.getBytes(chunkSize, ready.length()));
      ready = ready.slice(0, chunkSize);
    }
    Buffer chunk = ready;
    long start = position;
    collected = rest;
    position += chunk.length();
    sending = true;
    last =
        last.compose(location -> sender.send(start, chunk, location))
            .onComplete(
                result -> {
                  sending = false;
                  if (result.failed()) {
                    fail(result.cause());
                  } else {
                    proceed();
                  }
                });
  }

  private void proceed() {
    if (collected.length() >= chunkSize) {
      flush();
    } else if (waiting != null) {
      waiting.tryComplete();
    }
  }

  private void fail(Throwable cause) {
    failure = cause;
    if (waiting != null) {
      waiting.tryFail(cause);
    }
  }

  @Override
  public boolean isFull() {
    return sending;
  }

  @Override
  public Future<Void> room() {
    if (failure != null) {
      return Future.failedFuture(failure);
    }
    if (!sending) {
      return Future.succeededFuture();
    }
    waiting = Promise.promise();
    return waiting.future();
  }
}
