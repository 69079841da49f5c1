package io.entrepot.proxy.page;

import io.entrepot.oci.RegistryName;
import io.entrepot.proxy.metrics.UpstreamFailure;
import io.entrepot.registry.BreakerState;
import io.entrepot.registry.Endpoint;
import io.entrepot.registry.RateLimit;
import io.entrepot.registry.Upstream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How an upstream is.
 *
 * @param pullsLeft of its quota, as it said last; null where it said nothing
 * @param pullLimit the quota, or null
 * @param state {@code closed}: asked in its order; {@code half-open}: about to be tried again;
 *     {@code open}: failed, asked last; of several endpoints the best
 * @param lastError since the start, or null
 */
public record UpstreamState(
    String name,
    @Nullable Integer pullsLeft,
    @Nullable Integer pullLimit,
    String state,
    @Nullable String lastError,
    @Nullable Instant lastErrorAt,
    List<EndpointState> endpoints) {

  /** Copies the list. */
  public UpstreamState {
    endpoints = List.copyOf(endpoints);
  }

  /**
   * How one of its addresses is.
   *
   * @param address scheme, host and port
   */
  public record EndpointState(String address, String state) {}

  /** All upstreams by name. */
  public static List<UpstreamState> all(Sources sources) {
    Map<String, BreakerState> breakers = sources.client().breakers();
    return new TreeMap<>(sources.upstreams())
        .entrySet().stream()
            .map(each -> of(sources, each.getKey(), each.getValue(), breakers))
            .toList();
  }

  private static UpstreamState of(
      Sources sources, RegistryName name, Upstream upstream, Map<String, BreakerState> breakers) {
    RateLimit limit = sources.client().rateLimit(name).orElse(null);
    UpstreamFailure failure = sources.metrics().lastFailure(name);
    List<BreakerState> states =
        upstream.endpoints().stream().map(each -> state(each, breakers)).toList();
    return new UpstreamState(
        name.value(),
        limit == null ? null : limit.remaining(),
        limit == null ? null : limit.limit(),
        word(states.stream().min(BreakerState::compareTo).orElse(BreakerState.CLOSED)),
        failure == null ? null : failure.message(),
        failure == null ? null : failure.at(),
        upstream.endpoints().stream()
            .map(each -> new EndpointState(each.origin().toString(), word(state(each, breakers))))
            .toList());
  }

  private static BreakerState state(Endpoint endpoint, Map<String, BreakerState> breakers) {
    return breakers.getOrDefault(endpoint.origin().toString(), BreakerState.CLOSED);
  }

  private static String word(BreakerState state) {
    return switch (state) {
      case CLOSED -> "closed";
      case HALF_OPEN -> "half-open";
      case OPEN -> "open";
    };
  }
}
