package io.entrepot.proxy.handler;

import io.entrepot.registry.ByteSink;
import io.entrepot.registry.ErrorCode;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

/** Moves the body of one request into a sink, with back-pressure; on the request's context. */
final class RequestPump {

  private final HttpServerRequest request;
  private final Context context;
  private final ByteSink sink;
  private final long limit;
  private long received;
  private final Promise<Void> done = Promise.promise();

  private RequestPump(Exchange exchange, ByteSink sink, long limit) {
    this.request = exchange.request();
    this.context = exchange.context();
    this.sink = sink;
    this.limit = limit;
  }

  /**
   * Pumps until the body ends.
   *
   * @param limit bytes the body may have; the sink gets no more
   * @return done after the last piece was given to the sink; fails with the sink's failure, or with
   *     what ended the connection
   */
  static Future<Void> run(Exchange exchange, ByteSink sink, long limit) {
    RequestPump pump = new RequestPump(exchange, sink, limit);
    pump.start();
    return pump.done.future();
  }

  private void start() {
    request.exceptionHandler(done::tryFail);
    request.endHandler(unused -> done.tryComplete());
    request.handler(this::accept);
    request.resume();
  }

  private void accept(Buffer piece) {
    if (done.future().isComplete()) {
      return;
    }
    if (piece.length() > limit - received) {
      fail(new ApiException(ErrorCode.SIZE_INVALID, "more bytes came than Content-Range says"));
      return;
    }
    received += piece.length();
    Future<Void> written = sink.write(piece);
    if (!written.succeeded()) {
      written.onFailure(cause -> context.runOnContext(unused -> fail(cause)));
    }
    if (sink.isFull()) {
      request.pause();
      sink.room().onComplete(room -> context.runOnContext(unused -> goOn(room)));
    }
  }

  private void goOn(AsyncResult<Void> room) {
    if (room.failed()) {
      fail(room.cause());
    } else if (!done.future().isComplete()) {
      request.resume();
    }
  }

  private void fail(Throwable cause) {
    if (done.tryFail(cause)) {
      request.pause();
    }
  }
}
