package io.entrepot.concurrent;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/** The same for many things at once, one virtual thread each; for callers that may wait. */
public final class Parallel {

  private Parallel() {}

  /**
   * Applies {@code work} to each item; results in the items' order.
   *
   * @throws RuntimeException the first failure in that order; all work has ended by then
   * @throws CancellationException if this thread is interrupted; the interrupt is kept
   */
  public static <T, R> List<R> map(Collection<T> items, Function<T, R> work) {
    if (items.size() == 1) {
      return List.of(work.apply(items.iterator().next()));
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<R>> futures = new ArrayList<>(items.size());
      for (T item : items) {
        futures.add(threads.submit(() -> work.apply(item)));
      }
      List<R> results = new ArrayList<>(items.size());
      for (Future<R> future : futures) {
        try {
          results.add(future.get());
        } catch (InterruptedException e) {
          threads.shutdownNow();
          throw interrupted();
        } catch (ExecutionException e) {
          threads.shutdownNow();
          throw unchecked(e.getCause() == null ? e : e.getCause());
        }
      }
      return results;
    }
  }

  /** As {@link #map}, at most as many at once as {@code slots} has. */
  public static <T, R> List<R> map(Collection<T> items, Semaphore slots, Function<T, R> work) {
    return map(
        items,
        item -> {
          acquire(slots);
          try {
            return work.apply(item);
          } finally {
            slots.release();
          }
        });
  }

  /** Takes a slot, and waits for one. An interrupt is kept and becomes a cancellation. */
  public static void acquire(Semaphore slots) {
    try {
      slots.acquire();
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  /** Awaiting a future throws {@link InterruptedException} undeclared: makes it a cancellation. */
  public static RuntimeException unchecked(Throwable failure) {
    return switch (failure) {
      case InterruptedException e -> interrupted();
      case RuntimeException e -> e;
      case Error e -> throw e;
      default -> new IllegalStateException(failure);
    };
  }

  /** What an interrupt of this thread becomes; the interrupt is kept. */
  public static CancellationException interrupted() {
    Thread.currentThread().interrupt();
    return new CancellationException("stopped");
  }
}
