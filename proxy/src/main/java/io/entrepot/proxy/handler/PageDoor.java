package io.entrepot.proxy.handler;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The way to the page and its API. What is behind it is loaded when somebody first asks for it: no
 * start waits for that.
 */
final class PageDoor implements Handler<HttpServerRequest> {

  private static final Set<String> ROOMS =
      Set.of(
          "",
          "api",
          "assets",
          "events",
          "images",
          "upstreams",
          "fills",
          "mirrors",
          "held",
          "store",
          "login");

  private final PageSettings settings;
  private final Identification identification;
  private final Access access;
  private final ResponseWriter writer;
  private final Delivery delivery;
  private volatile @Nullable PageRoutes routes;

  PageDoor(
      PageSettings settings,
      Identification identification,
      Access access,
      ResponseWriter writer,
      Delivery delivery) {
    this.settings = settings;
    this.identification = identification;
    this.access = access;
    this.writer = writer;
    this.delivery = delivery;
  }

  /** Whether a request is for the page or its API. */
  boolean leadsTo(HttpServerRequest request) {
    String uri = request.uri();
    if (uri == null || uri.startsWith("/v2/")) {
      return false;
    }
    String path = request.path();
    if (path == null || !path.startsWith("/")) {
      return false;
    }
    String base = settings.base();
    return (!base.isEmpty() && (path.equals(base) || path.startsWith(base + "/")))
        || ROOMS.contains(first(path));
  }

  private static String first(String path) {
    int slash = path.indexOf('/', 1);
    return slash < 0 ? path.substring(1) : path.substring(1, slash);
  }

  @Override
  public void handle(HttpServerRequest request) {
    PageRoutes ready = routes;
    if (ready != null) {
      ready.handle(request);
      return;
    }
    Exchange exchange =
        new Exchange(request, Objects.requireNonNull(Vertx.currentContext(), "no event loop"));
    request.pause();
    exchange
        .onWorker(this::made)
        .onComplete(
            result -> {
              if (result.succeeded()) {
                request.resume();
                result.result().handle(request);
              } else {
                writer.fail(exchange, result.cause());
              }
            });
  }

  /** Ends what is open: the server stops. */
  void end() {
    PageRoutes ready = routes;
    if (ready != null) {
      ready.end();
    }
  }

  private synchronized PageRoutes made() {
    PageRoutes ready = routes;
    if (ready == null) {
      ready = new PageRoutes(settings, identification, access, writer, delivery);
      routes = ready;
    }
    return ready;
  }
}
