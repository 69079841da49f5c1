package io.entrepot.registry;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/**
 * Tries again: transient failures only, with full-jitter backoff, the registry's own {@code
 * Retry-After} first.
 */
final class Retries {

  private final Vertx vertx;
  private final int attempts;
  private final ClientSettings.Backoff backoff;

  /**
   * @param attempts how often in all
   */
  Retries(Vertx vertx, int attempts, ClientSettings.Backoff backoff) {
    this.vertx = vertx;
    this.attempts = attempts;
    this.backoff = backoff;
  }

  /** Runs until it works or trying again makes no sense. */
  <T> Future<T> run(Supplier<Future<T>> attempt) {
    return run(attempt, 1);
  }

  private <T> Future<T> run(Supplier<Future<T>> attempt, int number) {
    return attempt
        .get()
        .recover(
            cause -> {
              if (isLast(number) || !worthRepeating(cause)) {
                return Future.failedFuture(cause);
              }
              return pause(number, cause).compose(waited -> run(attempt, number + 1));
            });
  }

  /** Whether no try follows this one, counted from 1. */
  boolean isLast(int number) {
    return number >= attempts;
  }

  /** Whether the same request, sent again soon, may fare better. */
  boolean worthRepeating(Throwable cause) {
    if (!(cause instanceof RegistryException failure)
        || failure.code() == ErrorCode.PULL_LIMIT
        || !failure.temporary()) {
      return false;
    }
    Duration asked = failure.retryAfter();
    return asked == null || asked.compareTo(backoff.retryAfter()) <= 0;
  }

  /** Waits before try number {@code number} + 1. */
  Future<Void> pause(int number, Throwable cause) {
    Duration asked = cause instanceof RegistryException failure ? failure.retryAfter() : null;
    long bound =
        Math.min(backoff.cap().toMillis(), backoff.base().toMillis() << Math.min(number - 1, 16));
    long jitter = ThreadLocalRandom.current().nextLong(Math.max(1, bound) + 1);
    long millis = asked == null ? jitter : asked.toMillis() + jitter / 4;
    return millis <= 0 ? Future.succeededFuture() : vertx.timer(millis).mapEmpty();
  }
}
