package io.entrepot.proxy.handler;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Memory for pieces of stored content on their way to clients. Who does not take its piece keeps
 * its place only as long as nobody else needs one: then those that stand still for longest are cut.
 *
 * <p>Safe for any thread.
 */
final class SendRoom {

  /** Somebody who sends pieces. */
  interface Sender {
    /** There is room now; called on any thread. */
    void go();

    /** Its client takes nothing and others wait; called on any thread. */
    void giveUp();
  }

  private static final long LOOK_MILLIS = 1_000;

  private final int places;
  private final Duration patience;
  private final Map<Sender, Long> holders = new LinkedHashMap<>();
  private final Deque<Sender> waiting = new ArrayDeque<>();
  private boolean looking;

  /**
   * @param places pieces at a time
   * @param patience how long a client may take over a piece while others wait
   */
  SendRoom(int places, Duration patience) {
    this.places = places;
    this.patience = patience;
  }

  /**
   * Takes a place for a piece.
   *
   * @return false where there is none; the sender is told when there is
   */
  boolean take(Sender sender, Vertx timers) {
    synchronized (this) {
      if (holders.size() < places) {
        holders.put(sender, System.nanoTime());
        return true;
      }
      waiting.add(sender);
      if (looking) {
        return false;
      }
      looking = true;
    }
    timers.setTimer(LOOK_MILLIS, unused -> look(timers));
    return false;
  }

  /** Gives the place back. */
  void giveBack(Sender sender) {
    Sender next;
    synchronized (this) {
      if (holders.remove(sender) == null) {
        return;
      }
      next = waiting.poll();
    }
    if (next != null) {
      next.go();
    }
  }

  /** Passes a call on that its sender has no use for. */
  void pass() {
    Sender next;
    synchronized (this) {
      next = holders.size() < places ? waiting.poll() : null;
    }
    if (next != null) {
      next.go();
    }
  }

  /** Pieces that are held now. */
  synchronized int held() {
    return holders.size();
  }

  private void look(Vertx timers) {
    List<Sender> stalled;
    synchronized (this) {
      if (waiting.isEmpty()) {
        looking = false;
        return;
      }
      stalled = stalled(waiting.size());
    }
    timers.setTimer(LOOK_MILLIS, unused -> look(timers));
    for (Sender each : stalled) {
      each.giveUp();
      giveBack(each);
    }
  }

  private List<Sender> stalled(int most) {
    long now = System.nanoTime();
    return holders.entrySet().stream()
        .takeWhile(each -> now - each.getValue() > patience.toNanos())
        .limit(most)
        .map(Map.Entry::getKey)
        .toList();
  }
}
