package io.entrepot.proxy.pull;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.streams.WriteStream;
import org.jspecify.annotations.Nullable;

/** A client's response as a sink for bytes that come on another event loop. */
public final class ClientStream implements WriteStream<Buffer> {

  private final Context context;
  private final HttpServerResponse response;

  /**
   * @param context the response's own
   */
  public ClientStream(Context context, HttpServerResponse response) {
    this.context = context;
    this.response = response;
  }

  @Override
  public Future<Void> write(Buffer bytes) {
    Promise<Void> promise = Promise.promise();
    context.runOnContext(unused -> response.write(bytes).onComplete(promise));
    return promise.future();
  }

  @Override
  public Future<Void> end() {
    return Future.succeededFuture();
  }

  /** Ends the response; on its context. */
  public void finish() {
    response.end();
  }

  @Override
  public boolean writeQueueFull() {
    return response.writeQueueFull();
  }

  @Override
  public ClientStream drainHandler(@Nullable Handler<Void> handler) {
    context.runOnContext(unused -> response.drainHandler(handler));
    return this;
  }

  @Override
  public ClientStream exceptionHandler(@Nullable Handler<Throwable> handler) {
    context.runOnContext(unused -> response.exceptionHandler(handler));
    return this;
  }

  @Override
  public ClientStream setWriteQueueMaxSize(int maxSize) {
    return this;
  }
}
