package io.entrepot.registry;

import io.entrepot.registry.auth.Origin;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Pauses that hosts asked for: a 429 is meant for the whole host, not for one request. A pause that
 * is too long to be waited for is not waited for in part: the host is asked and says so again.
 */
final class Pauses {

  private final Vertx vertx;
  private final Duration longest;
  private final Map<Origin, Long> notBefore = new ConcurrentHashMap<>();

  /**
   * @param longest a longer pause is not waited for
   */
  Pauses(Vertx vertx, Duration longest) {
    this.vertx = vertx;
    this.longest = longest;
  }

  /** A host asked to be left alone. */
  void begin(Origin origin, Duration wait) {
    notBefore.merge(origin, System.nanoTime() + wait.toNanos(), Math::max);
  }

  /** Whether a host asked for a pause that is not over. */
  boolean isPaused(Origin origin) {
    Long until = notBefore.get(origin);
    return until != null && until - System.nanoTime() > 0;
  }

  /** Done when the host may be asked. */
  Future<Void> over(Origin origin) {
    Long until = notBefore.get(origin);
    if (until == null) {
      return Future.succeededFuture();
    }
    long millis = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
    if (millis <= 0) {
      notBefore.remove(origin, until);
      return Future.succeededFuture();
    }
    return millis > longest.toMillis() ? Future.succeededFuture() : vertx.timer(millis).mapEmpty();
  }
}
