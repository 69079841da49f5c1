package io.entrepot.proxy.handler;

import io.entrepot.registry.ErrorCode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Small request bodies in memory: each has a limit and a deadline, and all together have a limit.
 */
final class LimitedBody {

  private static final int TIMEOUT = 408;

  private final long most;
  private final Duration deadline;
  private final AtomicLong held = new AtomicLong();

  /**
   * @param most bytes of all bodies that are held at a time
   * @param deadline how long one may take to come
   */
  LimitedBody(long most, Duration deadline) {
    this.most = most;
    this.deadline = deadline;
  }

  /**
   * Reads a body and works with it; its bytes count until that work is done.
   *
   * @param limit bytes it may have
   */
  <T> Future<T> use(Exchange exchange, int limit, Function<byte[], Future<T>> work) {
    Reading reading = new Reading(exchange, limit);
    return reading
        .read()
        .compose(work)
        .onComplete(
            done -> {
              held.addAndGet(-reading.counted);
              reading.counted = 0;
            });
  }

  /** Bytes of all bodies that are held now. */
  long held() {
    return held.get();
  }

  private final class Reading {
    private final Exchange exchange;
    private final HttpServerRequest request;
    private final int limit;
    private final Promise<byte[]> promise = Promise.promise();
    // As they come: one growing array would take up to three times as much while it grows.
    private final List<Buffer> parts = new ArrayList<>();
    private long counted;

    Reading(Exchange exchange, int limit) {
      this.exchange = exchange;
      this.request = exchange.request();
      this.limit = limit;
    }

    Future<byte[]> read() {
      String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
      if (length != null && length.length() < 19 && Long.parseLong(length) > limit) {
        return Future.failedFuture(tooLarge());
      }
      var timers = exchange.context().owner();
      long timer =
          timers.setTimer(
              deadline.toMillis(),
              unused ->
                  fail(
                      new ApiException(
                          ErrorCode.TIMEOUT,
                          TIMEOUT,
                          "the body did not come within %d s".formatted(deadline.toSeconds()))));
      request.handler(this::accept);
      request.exceptionHandler(cause -> promise.tryFail(new ClientLeftException(cause)));
      request.endHandler(unused -> promise.tryComplete(joined()));
      request.resume();
      return promise.future().onComplete(done -> timers.cancelTimer(timer));
    }

    private void accept(Buffer part) {
      if (promise.future().isComplete()) {
        return;
      }
      if (counted + part.length() > limit) {
        fail(tooLarge());
        return;
      }
      counted += part.length();
      if (held.addAndGet(part.length()) > most) {
        fail(
            new ApiException(
                ErrorCode.UNAVAILABLE, "too many manifests are being pushed; try again"));
        return;
      }
      parts.add(part);
    }

    private byte[] joined() {
      byte[] body = new byte[Math.toIntExact(counted)];
      int position = 0;
      for (Buffer part : parts) {
        part.getBytes(body, position);
        position += part.length();
      }
      parts.clear();
      return body;
    }

    private void fail(ApiException cause) {
      if (promise.tryFail(cause)) {
        parts.clear();
        request.pause();
      }
    }

    private ApiException tooLarge() {
      return new ApiException(
          ErrorCode.MANIFEST_INVALID,
          413,
          "what is sent here has at most %d bytes".formatted(limit));
    }
  }
}
