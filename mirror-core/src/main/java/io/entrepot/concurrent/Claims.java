package io.entrepot.concurrent;

import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;

/**
 * Who brings what to which place, where several need the same: one claims it before the work
 * begins, the others learn the place at once and wait for the arrival when they need it. Safe for
 * any thread; {@link #await} blocks.
 *
 * @param <K> what is brought; needs {@code equals}
 * @param <P> where to
 */
public final class Claims<K, P> {

  private record Claim<P>(P place, CompletableFuture<Boolean> arrived) {}

  private final ConcurrentMap<K, Claim<P>> claims = new ConcurrentHashMap<>();

  /**
   * Claims {@code key} for a place.
   *
   * @return nothing where the claim is the caller's now, who must end it with {@link #arrived} or
   *     {@link #failed}; else the place of the claim that stands
   */
  public Optional<P> claim(K key, P place) {
    Claim<P> other = claims.putIfAbsent(key, new Claim<>(place, new CompletableFuture<>()));
    return Optional.ofNullable(other).map(Claim::place);
  }

  /** It is at the place for which it was claimed; the claim stands for good. */
  public void arrived(K key, P place) {
    Claim<P> claim = claims.get(key);
    if (claim != null && claim.place().equals(place)) {
      claim.arrived().complete(true);
    }
  }

  /** It will not come, or is not there after all: who waits learns it, and anyone may claim it. */
  public void failed(K key) {
    Claim<P> claim = claims.remove(key);
    if (claim != null) {
      claim.arrived().complete(false);
    }
  }

  /**
   * Waits until what another has claimed is there.
   *
   * @return false where it will not come
   * @throws CancellationException if this thread is interrupted; the interrupt is kept
   */
  public boolean await(K key) {
    Claim<P> claim = claims.get(key);
    if (claim == null) {
      return false;
    }
    try {
      return claim.arrived().get();
    } catch (InterruptedException e) {
      throw Parallel.interrupted();
    } catch (ExecutionException e) {
      throw Parallel.unchecked(e);
    }
  }
}
