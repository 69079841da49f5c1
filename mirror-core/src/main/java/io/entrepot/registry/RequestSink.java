package io.entrepot.registry;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.streams.WriteStream;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request as a stream that can be called off, when the answer comes before the body
 * was sent.
 */
final class RequestSink implements WriteStream<Buffer> {

  private final HttpClientRequest request;
  private @Nullable Handler<Throwable> exceptionHandler;
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
      if (exceptionHandler != null) {
        exceptionHandler.handle(reason);
      }
    }
  }

  @Override
  public Future<Void> write(Buffer data) {
    if (cancelled != null) {
      return Future.failedFuture(cancelled);
    }
    written += data.length();
    return request.write(data).onFailure(this::fail);
  }

  @Override
  public Future<Void> end() {
    return request.end();
  }

  @Override
  public WriteStream<Buffer> setWriteQueueMaxSize(int maxSize) {
    request.setWriteQueueMaxSize(maxSize);
    return this;
  }

  @Override
  public boolean writeQueueFull() {
    return cancelled == null && request.writeQueueFull();
  }

  @Override
  public WriteStream<Buffer> drainHandler(@Nullable Handler<Void> handler) {
    request.drainHandler(handler);
    return this;
  }

  @Override
  public WriteStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> handler) {
    exceptionHandler = handler;
    return this;
  }
}
