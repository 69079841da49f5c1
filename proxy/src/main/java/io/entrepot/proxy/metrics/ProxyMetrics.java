package io.entrepot.proxy.metrics;

import io.entrepot.oci.RegistryName;
import io.entrepot.registry.BreakerState;
import io.entrepot.registry.RateLimit;
import io.entrepot.registry.RegistryClient;
import io.entrepot.store.ContentStore;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What is counted. Labels are kinds, statuses and configured registries only, so that nobody who
 * asks for many names makes many series.
 */
public final class ProxyMetrics {

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Map<String, LongAdder> requests = new ConcurrentHashMap<>();
  private final Map<String, Counter> misses = new ConcurrentHashMap<>();
  private final LongAdder bytesSent = new LongAdder();
  private final LongAdder hits = new LongAdder();
  private final Counter coalesced = counter("entrepot.coalesced", "Requests that joined a fetch");
  private final Counter stale =
      counter(
          "entrepot.stale.served", "Answers from the cache because upstream could not be asked");
  private final Counter passedThrough =
      counter("entrepot.passed.through", "Blobs passed on without being kept");
  private final Counter corruptUpstream =
      counter("entrepot.upstream.corrupt", "Blobs whose bytes upstream sent wrong");
  private final Counter fetchedBytes = counter("entrepot.fetched.bytes", "Bytes fetched and kept");

  /** Starts at nothing. */
  public ProxyMetrics() {
    FunctionCounter.builder("entrepot.sent.bytes", bytesSent, LongAdder::sum).register(registry);
    FunctionCounter.builder("entrepot.hits", hits, LongAdder::sum).register(registry);
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }

  /** Adds the numbers of the store and of the registries. */
  public void observe(
      ContentStore store, RegistryClient client, Collection<RegistryName> upstreams) {
    Gauge.builder("entrepot.store.bytes", store, ContentStore::bytes).register(registry);
    Gauge.builder("entrepot.store.contents", store, ContentStore::count).register(registry);
    Gauge.builder("entrepot.store.healthy", store, it -> it.trouble().isPresent() ? 0 : 1)
        .register(registry);
    FunctionCounter.builder("entrepot.store.evictions", store, ContentStore::evictions)
        .register(registry);
    FunctionCounter.builder("entrepot.store.corruptions", store, ContentStore::corruptions)
        .register(registry);
    for (RegistryName upstream : upstreams) {
      Gauge.builder(
              "entrepot.ratelimit.remaining",
              client,
              it -> it.rateLimit(upstream).map(RateLimit::remaining).orElse(-1))
          .tag("registry", upstream.value())
          .register(registry);
    }
  }

  /** One answered request; called for each, so it does next to nothing. */
  public void request(String kind, int status) {
    LongAdder adder = requests.get(key(kind, status));
    if (adder == null) {
      adder = register(kind, status);
    }
    adder.increment();
  }

  private static String key(String kind, int status) {
    // The common case without making a new string.
    return status == 200 ? kind : kind + ' ' + status;
  }

  private LongAdder register(String kind, int status) {
    return requests.computeIfAbsent(
        key(kind, status),
        unused -> {
          LongAdder fresh = new LongAdder();
          FunctionCounter.builder("entrepot.requests", fresh, LongAdder::sum)
              .tag("kind", kind)
              .tag("status", Integer.toString(status))
              .register(registry);
          return fresh;
        });
  }

  /** Bytes of bodies given to connections. */
  public void sent(long bytes) {
    bytesSent.add(bytes);
  }

  /** Served from the store. */
  public void hit() {
    hits.increment();
  }

  /** Fetched from upstream. */
  public void miss(String kind) {
    misses
        .computeIfAbsent(
            kind, unused -> Counter.builder("entrepot.misses").tag("kind", kind).register(registry))
        .increment();
  }

  /** Joined a fetch that was running. */
  public void coalesced() {
    coalesced.increment();
  }

  /** Served although upstream could not be asked. */
  public void staleServed() {
    stale.increment();
  }

  /** Passed on without being kept. */
  public void passedThrough() {
    passedThrough.increment();
  }

  /** Wrong bytes from upstream. */
  public void corruptUpstream() {
    corruptUpstream.increment();
  }

  /** Fetched and kept. */
  public void stored(long bytes) {
    fetchedBytes.increment((double) bytes);
  }

  /** The page for Prometheus; {@code client} adds what it counts itself. */
  public String scrape(RegistryClient client) {
    StringBuilder page = new StringBuilder(registry.scrape());
    page.append(
        """
        # HELP entrepot_upstream_requests_total Requests to other registries by their answer
        # TYPE entrepot_upstream_requests_total counter
        """);
    client
        .answerCounts()
        .forEach(
            (name, statuses) ->
                statuses.forEach(
                    (status, count) ->
                        page.append(
                            "entrepot_upstream_requests_total{registry=\"%s\",status=\"%s\"} %d\n"
                                .formatted(name, status, count))));
    page.append(
        """
        # HELP entrepot_breaker_state Endpoints that failed: 0 asked in place, 1 about to be tried, 2 asked last
        # TYPE entrepot_breaker_state gauge
        """);
    client
        .breakers()
        .forEach(
            (origin, state) ->
                page.append(
                    "entrepot_breaker_state{endpoint=\"%s\"} %d\n"
                        .formatted(origin, number(state))));
    return page.toString();
  }

  private static int number(BreakerState state) {
    return switch (state) {
      case CLOSED -> 0;
      case HALF_OPEN -> 1;
      case OPEN -> 2;
    };
  }
}
