package io.entrepot.proxy.metrics;

import io.entrepot.oci.RegistryName;
import io.entrepot.registry.BreakerState;
import io.entrepot.registry.RateLimit;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import io.entrepot.store.Contents;
import io.entrepot.store.Eviction;
import io.entrepot.store.Quarantine;
import io.entrepot.store.Store;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What is counted. Labels are kinds, statuses and configured registries only, so that nobody who
 * asks for many names makes many series.
 */
public final class ProxyMetrics {

  /** How many answers of one kind and status. */
  private record Answers(String kind, int status, LongAdder count) {}

  /** What the policy refused, or would have. */
  private record Refusals(String mode, String reason) {}

  private final Store store;
  private final Eviction eviction;
  private final RegistryClient client;
  private final Collection<RegistryName> upstreams;
  private final Map<String, Answers> requests = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> misses = new ConcurrentHashMap<>();
  private final Map<Refusals, LongAdder> refusals = new ConcurrentHashMap<>();

  /** There from the start, so that the first wrong login is an increase. */
  private final LongAdder anonymousPullsRefused = new LongAdder();

  private final Map<String, LongAdder> loginFailures =
      new ConcurrentHashMap<>(Map.of("password", new LongAdder()));

  private final LongAdder bytesSent = new LongAdder();
  private final LongAdder hits = new LongAdder();
  private final LongAdder coalesced = new LongAdder();
  private final LongAdder stale = new LongAdder();
  private final LongAdder passedThrough = new LongAdder();
  private final LongAdder corruptUpstream = new LongAdder();
  private final LongAdder fetchedBytes = new LongAdder();
  private final LongAdder savedBytes = new LongAdder();

  /** GETs of manifests that were answered without asking; of each upstream. */
  private final Map<RegistryName, LongAdder> unasked = new HashMap<>();

  private final Map<RegistryName, UpstreamFailure> failures = new ConcurrentHashMap<>();
  private final History history = new History();

  private final PrometheusMeterRegistry meters;

  /** Kinds of requests and misses that have their meter. */
  private final Set<String> metered = new HashSet<>();

  /**
   * Starts at nothing.
   *
   * @param store its numbers are told too
   * @param eviction its numbers are told too
   * @param client what it counts itself is told too
   * @param upstreams registries whose rate limits are told
   */
  public ProxyMetrics(
      Store store, Eviction eviction, RegistryClient client, Collection<RegistryName> upstreams) {
    this.store = store;
    this.eviction = eviction;
    this.client = client;
    this.upstreams = upstreams;
    upstreams.forEach(upstream -> unasked.put(upstream, new LongAdder()));
    this.meters = fresh();
  }

  private PrometheusMeterRegistry fresh() {
    PrometheusMeterRegistry made = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    count(made, "entrepot.sent.bytes", bytesSent, null);
    count(made, "entrepot.hits", hits, null);
    count(made, "entrepot.coalesced", coalesced, "Requests that joined a fetch");
    count(
        made,
        "entrepot.stale.served",
        stale,
        "Answers from the cache because upstream could not be asked");
    count(made, "entrepot.passed.through", passedThrough, "Blobs passed on without being kept");
    count(
        made,
        "entrepot.upstream.corrupt",
        corruptUpstream,
        "Blobs whose bytes upstream sent wrong");
    count(
        made,
        "entrepot.anonymous.pulls.refused",
        anonymousPullsRefused,
        "Pulls without a login beyond what an address may");
    count(made, "entrepot.fetched.bytes", fetchedBytes, "Bytes fetched and kept");
    count(made, "entrepot.saved.bytes", savedBytes, "Bytes of upstreams that were not fetched");
    FunctionCounter.builder("entrepot.saved.pulls", this, ProxyMetrics::savedPulls)
        .description("GETs of manifests of counting upstreams that were answered without asking")
        .register(made);
    Gauge.builder("entrepot.store.bytes", store.contents(), Contents::bytesSoFar).register(made);
    Gauge.builder("entrepot.store.contents", store.contents(), Contents::countSoFar).register(made);
    Gauge.builder("entrepot.store.healthy", store.disk(), it -> it.trouble().isPresent() ? 0 : 1)
        .register(made);
    Gauge.builder("entrepot.store.pushed.bytes", eviction, Eviction::pushedBytes).register(made);
    Gauge.builder("entrepot.store.quarantined.bytes", store.quarantine(), Quarantine::bytes)
        .register(made);
    FunctionCounter.builder("entrepot.store.evictions", eviction, Eviction::evictions)
        .register(made);
    FunctionCounter.builder(
            "entrepot.store.corruptions", store.quarantine(), Quarantine::corruptions)
        .register(made);
    for (RegistryName upstream : upstreams) {
      Gauge.builder(
              "entrepot.ratelimit.remaining",
              client,
              it -> it.rateLimit(upstream).map(RateLimit::remaining).orElse(-1))
          .tag("registry", upstream.value())
          .register(made);
    }
    return made;
  }

  private static void count(
      PrometheusMeterRegistry registry,
      String name,
      LongAdder counter,
      @Nullable String description) {
    FunctionCounter.builder(name, counter, LongAdder::sum)
        .description(description)
        .register(registry);
  }

  /** One answered request; called for each, so it does next to nothing. */
  public void request(String kind, int status) {
    String key = key(kind, status);
    Answers answers = requests.get(key);
    if (answers == null) {
      answers = requests.computeIfAbsent(key, unused -> new Answers(kind, status, new LongAdder()));
    }
    answers.count().increment();
  }

  private static String key(String kind, int status) {
    // The common case without making a new string.
    return status == 200 ? kind : kind + ' ' + status;
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
    misses.computeIfAbsent(kind, unused -> new LongAdder()).increment();
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

  /** Refused by the policy, or what would have been where it is only observed. */
  public void refused(String mode, String reason) {
    refusals.computeIfAbsent(new Refusals(mode, reason), unused -> new LongAdder()).increment();
  }

  /** A login was not let in. */
  public void loginFailed(String reason) {
    loginFailures.computeIfAbsent(reason, unused -> new LongAdder()).increment();
  }

  /** An address pulled more often than it may without a login. */
  public void anonymousPullRefused() {
    anonymousPullsRefused.increment();
  }

  /** Fetched and kept. */
  public void stored(long bytes) {
    fetchedBytes.add(bytes);
  }

  /** A GET of a manifest was answered without asking its upstream. */
  public void unasked(RegistryName upstream) {
    LongAdder count = unasked.get(upstream);
    if (count != null) {
      count.increment();
    }
  }

  /** Bytes of an upstream went to a client without being fetched for it. */
  public void saved(long bytes) {
    savedBytes.add(bytes);
  }

  /** An upstream could not be asked, or answered with an error that is not an absence. */
  public void failed(RegistryName upstream, Throwable cause) {
    if (unasked.containsKey(upstream)
        && cause instanceof RegistryException failure
        && !failure.code().isAbsence()) {
      failures.put(upstream, UpstreamFailure.of(failure, Instant.now()));
    }
  }

  /** What went wrong last with an upstream since the start, or null. */
  public @Nullable UpstreamFailure lastFailure(RegistryName upstream) {
    return failures.get(upstream);
  }

  /** Hits and misses by the minute, brought up to date; told at least once a minute. */
  public History history() {
    history.note(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime()), hits(), misses());
    return history;
  }

  /** Requests that were answered from the store. */
  public long hits() {
    return hits.sum();
  }

  /** Fetches that were begun. */
  public long misses() {
    return misses.values().stream().mapToLong(LongAdder::sum).sum();
  }

  /** Requests that joined a fetch. */
  public long joined() {
    return coalesced.sum();
  }

  /** Bytes of bodies that were given to connections. */
  public long sentBytes() {
    return bytesSent.sum();
  }

  /** Bytes that were fetched and kept. */
  public long storedBytes() {
    return fetchedBytes.sum();
  }

  /** Bytes of upstreams that were served and not fetched. */
  public long savedBytes() {
    return savedBytes.sum();
  }

  /** Pulls that upstreams which count them did not see: Docker Hub, and who ever told a limit. */
  public long savedPulls() {
    return unasked.entrySet().stream()
        .filter(
            each ->
                each.getKey().equals(RegistryName.DOCKER_HUB)
                    || client.rateLimit(each.getKey()).isPresent())
        .mapToLong(each -> each.getValue().sum())
        .sum();
  }

  /** The page for Prometheus. Takes milliseconds, the first time tens of them. */
  public String scrape() {
    StringBuilder page = new StringBuilder(meters().scrape());
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

  /** With a meter for each kind that was counted so far. */
  private synchronized PrometheusMeterRegistry meters() {
    for (Map.Entry<String, Answers> each : requests.entrySet()) {
      Answers answers = each.getValue();
      if (metered.add("request " + each.getKey())) {
        FunctionCounter.builder("entrepot.requests", answers.count(), LongAdder::sum)
            .tag("kind", answers.kind())
            .tag("status", Integer.toString(answers.status()))
            .register(meters);
      }
    }
    for (Map.Entry<Refusals, LongAdder> refusal : refusals.entrySet()) {
      if (metered.add(refusal.getKey().toString())) {
        FunctionCounter.builder("entrepot.policy.refused", refusal.getValue(), LongAdder::sum)
            .tag("mode", refusal.getKey().mode())
            .tag("reason", refusal.getKey().reason())
            .register(meters);
      }
    }
    for (Map.Entry<String, LongAdder> failure : loginFailures.entrySet()) {
      if (metered.add("login " + failure.getKey())) {
        FunctionCounter.builder("entrepot.login.failures", failure.getValue(), LongAdder::sum)
            .tag("reason", failure.getKey())
            .register(meters);
      }
    }
    for (Map.Entry<String, LongAdder> miss : misses.entrySet()) {
      if (metered.add("miss " + miss.getKey())) {
        FunctionCounter.builder("entrepot.misses", miss.getValue(), LongAdder::sum)
            .tag("kind", miss.getKey())
            .register(meters);
      }
    }
    return meters;
  }

  private static int number(BreakerState state) {
    return switch (state) {
      case CLOSED -> 0;
      case HALF_OPEN -> 1;
      case OPEN -> 2;
    };
  }
}
