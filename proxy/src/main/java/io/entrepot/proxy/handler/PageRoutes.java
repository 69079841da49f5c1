package io.entrepot.proxy.handler;

import io.entrepot.registry.ErrorCode;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Objects;

/** Routes of the page and of {@code /api/v1}. */
final class PageRoutes implements Handler<HttpServerRequest> {

  private static final String EXCHANGE = "exchange";

  private final PageSettings settings;
  private final Identification identification;
  private final Access access;
  private final ResponseWriter writer;
  private final Delivery delivery;
  private final Router router;
  private final HtmlPages pages;

  PageRoutes(
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
    this.router = Router.router(settings.vertx());
    this.pages = new HtmlPages(settings);
    Router inside = Router.router(settings.vertx());
    new ApiPages(settings.sources()).addTo(inside, this::through);
    pages.addTo(inside, this::through);
    inside.route().handler(through(PageRoutes::unknown));
    router.route().handler(this::begin).failureHandler(this::failed);
    if (!settings.base().isEmpty()) {
      router.route(settings.base() + "/*").subRouter(inside);
    }
    router.route("/*").subRouter(inside);
  }

  @Override
  public void handle(HttpServerRequest request) {
    router.handle(request);
  }

  /** Ends what is open. */
  void end() {
    pages.end();
  }

  /** Who may come in: the right name of this server, a reading method, and a known user. */
  private void begin(RoutingContext context) {
    Exchange exchange =
        new Exchange(
            context.request(), Objects.requireNonNull(Vertx.currentContext(), "no event loop"));
    context.put(EXCHANGE, exchange);
    writer.observe(exchange, "page");
    settings.guard().checkVisit(exchange);
    if (!exchange.isReading()) {
      throw new ApiException(
          ErrorCode.UNSUPPORTED,
          ErrorCode.UNSUPPORTED.status(),
          exchange.request().method() + " is not possible here",
          List.of(new Header("Allow", "GET, HEAD")));
    }
    Future<Void> proof = identification.begin(exchange);
    if (proof == null) {
      enter(context, exchange);
    } else {
      exchange.request().pause();
      proof.onComplete(
          result ->
              exchange
                  .context()
                  .runOnContext(
                      unused -> {
                        exchange.request().resume();
                        if (result.succeeded()) {
                          enter(context, exchange);
                        } else {
                          context.fail(result.cause());
                        }
                      }));
    }
  }

  private void enter(RoutingContext context, Exchange exchange) {
    try {
      identification.requireSomebody(exchange);
    } catch (ApiException e) {
      context.fail(e);
      return;
    }
    context.next();
  }

  private Handler<RoutingContext> through(Endpoint endpoint) {
    return context -> {
      Exchange exchange = Objects.requireNonNull(context.<Exchange>get(EXCHANGE), EXCHANGE);
      Future<Response> answer;
      try {
        answer = endpoint.answer(new Visit(exchange, access, settings.base()));
      } catch (RuntimeException e) {
        answer = Future.failedFuture(e);
      }
      delivery.deliver(exchange, answer);
    };
  }

  private static Future<Response> unknown(Visit visit) {
    throw new ApiException(ErrorCode.NAME_UNKNOWN, "no such address");
  }

  private void failed(RoutingContext context) {
    Exchange known = context.get(EXCHANGE);
    Exchange exchange =
        known == null
            ? new Exchange(
                context.request(), Objects.requireNonNull(Vertx.currentContext(), "no event loop"))
            : known;
    Throwable cause = context.failure();
    writer.fail(
        exchange,
        cause == null
            ? new ApiException(ErrorCode.NAME_UNKNOWN, context.statusCode(), "no such address")
            : cause);
  }
}
