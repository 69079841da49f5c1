package io.entrepot.concurrent;

import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * Work that is done once for a key, for callers that may wait: {@link SingleFlight}'s sibling for
 * virtual threads. Results are kept for good.
 *
 * @param <K> what the work is for; needs {@code equals}
 * @param <V> its result
 */
public final class Once<K, V> {

  private final ConcurrentMap<K, FutureTask<V>> runs = new ConcurrentHashMap<>();

  /**
   * The result for this key. The first caller does the work on its own thread; the others wait.
   *
   * @throws RuntimeException the failure of the work, for all who wait; it is not kept, and the
   *     next caller tries again
   * @throws CancellationException if this thread is interrupted; the interrupt is kept
   */
  public V get(K key, Supplier<V> work) {
    FutureTask<V> mine = new FutureTask<>(work::get);
    FutureTask<V> other = runs.putIfAbsent(key, mine);
    if (other == null) {
      mine.run();
    }
    FutureTask<V> run = other == null ? mine : other;
    try {
      return run.get();
    } catch (InterruptedException e) {
      throw Parallel.interrupted();
    } catch (ExecutionException e) {
      runs.remove(key, run);
      throw Parallel.unchecked(e.getCause() == null ? e : e.getCause());
    }
  }
}
