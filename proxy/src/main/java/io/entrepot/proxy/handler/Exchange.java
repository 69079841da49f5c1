package io.entrepot.proxy.handler;

import io.entrepot.proxy.login.Visitor;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** One request, on the event loop of its connection, and what was found out about it. */
final class Exchange {

  private final HttpServerRequest request;
  private final Context context;
  private final boolean head;
  private @Nullable Visitor user;
  private @Nullable String namespace;
  private @Nullable String requestId;

  Exchange(HttpServerRequest request, Context context) {
    this.request = request;
    this.context = context;
    this.head = request.method().equals(HttpMethod.HEAD);
  }

  HttpServerRequest request() {
    return request;
  }

  /** Where its callbacks run. */
  Context context() {
    return context;
  }

  /** Whether no body may be sent. */
  boolean isHead() {
    return head;
  }

  /** Whether it asks for something and changes nothing. */
  boolean isReading() {
    return head || request.method().equals(HttpMethod.GET);
  }

  /**
   * Whether the system can send a file as it is. TLS has to see the bytes, and gets them from
   * Vert.x in pieces of 8 KiB; over HTTP/2 Vert.x 5.2 sends nothing of a file.
   */
  boolean sendsFiles() {
    return !request.isSSL() && request.version() != HttpVersion.HTTP_2;
  }

  /** Who asks, or null. */
  @Nullable Visitor user() {
    return user;
  }

  void user(Visitor proven) {
    user = proven;
  }

  /** The name of who asks, or null. */
  @Nullable String userName() {
    Visitor visitor = user;
    return visitor == null ? null : visitor.name();
  }

  /** The {@code ns} that was followed and is said in the answer, or null. */
  @Nullable String namespace() {
    return namespace;
  }

  void namespace(@Nullable String followed) {
    namespace = followed;
  }

  /** Names the request in the access log and in the answer, or null. */
  @Nullable String requestId() {
    return requestId;
  }

  void requestId(String id) {
    requestId = id;
  }

  /** A header of the request, or null. */
  @Nullable String header(CharSequence name) {
    return request.headers().get(name);
  }

  /** A query parameter, or null. */
  @Nullable String query(String name) {
    return request.query() == null ? null : request.getParam(name);
  }

  /** Every value of a repeated query parameter. */
  List<String> queries(String name) {
    return request.query() == null ? List.of() : new ArrayList<>(request.params().getAll(name));
  }

  /** Runs what blocks on a worker thread and comes back to the context. */
  <T> Future<T> onWorker(Callable<T> work) {
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

  /** Method and path for the log; queries are left out, tokens travel there. */
  String describe() {
    String path = request.path() == null ? "" : request.path().replaceAll("[^\\x21-\\x7e]", "?");
    return request.method() + " " + path;
  }
}
