package io.entrepot.proxy.handler;

import io.entrepot.registry.ErrorCode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/** A small request body in memory; reading stops at the limit. */
final class LimitedBody {

  private LimitedBody() {}

  static Future<Buffer> read(Exchange exchange, int limit) {
    HttpServerRequest request = exchange.request();
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length != null && length.length() < 19 && Long.parseLong(length) > limit) {
      return Future.failedFuture(tooLarge(limit));
    }
    Promise<Buffer> promise = Promise.promise();
    Buffer body = Buffer.buffer();
    request.handler(
        part -> {
          if (body.length() + part.length() > limit) {
            request.pause();
            promise.tryFail(tooLarge(limit));
          } else {
            body.appendBuffer(part);
          }
        });
    request.exceptionHandler(promise::tryFail);
    request.endHandler(unused -> promise.tryComplete(body));
    request.resume();
    return promise.future();
  }

  private static ApiException tooLarge(int limit) {
    return new ApiException(
        ErrorCode.MANIFEST_INVALID, 413, "a manifest has at most %d bytes".formatted(limit));
  }
}
