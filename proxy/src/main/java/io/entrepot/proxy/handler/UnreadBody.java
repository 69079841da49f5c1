package io.entrepot.proxy.handler;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

/** What a client still sends after its answer. */
final class UnreadBody {

  private static final long MILLIS = 5_000;
  private static final long BYTES = 64L << 20;

  private final Runnable cut;
  private long received;

  private UnreadBody(Runnable cut) {
    this.cut = cut;
  }

  /**
   * Whether some of it may still come. The end of a request without a body may not have been seen
   * yet: what was announced decides.
   */
  static boolean isLeft(HttpServerRequest request) {
    if (request.isEnded()) {
      return false;
    }
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    return length == null
        ? request.version() == HttpVersion.HTTP_2
            || request.headers().contains(HttpHeaders.TRANSFER_ENCODING)
        : !length.equals("0");
  }

  /**
   * Reads on for a while. A connection that is closed with unread bytes is reset, and the client
   * would never see the answer (RFC 9112, section 9.6).
   *
   * @param cut ends the connection when it takes too long
   */
  static void readOn(Exchange exchange, Runnable cut) {
    HttpServerRequest request = exchange.request();
    if (request.isEnded()) {
      return;
    }
    UnreadBody body = new UnreadBody(cut);
    Vertx timers = exchange.context().owner();
    long timer = timers.setTimer(MILLIS, unused -> cut.run());
    request
        .exceptionHandler(cause -> timers.cancelTimer(timer))
        .endHandler(unused -> timers.cancelTimer(timer))
        .handler(part -> body.count(part.length()))
        .resume();
  }

  private void count(int bytes) {
    received += bytes;
    if (received > BYTES) {
      cut.run();
    }
  }
}
