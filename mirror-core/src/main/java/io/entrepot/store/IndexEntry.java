package io.entrepot.store;

import java.time.Duration;

/** What memory knows of one file. Any thread. */
final class IndexEntry {

  /**
   * How long content that was just pushed, or is about to be pushed, is safe from collectors. A
   * push may take so long between two of its requests.
   */
  static final Duration GRACE = Duration.ofHours(6);

  private static final long USE_AGAIN_MILLIS = 1_000;

  private final long size;
  private volatile long lastUsed;
  private volatile long touched;
  private volatile boolean verified;
  private long claimedNanos;
  private boolean claimed;
  private int readers;
  private boolean retired;

  /**
   * @param size bytes
   * @param lastUsed milliseconds since 1970
   * @param verified whether this process computed the hash
   */
  IndexEntry(long size, long lastUsed, boolean verified) {
    this.size = size;
    this.lastUsed = lastUsed;
    this.touched = lastUsed;
    this.verified = verified;
  }

  long size() {
    return size;
  }

  long lastUsed() {
    return lastUsed;
  }

  /** When the file's time was set last. */
  long touched() {
    return touched;
  }

  void touch(long millis) {
    touched = millis;
  }

  boolean isVerified() {
    return verified;
  }

  void markVerified() {
    verified = true;
  }

  /** Notes a use; false where a collector was faster. */
  boolean use(StoreClock clock) {
    long now = clock.wall().millis();
    // Once a second is often enough; it keeps the hot path free of the lock.
    if (Math.abs(now - lastUsed) < USE_AGAIN_MILLIS) {
      return true;
    }
    synchronized (this) {
      lastUsed = now;
      return !retired;
    }
  }

  /** Keeps collectors away for the grace; false where one was faster. */
  synchronized boolean claim(StoreClock clock) {
    claimedNanos = clock.nanos().getAsLong();
    claimed = true;
    lastUsed = clock.wall().millis();
    return !retired;
  }

  synchronized boolean beginReading() {
    if (retired) {
      return false;
    }
    readers++;
    return true;
  }

  synchronized void endReading() {
    readers--;
  }

  /** Takes over the claim of the entry that this one replaces. */
  void inherit(IndexEntry previous) {
    boolean kept;
    long since;
    synchronized (previous) {
      kept = previous.claimed;
      since = previous.claimedNanos;
    }
    synchronized (this) {
      if (kept && !claimed) {
        claimed = true;
        claimedNanos = since;
      }
    }
  }

  /** Whether the file is being read, or was claimed within the grace. */
  synchronized boolean isNeeded(StoreClock clock) {
    return readers > 0 || (claimed && clock.isWithin(GRACE, claimedNanos));
  }

  /** Ends the entry; from here on nothing can use, claim or read it. False where it is needed. */
  synchronized boolean retire(StoreClock clock) {
    if (retired || isNeeded(clock)) {
      return false;
    }
    retired = true;
    return true;
  }
}
