package io.entrepot.registry;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tries again: transient failures only, with full-jitter backoff, the registry's own {@code
 * Retry-After} first.
 */
final class Retries {

  private final Vertx vertx;
  private final int attempts;
  private final ClientSettings.Backoff backoff;
  private final LongSupplier nanoTime;

  /**
   * @param attempts how often in all
   * @param nanoTime a clock as {@link System#nanoTime}
   */
  Retries(Vertx vertx, int attempts, ClientSettings.Backoff backoff, LongSupplier nanoTime) {
    this.vertx = vertx;
    this.attempts = attempts;
    this.backoff = backoff;
    this.nanoTime = nanoTime;
  }

  /** How often and how long something was tried without getting on; one for each piece of work. */
  final class Tries {
    private int number;
    private long spentNanos;
    private long begun;

    private Tries() {}

    /** A try begins. */
    void begin() {
      number++;
      begun = nanoTime.getAsLong();
    }

    /** The last try got further than the one before, so that counting starts again with it. */
    void gotOn() {
      number = 1;
      spentNanos = 0;
      begun = nanoTime.getAsLong();
    }

    /** The last try failed: waits for the next one, or fails where none would make sense. */
    Future<Void> failed(Throwable cause) {
      return mayGoOn(cause, worthRepeating(cause)) ? pause(cause) : Future.failedFuture(cause);
    }

    /**
     * Whether another try follows one that failed; called once for each try.
     *
     * @param worthRepeating whether it may fare better
     */
    boolean mayGoOn(Throwable cause, boolean worthRepeating) {
      spentNanos += nanoTime.getAsLong() - begun;
      return number < attempts && worthRepeating && !isTooLate(cause);
    }

    /** Waits before the next try. */
    Future<Void> pause(Throwable cause) {
      return Retries.this.pause(number, cause);
    }

    private boolean isTooLate(Throwable cause) {
      return asked(cause) == null && spentNanos >= backoff.budget().toNanos();
    }
  }

  Tries tries() {
    return new Tries();
  }

  /** Runs until it works or trying again makes no sense. */
  <T> Future<T> run(Supplier<Future<T>> attempt) {
    return run(attempt, new Tries());
  }

  private <T> Future<T> run(Supplier<Future<T>> attempt, Tries tries) {
    tries.begin();
    return attempt
        .get()
        .recover(cause -> tries.failed(cause).compose(waited -> run(attempt, tries)));
  }

  /** Whether the same request, sent again soon, may fare better. */
  boolean worthRepeating(Throwable cause) {
    if (!(cause instanceof RegistryException failure)
        || failure.code() == ErrorCode.PULL_LIMIT
        || !failure.temporary()) {
      return false;
    }
    Duration asked = asked(cause);
    return asked == null || asked.compareTo(backoff.retryAfter()) <= 0;
  }

  private static @Nullable Duration asked(Throwable cause) {
    return cause instanceof RegistryException failure ? failure.retryAfter() : null;
  }

  private Future<Void> pause(int number, Throwable cause) {
    Duration asked = asked(cause);
    long bound =
        Math.min(backoff.cap().toMillis(), backoff.base().toMillis() << Math.min(number - 1, 16));
    long jitter = ThreadLocalRandom.current().nextLong(Math.max(1, bound) + 1);
    long millis = asked == null ? jitter : asked.toMillis() + jitter / 4;
    return millis <= 0 ? Future.succeededFuture() : vertx.timer(millis).mapEmpty();
  }
}
