package io.entrepot.proxy.metrics;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Hits and misses of the last hour by the minute. Any thread. */
public final class History {

  private static final int MINUTES = 60;

  /** What happened within a minute. */
  public record Minute(long hits, long misses) {
    /** Both. */
    public long requests() {
      return hits + misses;
    }
  }

  private final Deque<Minute> minutes = new ArrayDeque<>();
  private long current = Long.MIN_VALUE;
  private long hits;
  private long misses;
  private long hitsBefore;
  private long missesBefore;

  /**
   * Notes what the counters say now.
   *
   * @param seconds of a clock that does not jump
   */
  synchronized void note(long seconds, long hitsNow, long missesNow) {
    long minute = Math.floorDiv(seconds, 60);
    if (current == Long.MIN_VALUE) {
      current = minute;
    }
    while (current < minute) {
      // What came since the last note counts for the minute in which that note was.
      minutes.addLast(new Minute(hits - hitsBefore, misses - missesBefore));
      hitsBefore = hits;
      missesBefore = misses;
      // After a sleep of days nothing older than an hour is of interest.
      current = Math.max(current + 1, minute - MINUTES);
      while (minutes.size() >= MINUTES) {
        minutes.removeFirst();
      }
    }
    hits = hitsNow;
    misses = missesNow;
  }

  /** Sixty minutes, the oldest first; the last one is not over. */
  public synchronized List<Minute> lastHour() {
    List<Minute> all = new ArrayList<>();
    for (int i = minutes.size(); i < MINUTES - 1; i++) {
      all.add(new Minute(0, 0));
    }
    all.addAll(minutes);
    all.add(new Minute(hits - hitsBefore, misses - missesBefore));
    return all;
  }
}
