package io.entrepot.registry;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import org.jspecify.annotations.Nullable;

/** The body of a request. It can be called off, when the answer comes before the body was sent. */
final class RequestSink implements ByteSink {

  private final HttpClientRequest request;
  private @Nullable Promise<Void> waiting;
  private @Nullable Throwable cancelled;
  private @Nullable Throwable failure;
  private long written;

  RequestSink(HttpClientRequest request) {
    this.request = request;
  }

  long written() {
    return written;
  }

  /** Why the target takes no more, or null. */
  @Nullable Throwable failure() {
    return failure;
  }

  private void fail(Throwable cause) {
    if (failure == null && cancelled == null) {
      failure = cause;
    }
  }

  void cancel(Throwable reason) {
    if (cancelled == null) {
      cancelled = reason;
      if (waiting != null) {
        waiting.tryFail(reason);
      }
    }
  }

  @Override
  public Future<Void> write(Buffer bytes) {
    if (cancelled != null) {
      return Future.failedFuture(cancelled);
    }
    written += bytes.length();
    return request.write(bytes).onFailure(this::fail);
  }

  @Override
  public boolean isFull() {
    return cancelled == null && request.writeQueueFull();
  }

  @Override
  public Future<Void> room() {
    if (cancelled != null) {
      return Future.failedFuture(cancelled);
    }
    Promise<Void> promise = Promise.promise();
    waiting = promise;
    request.drainHandler(drained -> promise.tryComplete());
    return promise.future();
  }
}
