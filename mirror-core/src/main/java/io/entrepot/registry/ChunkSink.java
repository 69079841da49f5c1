package io.entrepot.registry;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import org.jspecify.annotations.Nullable;

/**
 * A stream cut into chunks that are sent one after the other; at most one chunk is held in memory,
 * beside what the sender had already read.
 */
final class ChunkSink implements WriteStream<Buffer> {

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
  private @Nullable Handler<Void> drainHandler;
  private @Nullable Handler<Throwable> exceptionHandler;
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
  public Future<Void> write(Buffer data) {
    if (failure != null) {
      return Future.failedFuture(failure);
    }
    collected.appendBuffer(data);
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
    } else if (drainHandler != null) {
      drainHandler.handle(null);
    }
  }

  private void fail(Throwable cause) {
    failure = cause;
    if (exceptionHandler != null) {
      exceptionHandler.handle(cause);
    }
  }

  @Override
  public Future<Void> end() {
    return Future.succeededFuture();
  }

  @Override
  public WriteStream<Buffer> setWriteQueueMaxSize(int maxSize) {
    return this;
  }

  @Override
  public boolean writeQueueFull() {
    return sending;
  }

  @Override
  public WriteStream<Buffer> drainHandler(@Nullable Handler<Void> handler) {
    drainHandler = handler;
    return this;
  }

  @Override
  public WriteStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> handler) {
    exceptionHandler = handler;
    return this;
  }
}
