package io.entrepot.registry;

import io.entrepot.registry.auth.Origin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Which origins failed or said nothing lately. Such an origin is not refused, it is asked last: a
 * dead mirror does not delay what another endpoint has, and where there is no other nothing is
 * lost.
 *
 * <p>After a rest one request tries it in its own place again.
 */
final class EndpointHealth {

  /** Failures in a row after which an origin is asked last. */
  static final int TOLERATED = 3;

  /** How long it is asked last before one request tries it. */
  static final Duration REST = Duration.ofSeconds(30);

  private final Map<Origin, Breaker> breakers = new ConcurrentHashMap<>();
  private final Predicate<Origin> paused;
  private final LongSupplier nanoTime;

  /**
   * @param paused whether an origin asked to be left alone for a while
   * @param nanoTime a clock as {@link System#nanoTime}
   */
  EndpointHealth(Predicate<Origin> paused, LongSupplier nanoTime) {
    this.paused = paused;
    this.nanoTime = nanoTime;
  }

  /** The routes in the order in which to try them. */
  List<Route> order(List<Route> routes) {
    if (routes.size() < 2) {
      return routes;
    }
    List<Route> ordered = new ArrayList<>();
    List<Route> last = new ArrayList<>();
    for (Route route : routes) {
      (admits(route.origin()) ? ordered : last).add(route);
    }
    ordered.addAll(last);
    return ordered;
  }

  private boolean admits(Origin origin) {
    Breaker breaker = breakers.get(origin);
    return !paused.test(origin) && (breaker == null || breaker.admits(nanoTime.getAsLong()));
  }

  /** An origin answered, be it with a refusal. */
  void answered(Origin origin) {
    if (!breakers.isEmpty()) {
      breakers.remove(origin);
    }
  }

  /** An origin could not be reached, broke off or failed inside. */
  void failed(Origin origin) {
    failed(origin, 1);
  }

  /** An origin was waited for in vain: once is enough, for each time costs as long again. */
  void fellSilent(Origin origin) {
    failed(origin, TOLERATED);
  }

  private void failed(Origin origin, int times) {
    breakers.computeIfAbsent(origin, unused -> new Breaker()).failed(nanoTime.getAsLong(), times);
  }

  /** By origin. */
  Map<String, BreakerState> states() {
    Map<String, BreakerState> states = new TreeMap<>();
    breakers.forEach(
        (origin, breaker) -> states.put(origin.toString(), breaker.state(nanoTime.getAsLong())));
    return states;
  }

  private static final class Breaker {
    private int failures;
    private boolean open;
    private long restUntil;

    synchronized void failed(long now, int times) {
      failures += times;
      if (failures >= TOLERATED) {
        open = true;
        restUntil = now + REST.toNanos();
      }
    }

    /** True for one caller after each rest. */
    synchronized boolean admits(long now) {
      if (!open) {
        return true;
      }
      if (now - restUntil < 0) {
        return false;
      }
      restUntil = now + REST.toNanos();
      return true;
    }

    synchronized BreakerState state(long now) {
      if (!open) {
        return BreakerState.CLOSED;
      }
      return now - restUntil < 0 ? BreakerState.OPEN : BreakerState.HALF_OPEN;
    }
  }
}
