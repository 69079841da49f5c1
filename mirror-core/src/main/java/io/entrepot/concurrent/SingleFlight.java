package io.entrepot.concurrent;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;

/**
 * One run for all who ask for the same key while it lasts. Results are not kept: a cache stands
 * beside it. Safe for any thread; never blocks.
 *
 * @param <K> what is asked for; needs {@code equals}
 * @param <V> the answer
 */
public final class SingleFlight<K, V> {

  private final ConcurrentMap<K, Future<V>> running = new ConcurrentHashMap<>();

  /**
   * The answer of the run that goes on for this key, or of a new one. Each caller gets it on the
   * context where it asked.
   *
   * @param start what to run; what it throws becomes a failure. A failure reaches all who wait and
   *     is forgotten then.
   */
  public Future<V> run(K key, Supplier<Future<V>> start) {
    return run(key, Optional::empty, start);
  }

  /**
   * As {@link #run(Object, Supplier)}, with a look into the caller's cache once nobody else can
   * begin a run: a caller that looked before may have missed the end of the last one.
   */
  public Future<V> run(K key, Supplier<Optional<V>> cached, Supplier<Future<V>> start) {
    Promise<V> promise = Promise.promise();
    Future<V> other = running.putIfAbsent(key, promise.future());
    if (other != null) {
      return onCallersContext(() -> other);
    }
    Future<V> run =
        attempt(
            () -> {
              Optional<V> present = cached.get();
              return present.isPresent() ? Future.succeededFuture(present.get()) : start.get();
            });
    run.onComplete(
        result -> {
          running.remove(key, promise.future());
          promise.handle(result);
        });
    return onCallersContext(promise::future);
  }

  /** Whether a run for this key goes on. */
  public boolean isRunning(K key) {
    return running.containsKey(key);
  }

  /** Done when the runs that go on now have ended, however they end; never fails. */
  public Future<Void> settled() {
    return Future.join(List.copyOf(running.values())).transform(done -> Future.succeededFuture());
  }

  /** How many runs go on. */
  public int running() {
    return running.size();
  }

  /** What {@code start} gives; what it throws becomes a failed future. */
  public static <V> Future<V> attempt(Supplier<Future<V>> start) {
    try {
      return start.get();
    } catch (RuntimeException | StackOverflowError failure) {
      return Future.failedFuture(failure);
    }
  }

  /**
   * A future that completes on the Vert.x context of the caller, wherever the work ends: a shared
   * run ends on the thread of whoever began it. Without a context it stays where it is.
   */
  public static <V> Future<V> onCallersContext(Supplier<Future<V>> start) {
    Context context = Vertx.currentContext();
    Future<V> future = attempt(start);
    if (context == null || future.isComplete()) {
      return future;
    }
    Promise<V> promise = Promise.promise();
    future.onComplete(result -> context.runOnContext(ignored -> promise.handle(result)));
    return promise.future();
  }
}
