package io.entrepot.registry;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import org.jspecify.annotations.Nullable;

/** A stream of Vert.x as a sink. */
public final class StreamSink implements ByteSink {

  private final WriteStream<Buffer> stream;
  private @Nullable Throwable failure;
  private @Nullable Promise<Void> waiting;

  /** The stream's handlers belong to this sink from now on. */
  public StreamSink(WriteStream<Buffer> stream) {
    this.stream = stream;
    stream.exceptionHandler(this::fail);
  }

  private synchronized void fail(Throwable cause) {
    failure = cause;
    if (waiting != null) {
      waiting.tryFail(cause);
    }
  }

  @Override
  public Future<Void> write(Buffer bytes) {
    synchronized (this) {
      if (failure != null) {
        return Future.failedFuture(failure);
      }
    }
    return stream.write(bytes);
  }

  @Override
  public boolean isFull() {
    return stream.writeQueueFull();
  }

  @Override
  public Future<Void> room() {
    Promise<Void> promise = Promise.promise();
    synchronized (this) {
      if (failure != null) {
        return Future.failedFuture(failure);
      }
      waiting = promise;
    }
    stream.drainHandler(drained -> promise.tryComplete());
    return promise.future();
  }
}
