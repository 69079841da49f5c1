package io.entrepot.proxy.pull;

import io.entrepot.oci.RegistryName;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * How many blobs are fetched at a time, from each upstream and from all; the others wait for their
 * turn. Fewer than a client's connections to a host, so that manifests never wait behind blobs.
 *
 * <p>Safe for any thread.
 */
final class FetchSlots {

  private record Waiting(RegistryName upstream, Promise<Void> turn) {}

  private final int each;
  private final int all;
  private final Map<RegistryName, Integer> running = new HashMap<>();
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private int total;

  /**
   * @param each fetches from one upstream at a time
   * @param all fetches from all upstreams at a time
   */
  FetchSlots(int each, int all) {
    this.each = each;
    this.all = all;
  }

  /** Done when it is the caller's turn; {@link #release} gives the slot to the next. */
  synchronized Future<Void> acquire(RegistryName upstream) {
    if (isFree(upstream)) {
      take(upstream);
      return Future.succeededFuture();
    }
    Promise<Void> turn = Promise.promise();
    waiting.add(new Waiting(upstream, turn));
    return turn.future();
  }

  /** Whether a fetch from this upstream waits for its turn. */
  synchronized boolean isContended(RegistryName upstream) {
    return total >= all
        ? !waiting.isEmpty()
        : waiting.stream().anyMatch(each -> each.upstream().equals(upstream));
  }

  /** Gives a slot back. */
  void release(RegistryName upstream) {
    Waiting next;
    synchronized (this) {
      total--;
      running.computeIfPresent(upstream, (name, count) -> count == 1 ? null : count - 1);
      next = waiting.stream().filter(one -> isFree(one.upstream())).findFirst().orElse(null);
      if (next != null) {
        waiting.remove(next);
        take(next.upstream());
      }
    }
    if (next != null) {
      next.turn().complete();
    }
  }

  private boolean isFree(RegistryName upstream) {
    return total < all && running.getOrDefault(upstream, 0) < each;
  }

  private void take(RegistryName upstream) {
    total++;
    running.merge(upstream, 1, Integer::sum);
  }
}
