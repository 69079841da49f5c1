package io.entrepot.proxy.handler;

import io.entrepot.proxy.handler.Response.ContentHead;
import io.entrepot.proxy.handler.Response.Disconnect;
import io.entrepot.proxy.handler.Response.Document;
import io.entrepot.proxy.handler.Response.Empty;
import io.entrepot.proxy.handler.Response.Events;
import io.entrepot.proxy.handler.Response.Failure;
import io.entrepot.proxy.handler.Response.FileRange;
import io.entrepot.proxy.handler.Response.HeldContent;
import io.entrepot.proxy.handler.Response.LiveFill;
import io.entrepot.proxy.handler.Selection.Outcome;
import io.entrepot.proxy.metrics.ProxyMetrics;
import io.entrepot.proxy.pull.BufferBudget;
import io.entrepot.proxy.pull.ClientBody;
import io.entrepot.proxy.pull.SendRoom;
import io.entrepot.proxy.pull.StalledClientException;
import io.entrepot.registry.ErrorCode;
import io.entrepot.store.Reading;
import io.entrepot.store.Store;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Turns responses into bytes: the only class that touches the socket. Length, ETag, digest and
 * caching headers are decided here, and what {@link Selection} says of HEAD and ranges is carried
 * out, in one place for everything that is served.
 *
 * <p>Called on the context of the request.
 */
final class ResponseWriter {

  private static final Logger LOG = System.getLogger(ResponseWriter.class.getName());

  private static final CharSequence API_VERSION =
      HttpHeaders.createOptimized("docker-distribution-api-version");
  private static final CharSequence REGISTRY_2 = HttpHeaders.createOptimized("registry/2.0");
  private static final CharSequence NAMESPACE = HttpHeaders.createOptimized("oci-namespace");
  private static final CharSequence CONTENT_DIGEST =
      HttpHeaders.createOptimized("docker-content-digest");
  private static final CharSequence BYTES = HttpHeaders.createOptimized("bytes");
  private static final CharSequence IMMUTABLE =
      HttpHeaders.createOptimized("max-age=31536000, immutable");

  private final Store store;

  /** Pieces of bodies that wait for their clients, in all. */
  private static final long PIECES = 32L << 20;

  /** Bytes of long answers in memory that are on their way to clients, in all. */
  private static final long HELD = 64L << 20;

  private final AtomicLong held = new AtomicLong();

  /** How long a client may take nothing, as with nginx ({@code send_timeout}). */
  private static final Duration STALLED = Duration.ofMinutes(1);

  private final SendRoom room = new SendRoom(PIECES, Duration.ofSeconds(5), STALLED);
  private final BufferBudget budget;
  private final ProxyMetrics metrics;
  private final @Nullable AccessLog accessLog;

  /**
   * @param accessLog null for none
   */
  ResponseWriter(
      Store store, BufferBudget budget, ProxyMetrics metrics, @Nullable AccessLog accessLog) {
    this.store = store;
    this.budget = budget;
    this.metrics = metrics;
    this.accessLog = accessLog;
  }

  /** Whether nothing more is sent for a request. */
  static boolean isEnded(HttpServerRequest request) {
    return request.response().ended() || request.response().closed();
  }

  /** Runs something when the client leaves before its answer begins; maybe more than once. */
  static void onClose(Exchange exchange, Runnable task) {
    HttpServerResponse response = exchange.request().response();
    response.closeHandler(unused -> task.run());
    if (response.closed()) {
      task.run();
    }
  }

  /** Whether the client has left. */
  static boolean isClosed(Exchange exchange) {
    return exchange.request().response().closed();
  }

  /**
   * Counts the answer when it ends, and writes the line of the access log.
   *
   * @param kind of the address, in metrics
   */
  void observe(Exchange exchange, String kind) {
    AccessLog log = accessLog;
    if (log != null) {
      log.begin(exchange);
    }
    HttpServerResponse response = exchange.request().response();
    response.endHandler(
        unused -> {
          metrics.request(kind, response.getStatusCode());
          if (log != null) {
            log.end(exchange, response.getStatusCode(), response.bytesWritten());
          }
        });
  }

  /** Writes an answer, and gives back what it holds where the client has left. */
  void write(Exchange exchange, Response answer) {
    HttpServerResponse response = exchange.request().response();
    if (response.ended() || response.closed()) {
      answer.discard();
      return;
    }
    common(exchange, response);
    switch (answer) {
      case HeldContent held -> held(exchange, response, held);
      case FileRange range -> file(exchange, response, range);
      case LiveFill fill -> live(exchange, response, fill);
      case ContentHead head -> head(exchange, response, head.content());
      case Document document -> document(exchange, response, document);
      case Empty empty -> empty(exchange, response, empty);
      case Events events -> events(exchange, response, events);
      case Failure failure -> failure(exchange, response, failure);
      case Disconnect disconnect -> cut(exchange);
    }
  }

  private static void common(Exchange exchange, HttpServerResponse response) {
    MultiMap headers = response.headers();
    headers.set(API_VERSION, REGISTRY_2);
    String namespace = exchange.namespace();
    if (namespace != null) {
      headers.set(NAMESPACE, namespace);
    }
    String requestId = exchange.requestId();
    if (requestId != null) {
      headers.set(AccessLog.REQUEST_ID, requestId);
    }
  }

  // ---------------------------------------------------------------- content

  private void held(Exchange exchange, HttpServerResponse response, HeldContent held) {
    Content content = held.content();
    Selection selection = Selection.of(exchange, content);
    String warning = held.warning();
    if (warning != null) {
      response.headers().set("Warning", Warnings.header(warning));
    }
    if (!head(exchange, response, content, selection)) {
      return;
    }
    Buffer body = held.body();
    if (selection.outcome() == Outcome.PART) {
      body = body.slice((int) selection.from(), (int) selection.end());
    }
    metrics.sent(body.length());
    send(exchange, response, body);
  }

  private void head(Exchange exchange, HttpServerResponse response, Content content) {
    Selection selection = Selection.of(exchange, content);
    if (head(exchange, response, content, selection)) {
      throw new IllegalStateException("a body was asked for: " + exchange.describe());
    }
  }

  /**
   * Writes the head of content.
   *
   * @return false where that was the whole answer
   */
  private boolean head(
      Exchange exchange, HttpServerResponse response, Content content, Selection selection) {
    MultiMap headers = response.headers();
    headers.set(CONTENT_DIGEST, content.digest());
    headers.set(HttpHeaders.ETAG, content.etag());
    if (content.isBlob()) {
      headers.set(HttpHeaders.ACCEPT_RANGES, BYTES);
      headers.set(HttpHeaders.CACHE_CONTROL, IMMUTABLE);
    }
    if (selection.outcome() == Outcome.NOT_MODIFIED) {
      response.setStatusCode(304);
      end(exchange, response, null);
      return false;
    }
    if (selection.outcome() == Outcome.UNSATISFIABLE) {
      headers.set(HttpHeaders.CONTENT_RANGE, "bytes */" + content.size());
      document(exchange, response, Document.error(ErrorCode.RANGE_INVALID, 416, "beyond the end"));
      return false;
    }
    headers.set(HttpHeaders.CONTENT_TYPE, content.type());
    if (selection.outcome() == Outcome.PART) {
      response.setStatusCode(206);
      headers.set(
          HttpHeaders.CONTENT_RANGE,
          "bytes %d-%d/%d".formatted(selection.from(), selection.end() - 1, content.size()));
      headers.set(HttpHeaders.CONTENT_LENGTH, Long.toString(selection.end() - selection.from()));
    } else {
      headers.set(HttpHeaders.CONTENT_LENGTH, content.length());
    }
    if (!selection.hasBody()) {
      end(exchange, response, null);
    }
    return selection.hasBody();
  }

  private void file(Exchange exchange, HttpServerResponse response, FileRange range) {
    Selection selection = range.selection();
    head(exchange, response, range.content(), selection);
    if (range.checked() || !exchange.sendsFiles()) {
      new StoredSend(exchange, new SocketBody(exchange, response), store, metrics, budget, range)
          .next();
      return;
    }
    Reading reading = range.reading();
    long length = selection.end() - selection.from();
    metrics.sent(length);
    response
        .sendFile(reading.channel(), selection.from(), length)
        .onComplete(
            sent -> {
              if (sent.failed()) {
                LOG.log(
                    ClientDisconnect.is(sent.cause()) ? Level.DEBUG : Level.WARNING,
                    "a blob was cut: {0}",
                    sent.cause().getMessage());
              }
              StoredSend.close(reading);
            });
  }

  private void live(Exchange exchange, HttpServerResponse response, LiveFill fill) {
    Selection selection = fill.selection();
    head(exchange, response, fill.content(), selection);
    metrics.sent(selection.end() - selection.from());
    fill.body().follow(new SocketBody(exchange, response), selection.from(), selection.end());
  }

  // ---------------------------------------------------------------- documents

  private void document(Exchange exchange, HttpServerResponse response, Document document) {
    response.setStatusCode(document.status());
    add(response, document.headers());
    response
        .headers()
        .set(HttpHeaders.CONTENT_TYPE, document.type())
        .set(HttpHeaders.CONTENT_LENGTH, Integer.toString(document.body().length()));
    if (exchange.isHead()) {
      end(exchange, response, null);
    } else {
      send(exchange, response, document.body());
    }
  }

  /** Sends a body in memory; a long one as its client takes it, and not too many of those. */
  private void send(Exchange exchange, HttpServerResponse response, Buffer body) {
    int length = body.length();
    if (length <= SendRoom.piece(0)) {
      end(exchange, response, body);
      return;
    }
    if (held.addAndGet(length) > HELD) {
      held.addAndGet(-length);
      fail(
          exchange,
          new ApiException(ErrorCode.UNAVAILABLE, "too many long answers are on their way"));
      return;
    }
    new HeldSend(new SocketBody(exchange, response), body, () -> held.addAndGet(-length)).start();
  }

  private static void empty(Exchange exchange, HttpServerResponse response, Empty empty) {
    response.setStatusCode(empty.status());
    add(response, empty.headers());
    if (empty.status() != 204 && empty.status() != 304) {
      response.headers().set(HttpHeaders.CONTENT_LENGTH, "0");
    }
    end(exchange, response, null);
  }

  private void events(Exchange exchange, HttpServerResponse response, Events events) {
    add(response, Events.HEADERS);
    if (exchange.isHead()) {
      end(exchange, response, null);
      return;
    }
    response.setChunked(exchange.request().version() == HttpVersion.HTTP_1_1);
    ClientBody body = new SocketBody(exchange, response);
    body.begin();
    events.listener().accept(body);
  }

  private void failure(Exchange exchange, HttpServerResponse response, Failure failure) {
    add(response, failure.allHeaders());
    document(exchange, response, failure.document());
  }

  private static void add(HttpServerResponse response, List<Header> headers) {
    for (Header header : headers) {
      response.headers().add(header.name(), header.value());
    }
  }

  // ---------------------------------------------------------------- the end

  /** Answers with an error document; an answer that has begun is cut. */
  void fail(Exchange exchange, Throwable cause) {
    HttpServerResponse response = exchange.request().response();
    if (response.ended() || response.closed()) {
      return;
    }
    if (response.headWritten()) {
      LOG.log(Level.WARNING, "{0} cut: {1}", exchange.describe(), cause.getMessage());
      cut(exchange);
      return;
    }
    response.headers().clear();
    response.setStatusCode(200);
    write(exchange, Failures.answer(exchange, cause));
  }

  /** Cuts the answer: what was sent is not to be taken for the whole. */
  private static void cut(Exchange exchange) {
    HttpServerRequest request = exchange.request();
    if (request.version() == HttpVersion.HTTP_2) {
      // Other answers are on their way over the same connection.
      request.response().reset();
    } else {
      request.connection().close();
    }
  }

  /** Ends, with what is left of the request read or the connection closed. */
  private static void end(Exchange exchange, HttpServerResponse response, @Nullable Buffer body) {
    if (response.closed() || response.ended()) {
      return;
    }
    boolean unread = UnreadBody.isLeft(exchange.request());
    if (unread && !response.headWritten() && exchange.request().version() != HttpVersion.HTTP_2) {
      // What was not read would be taken for the next request.
      response.headers().set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    Future<Void> ended = body == null ? response.end() : response.end(body);
    ended.onFailure(cause -> LOG.log(Level.DEBUG, "a client left: {0}", cause.getMessage()));
    if (unread && !response.closed()) {
      UnreadBody.readOn(exchange, () -> cut(exchange));
    }
  }

  /** The body of an answer whose head is set. */
  private final class SocketBody implements ClientBody {
    private final Exchange exchange;
    private final HttpServerResponse response;
    private long stalled = -1;

    SocketBody(Exchange exchange, HttpServerResponse response) {
      this.exchange = exchange;
      this.response = response;
    }

    @Override
    public void execute(Handler<Void> task) {
      exchange.context().runOnContext(task);
    }

    @Override
    public boolean isClosed() {
      return response.closed();
    }

    @Override
    public boolean isFull() {
      return response.writeQueueFull();
    }

    @Override
    public void onDrain(Handler<Void> task) {
      Vertx timers = exchange.context().owner();
      timers.cancelTimer(stalled);
      stalled = timers.setTimer(STALLED.toMillis(), timer -> fail(new StalledClientException()));
      response.drainHandler(
          unused -> {
            if (timers.cancelTimer(stalled)) {
              task.handle(null);
            }
          });
    }

    @Override
    public void onClose(Handler<Throwable> task) {
      response.exceptionHandler(task);
      response.closeHandler(unused -> task.handle(new ClosedChannelException()));
    }

    @Override
    public void begin() {
      if (!response.headWritten()) {
        response.writeHead();
      }
    }

    @Override
    public boolean take(SendRoom.Sender sender, long length) {
      return room.take(sender, length, exchange.context().owner());
    }

    @Override
    public void giveBack(SendRoom.Sender sender) {
      room.giveBack(sender);
    }

    @Override
    public Future<Void> write(Buffer bytes) {
      return response.write(bytes);
    }

    @Override
    public void end() {
      ResponseWriter.end(exchange, response, null);
    }

    @Override
    public void fail(Throwable cause) {
      ResponseWriter.this.fail(exchange, cause);
    }
  }
}
