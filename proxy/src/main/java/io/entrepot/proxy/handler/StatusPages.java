package io.entrepot.proxy.handler;

import io.entrepot.concurrent.SingleFlight;
import io.entrepot.proxy.metrics.ProxyMetrics;
import io.entrepot.registry.ErrorCode;
import io.entrepot.store.Store;
import io.entrepot.store.StoreException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Pages beside the API: health and metrics. */
final class StatusPages {

  private static final Duration BELIEVED = Duration.ofSeconds(10);
  private static final long NEVER = Long.MIN_VALUE;

  private final Store store;
  private final SingleFlight<String, Boolean> probes = new SingleFlight<>();
  private volatile long probed = NEVER;
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
    if (isFresh()) {
      return Future.succeededFuture(readiness());
    }
    return probes
        .run(
            "probe",
            () -> isFresh() ? Optional.of(true) : Optional.empty(),
            () ->
                exchange.onWorker(
                    () -> {
                      store.disk().probe();
                      probed = System.nanoTime();
                      return true;
                    }))
        .map(done -> readiness());
  }

  /** The probe writes a file: whoever asks often gets the last answer. */
  private boolean isFresh() {
    long last = probed;
    return last != NEVER
        && System.nanoTime() - last < BELIEVED.toNanos()
        && store.disk().trouble().isEmpty();
  }

  private Response readiness() {
    StoreException trouble = store.disk().trouble().orElse(null);
    if (trouble == null) {
      return Response.Document.text(200, "ready\n");
    }
    if (trouble.reason() == StoreException.Reason.FULL) {
      // What is here can be served, and what is not can be passed on.
      return Response.Document.text(200, "ready; the disk is full, so pushes are refused\n");
    }
    return Response.Document.text(
        503, "the store has trouble (%s); the log says more\n".formatted(trouble.reason()));
  }

  private static Future<Response> text(int status, String text) {
    return Future.succeededFuture(Response.Document.text(status, text));
  }
}
