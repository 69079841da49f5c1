package io.entrepot.proxy.handler;

import io.entrepot.oci.MalformedException;
import io.entrepot.proxy.route.DistributionPath.BadPathException;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryException;
import io.entrepot.store.StoreException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** One request and its answer, on the event loop of its connection. */
public final class Exchange {

  /** {@code Docker-Content-Digest}. */
  public static final CharSequence CONTENT_DIGEST =
      HttpHeaders.createOptimized("docker-content-digest");

  static final CharSequence JSON = HttpHeaders.createOptimized("application/json");

  private static final Logger LOG = System.getLogger(Exchange.class.getName());
  private static final CharSequence API_VERSION =
      HttpHeaders.createOptimized("docker-distribution-api-version");
  private static final CharSequence REGISTRY_2 = HttpHeaders.createOptimized("registry/2.0");

  private static final long LINGER_MILLIS = 5_000;
  private static final long LINGER_BYTES = 64L << 20;

  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Context context;
  private @Nullable String user;
  private long lingered;

  /** Wraps a request. */
  public Exchange(HttpServerRequest request, Context context) {
    this.request = request;
    this.response = request.response();
    this.context = context;
    response.putHeader(API_VERSION, REGISTRY_2);
  }

  /** The request. */
  public HttpServerRequest request() {
    return request;
  }

  /** The answer. */
  public HttpServerResponse response() {
    return response;
  }

  /** Where its callbacks run. */
  public Context context() {
    return context;
  }

  /** Whether no body may be sent. */
  public boolean isHead() {
    return request.method().equals(HttpMethod.HEAD);
  }

  /** Who asks, or null. */
  public @Nullable String user() {
    return user;
  }

  /** Notes who asks. */
  public void user(String name) {
    user = name;
  }

  /** Sets a header of the answer. */
  public Exchange header(CharSequence name, CharSequence value) {
    response.putHeader(name, value);
    return this;
  }

  /** A query parameter, or null. */
  public @Nullable String query(String name) {
    return request.query() == null ? null : request.getParam(name);
  }

  /** Runs what blocks on a worker thread and comes back. */
  public <T> Future<T> onWorker(Callable<T> work) {
    Promise<T> promise = Promise.promise();
    context
        .executeBlocking(work, false)
        .onComplete(
            result -> {
              T value = result.result();
              if (value == null) {
                promise.fail(Objects.requireNonNull(result.cause(), "work that gives nothing"));
              } else {
                promise.complete(value);
              }
            });
    return promise.future();
  }

  /** Ends without a body. */
  public void empty(int status) {
    response.setStatusCode(status);
    if (status != 204 && status != 304) {
      response.putHeader(HttpHeaders.CONTENT_LENGTH, "0");
    }
    end(null);
  }

  /** Ends with a document. */
  public void json(int status, String type, byte[] document) {
    response
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, type)
        .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(document.length));
    end(isHead() ? null : Buffer.buffer(document));
  }

  /** Ends, with what is left of the request read or the connection closed. */
  public void end(@Nullable Buffer body) {
    if (response.closed() || response.ended()) {
      return;
    }
    boolean unread = hasUnreadBody();
    if (unread && !response.headWritten() && request.version() != HttpVersion.HTTP_2) {
      // What was not read would be taken for the next request.
      header(HttpHeaders.CONNECTION, "close");
    }
    Future<Void> ended = body == null ? response.end() : response.end(body);
    ended.onFailure(cause -> LOG.log(Level.DEBUG, "a client left: {0}", cause.getMessage()));
    if (unread) {
      linger();
    }
  }

  /** Warns the client (RFC 7234, code 299), in so many printable characters. */
  public void warn(String text) {
    String printable = printable(text).replace("\"", "'");
    String shortened = printable.length() > 400 ? printable.substring(0, 400) : printable;
    response.headers().add("Warning", "299 - \"" + shortened + "\"");
  }

  /** The text on one line, in characters that no terminal acts upon. */
  public static String printable(String text) {
    return text.replaceAll("[^\\x20-\\x7e]", "?");
  }

  /** Cuts the connection: what was sent is not to be taken for the whole. */
  public void cut() {
    request.connection().close();
  }

  /** Answers with an error document, or cuts an answer that has begun. */
  public void fail(Throwable cause) {
    if (response.ended() || response.closed()) {
      return;
    }
    if (response.headWritten()) {
      LOG.log(Level.WARNING, "{0} {1} cut: {2}", request.method(), safePath(), cause.getMessage());
      cut();
      return;
    }
    switch (cause) {
      case ClientLeftException left -> {
        LOG.log(Level.DEBUG, "{0} {1}: {2}", request.method(), safePath(), left.getMessage());
        cut();
      }
      case ApiException api -> error(api.code(), api.status(), message(api), null);
      case BadPathException path -> error(path.code(), path.code().status(), message(path), null);
      case MalformedException malformed ->
          error(ErrorCode.NAME_INVALID, 400, message(malformed), null);
      case StoreException store -> storeFailure(store);
      case RegistryException registry ->
          error(
              registry.code() == ErrorCode.PULL_LIMIT ? ErrorCode.TOOMANYREQUESTS : registry.code(),
              upstreamStatus(registry),
              message(registry),
              registry.retryAfter());
      default -> {
        LOG.log(Level.ERROR, request.method() + " " + safePath() + " failed", cause);
        error(ErrorCode.UNKNOWN, 500, "internal error; the log says more", null);
      }
    }
  }

  private void storeFailure(StoreException store) {
    switch (store.reason()) {
      case FULL -> {
        LOG.log(Level.ERROR, "the store is full: {0}", store.getMessage());
        error(
            ErrorCode.UNAVAILABLE,
            507,
            "the registry's disk is full; nothing was stored",
            Duration.ofSeconds(60));
      }
      case MISMATCH -> error(ErrorCode.DIGEST_INVALID, 400, message(store), null);
      case OUT_OF_ORDER -> error(ErrorCode.RANGE_INVALID, 416, message(store), null);
      default -> {
        LOG.log(Level.ERROR, "the store failed", store);
        error(ErrorCode.UNAVAILABLE, 503, "the registry's store failed; its log says more", null);
      }
    }
  }

  // An upstream that refuses us is for the client something that is not to be had here; one that
  // sends nonsense is not the client's mistake.
  private static int upstreamStatus(RegistryException failure) {
    return switch (failure.code()) {
      case UNAUTHORIZED, DENIED -> 403;
      case MANIFEST_INVALID, DIGEST_INVALID, SIZE_INVALID -> 502;
      default -> failure.code().status();
    };
  }

  private static String message(Throwable cause) {
    return String.valueOf(cause.getMessage());
  }

  private String safePath() {
    return request.path() == null ? "" : request.path().replaceAll("[^\\x21-\\x7e]", "?");
  }

  private void error(ErrorCode code, int status, String message, @Nullable Duration retryAfter) {
    ObjectNode document = JsonMapper.shared().createObjectNode();
    document
        .putArray("errors")
        .addObject()
        .put("code", code.name())
        .put("message", message)
        .putObject("detail");
    if (retryAfter != null) {
      header("Retry-After", Long.toString(Math.max(1, retryAfter.toSeconds())));
    } else if (status == 429) {
      header("Retry-After", "30");
    }
    json(status, "application/json", JsonMapper.shared().writeValueAsBytes(document));
  }

  /**
   * Reads on for a while what a client still sends after its answer. A connection that is closed
   * with unread bytes is reset, and the client would never see the answer (RFC 9112, section 9.6).
   */
  private void linger() {
    if (request.isEnded() || response.closed()) {
      return;
    }
    long timer = context.owner().setTimer(LINGER_MILLIS, unused -> cut());
    request
        .exceptionHandler(cause -> context.owner().cancelTimer(timer))
        .endHandler(unused -> context.owner().cancelTimer(timer))
        .handler(
            part -> {
              lingered += part.length();
              if (lingered > LINGER_BYTES) {
                cut();
              }
            })
        .resume();
  }

  // The end of a request without a body may not have been seen yet: what was announced decides.
  private boolean hasUnreadBody() {
    if (request.isEnded()) {
      return false;
    }
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    return length == null
        ? request.version() == HttpVersion.HTTP_2
            || request.headers().contains(HttpHeaders.TRANSFER_ENCODING)
        : !length.equals("0");
  }

  /** Every value of a repeated query parameter. */
  public List<String> queries(String name) {
    return request.query() == null ? List.of() : new ArrayList<>(request.params().getAll(name));
  }
}
