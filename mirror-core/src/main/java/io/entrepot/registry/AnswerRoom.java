package io.entrepot.registry;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Memory for long answers that are read whole: lists and large manifests. Short ones take none; the
 * others wait for their turn while their connections are not read.
 *
 * <p>Safe for any thread.
 */
final class AnswerRoom {

  private record Waiting(long bytes, Promise<Void> turn) {}

  private final long bytes;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private long held;

  /**
   * @param bytes of all answers together; a longer one comes alone
   */
  AnswerRoom(long bytes) {
    this.bytes = bytes;
  }

  /** A share for what follows; takes nothing yet. */
  Share share(long length) {
    return new Share(length);
  }

  private boolean fits(long length) {
    return held == 0 || held + length <= bytes;
  }

  private synchronized Future<Void> take(long length) {
    if (waiting.isEmpty() && fits(length)) {
      held += length;
      return Future.succeededFuture();
    }
    Promise<Void> turn = Promise.promise();
    waiting.add(new Waiting(length, turn));
    return turn.future();
  }

  private void giveBack(long length) {
    List<Waiting> next = new ArrayList<>();
    synchronized (this) {
      held -= length;
      for (Waiting one = waiting.peek(); one != null && fits(one.bytes()); one = waiting.peek()) {
        waiting.remove();
        held += one.bytes();
        next.add(one);
      }
    }
    next.forEach(one -> one.turn().complete());
  }

  /** Bytes that are taken now. */
  synchronized long held() {
    return held;
  }

  /** What one answer, or the pages of one list, take; taken once and given back once. */
  final class Share {
    private final long length;
    private boolean asked;
    private boolean granted;
    private boolean ended;

    private Share(long length) {
      this.length = length;
    }

    /** Whether it was taken and is held. */
    synchronized boolean isHeld() {
      return granted && !ended;
    }

    /** Takes it; done when it is there. Asked for by one after the other. */
    Future<Void> take() {
      synchronized (this) {
        if (asked) {
          return Future.succeededFuture();
        }
        asked = true;
      }
      return AnswerRoom.this.take(length).onSuccess(turn -> granted());
    }

    private void granted() {
      boolean tooLate;
      synchronized (this) {
        granted = true;
        tooLate = ended;
      }
      if (tooLate) {
        giveBack(length);
      }
    }

    /** Gives it back; what comes too late goes back at once. */
    void end() {
      boolean back;
      synchronized (this) {
        back = granted && !ended;
        ended = true;
      }
      if (back) {
        giveBack(length);
      }
    }
  }
}
