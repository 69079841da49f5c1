package io.entrepot.proxy.pull;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Memory for pieces of content on their way to clients, in bytes. Who does not take its piece keeps
 * its place for a while, and less long when others need one: then those that stand still for
 * longest are cut.
 *
 * <p>Pieces begin small and grow with what a client has taken, as TCP's own window does. So who
 * reads nothing holds little, and thousands of them find room beside who reads.
 *
 * <p>Safe for any thread.
 */
public final class SendRoom {

  /** Somebody who sends pieces, one at a time. */
  public interface Sender {
    /** It has its place now; called on any thread. */
    void go();

    /** Its client takes nothing; called on any thread. */
    void giveUp();
  }

  private static final int SMALLEST = 16 << 10;
  private static final int LARGEST = 1 << 18;

  /** A part of what was taken so far: more than what the system buffers for a client. */
  private static final int GROWTH = 64;

  private static final long LOOK_MILLIS = 1_000;

  private record Place(long bytes, long since) {}

  private record Waiting(Sender sender, long bytes) {}

  private final long bytes;
  private final Duration patience;
  private final Duration limit;
  private final Map<Sender, Place> holders = new LinkedHashMap<>();
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private long held;
  private boolean looking;

  /**
   * @param bytes of all pieces
   * @param patience how long a client may take over a piece while others wait
   * @param limit how long it may take over one in any case
   */
  public SendRoom(long bytes, Duration patience, Duration limit) {
    this.bytes = bytes;
    this.patience = patience;
    this.limit = limit;
  }

  /**
   * How long the next piece of a client may be.
   *
   * @param taken bytes it has taken so far
   */
  public static int piece(long taken) {
    return Math.clamp(taken / GROWTH, SMALLEST, LARGEST);
  }

  /**
   * Takes a place for a piece.
   *
   * @return false where there is none; the sender is told when it has one
   */
  public boolean take(Sender sender, long length, Vertx timers) {
    boolean taken;
    boolean begin;
    synchronized (this) {
      taken = waiting.isEmpty() && fits(length);
      if (taken) {
        hold(sender, length);
      } else {
        waiting.add(new Waiting(sender, length));
      }
      begin = !looking;
      looking = true;
    }
    if (begin) {
      timers.setTimer(LOOK_MILLIS, unused -> look(timers));
    }
    return taken;
  }

  private boolean fits(long length) {
    return held + length <= bytes || holders.isEmpty();
  }

  private void hold(Sender sender, long length) {
    holders.put(sender, new Place(length, System.nanoTime()));
    held += length;
  }

  /** Gives the place back, if the sender has one. */
  public void giveBack(Sender sender) {
    List<Sender> next = new ArrayList<>();
    synchronized (this) {
      Place place = holders.remove(sender);
      if (place == null) {
        return;
      }
      held -= place.bytes();
      for (Waiting one = waiting.peek(); one != null && fits(one.bytes()); one = waiting.peek()) {
        waiting.remove();
        hold(one.sender(), one.bytes());
        next.add(one.sender());
      }
    }
    next.forEach(Sender::go);
  }

  /** Bytes that are held now. */
  public synchronized long held() {
    return held;
  }

  private void look(Vertx timers) {
    List<Sender> stalled;
    synchronized (this) {
      if (holders.isEmpty()) {
        looking = false;
        return;
      }
      stalled = stalled();
    }
    timers.setTimer(LOOK_MILLIS, unused -> look(timers));
    for (Sender each : stalled) {
      each.giveUp();
      giveBack(each);
    }
  }

  private List<Sender> stalled() {
    long now = System.nanoTime();
    List<Sender> stalled = new ArrayList<>();
    for (Map.Entry<Sender, Place> each : holders.entrySet()) {
      long stands = now - each.getValue().since();
      if (stands <= patience.toNanos()) {
        break;
      }
      if (stalled.size() < waiting.size() || stands > limit.toNanos()) {
        stalled.add(each.getKey());
      }
    }
    return stalled;
  }
}
