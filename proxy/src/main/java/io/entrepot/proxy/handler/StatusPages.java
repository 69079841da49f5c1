package io.entrepot.proxy.handler;

import io.entrepot.proxy.metrics.ProxyMetrics;
import io.entrepot.registry.ErrorCode;
import io.entrepot.store.Store;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Pages beside the API: health and metrics. */
final class StatusPages {

  private final Store store;
  private final ProxyMetrics metrics;
  private volatile boolean stopping;

  StatusPages(Store store, ProxyMetrics metrics) {
    this.store = store;
    this.metrics = metrics;
  }

  /** From now on {@code /readyz} says no. */
  void stopping() {
    stopping = true;
  }

  Future<Response> page(Exchange exchange, String path) {
    return switch (path) {
      case "/livez" -> text(200, "ok\n");
      case "/readyz" -> ready(exchange);
      case "/metrics" -> exchange.onWorker(metrics::scrape).map(StatusPages::exposition);
      case "/" -> text(200, "Entrepot: an OCI registry. Its API begins at /v2/.\n");
      default -> throw new ApiException(ErrorCode.NAME_UNKNOWN, "no such address");
    };
  }

  private static Response exposition(String metrics) {
    return new Response.Document(
        200,
        "text/plain; version=0.0.4; charset=utf-8",
        Buffer.buffer(metrics.getBytes(StandardCharsets.UTF_8)),
        List.of());
  }

  private Future<Response> ready(Exchange exchange) {
    if (stopping) {
      return text(503, "stopping\n");
    }
    return exchange
        .onWorker(
            () -> {
              store.disk().probe();
              return store.disk().trouble();
            })
        .map(
            trouble ->
                trouble.isEmpty()
                    ? Response.Document.text(200, "ready\n")
                    : Response.Document.text(503, trouble.get().getMessage() + "\n"));
  }

  private static Future<Response> text(int status, String text) {
    return Future.succeededFuture(Response.Document.text(status, text));
  }
}
