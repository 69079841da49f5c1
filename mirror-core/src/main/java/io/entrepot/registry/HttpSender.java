package io.entrepot.registry;

import io.entrepot.registry.RegistryRequest.RequestBody;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/** Sends the body of one request and waits for its answer, both with limits of time. */
final class HttpSender {

  private static final int LATE_ANSWER_MILLIS = 500;
  private static final int WRITE_QUEUE_BYTES = 512 * 1024;

  private final Vertx vertx;
  private final ClientSettings.Timeouts timeouts;

  HttpSender(Vertx vertx, ClientSettings.Timeouts timeouts) {
    this.vertx = vertx;
    this.timeouts = timeouts;
  }

  /**
   * Sends a request over an open connection.
   *
   * @return the answer, paused; fails with what the network did, a {@link TimeoutException}, or a
   *     {@link SourceFailure}
   */
  Future<HttpClientResponse> send(HttpClientRequest client, RegistryRequest request) {
    // Paused before anything else can run: a body that arrives while nobody listens is lost.
    Future<HttpClientResponse> response = client.response().map(HttpClientResponse::pause);
    Duration limit =
        switch (request.patience()) {
          case SHORT -> timeouts.another();
          case USUAL -> timeouts.answer();
          case COMMIT -> timeouts.commit();
        };
    switch (request.body()) {
      case null -> {
        client.end();
        return answerWithin(limit, client, response);
      }
      case RequestBody.Bytes bytes -> {
        client.end(bytes.buffer());
        return answerWithin(limit, client, response);
      }
      case RequestBody.Stream stream -> {
        return stream(client, response, stream, limit);
      }
    }
  }

  private Future<HttpClientResponse> answerWithin(
      Duration limit, HttpClientRequest client, Future<HttpClientResponse> response) {
    Promise<HttpClientResponse> promise = Promise.promise();
    long timer =
        vertx.setTimer(
            limit.toMillis(),
            fired -> {
              if (promise.tryFail(
                  new TimeoutException("no answer within " + limit.toSeconds() + " s"))) {
                client.reset();
              }
            });
    response.onComplete(
        result -> {
          vertx.cancelTimer(timer);
          if (result.succeeded()) {
            promise.tryComplete(result.result());
          } else {
            promise.tryFail(result.cause());
          }
        });
    return promise.future();
  }

  private Future<HttpClientResponse> stream(
      HttpClientRequest client,
      Future<HttpClientResponse> response,
      RequestBody.Stream body,
      Duration limit) {
    client.headers().set("Content-Length", Long.toString(body.length()));
    client.setWriteQueueMaxSize(WRITE_QUEUE_BYTES);
    RequestSink sink = new RequestSink(client);
    Promise<HttpClientResponse> promise = Promise.promise();
    client.exceptionHandler(
        cause -> {
          sink.cancel(cause);
          failUnlessAnswered(promise, cause);
        });
    response.onComplete(
        result -> {
          if (result.succeeded()) {
            promise.tryComplete(result.result());
          } else {
            promise.tryFail(result.cause());
          }
          // An answer before the whole body was sent is a refusal: stop sending. A quick registry
          // also answers between the last byte and our noticing that it was the last.
          if (result.failed() || sink.written() < body.length()) {
            sink.cancel(new IllegalStateException("answered before the body was sent"));
          }
        });
    watchSending(client, sink, promise, -1);
    body.source()
        .sendTo(body.offset(), start -> sink)
        .onComplete(
            sent -> {
              if (promise.future().isComplete()) {
                if (sent.succeeded() && response.succeeded()) {
                  client.end();
                }
                return;
              }
              Throwable refused = sink.failure();
              if (refused != null) {
                failUnlessAnswered(promise, refused);
                return;
              }
              if (sent.failed()) {
                if (promise.tryFail(new SourceFailure(sent.cause()))) {
                  client.reset();
                }
                return;
              }
              client.end();
              answerWithin(limit, client, response)
                  .onSuccess(promise::tryComplete)
                  .onFailure(promise::tryFail);
            });
    return promise.future();
  }

  /** A connection closed under the body often holds the answer that says why: let it come first. */
  private void failUnlessAnswered(Promise<HttpClientResponse> promise, Throwable cause) {
    vertx.setTimer(LATE_ANSWER_MILLIS, fired -> promise.tryFail(cause));
  }

  /** A target that takes nothing for too long is given up; one that waits for the source is not. */
  private void watchSending(
      HttpClientRequest client,
      RequestSink sink,
      Promise<HttpClientResponse> promise,
      long writtenBefore) {
    vertx.setTimer(
        timeouts.idle().toMillis(),
        fired -> {
          if (promise.future().isComplete()) {
            return;
          }
          if (sink.isFull() && sink.written() == writtenBefore) {
            TimeoutException stuck =
                new TimeoutException("took no byte for " + timeouts.idle().toSeconds() + " s");
            sink.cancel(stuck);
            if (promise.tryFail(stuck)) {
              client.reset();
            }
            return;
          }
          watchSending(client, sink, promise, sink.written());
        });
  }
}
