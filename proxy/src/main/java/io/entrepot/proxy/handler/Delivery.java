package io.entrepot.proxy.handler;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

/**
 * The last step of every request: its answer goes to the writer, on the request's own context.
 * Handlers answer from whatever thread their work ended on.
 */
final class Delivery {

  private final ResponseWriter writer;

  Delivery(ResponseWriter writer) {
    this.writer = writer;
  }

  void deliver(Exchange exchange, Future<Response> answer) {
    if (answer.succeeded()) {
      writer.write(exchange, answer.result());
    } else {
      answer.onComplete(result -> back(exchange, result));
    }
  }

  private void back(Exchange exchange, AsyncResult<Response> result) {
    if (Vertx.currentContext() == exchange.context()) {
      finish(exchange, result);
    } else {
      exchange.context().runOnContext(unused -> finish(exchange, result));
    }
  }

  private void finish(Exchange exchange, AsyncResult<Response> result) {
    if (result.succeeded()) {
      writer.write(exchange, result.result());
    } else {
      writer.fail(exchange, result.cause());
    }
  }
}
