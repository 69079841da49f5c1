package io.entrepot.store;

import io.entrepot.oci.Digest;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicLong;

/** How much content there may be, and which goes when there is more. */
public final class Eviction {

  /** Fetched content may have this part of the limit, whatever was pushed. */
  private static final int FETCHED_PART = 4;

  /** Candidates that are compared at a time. */
  private static final int AT_ONCE = 50_000;

  private static final Duration WARN_AGAIN = Duration.ofHours(1);
  private static final Logger LOG = System.getLogger(Eviction.class.getName());

  private final Store store;
  private final long maxSize;
  private volatile long pushed;
  private volatile boolean warned;
  private volatile long warnedNanos;
  private final AtomicLong evictions = new AtomicLong();

  /**
   * The policy for a store.
   *
   * @param maxSize bytes of content that may stay
   */
  public Eviction(Store store, long maxSize) {
    this.store = store;
    this.maxSize = maxSize;
  }

  /** Whether content of so many bytes may be kept at all. */
  public boolean admits(long size) {
    return size <= maxSize;
  }

  /** Content removed to make room, since the start. */
  public long evictions() {
    return evictions.get();
  }

  /**
   * Bytes of content that was pushed here, as they were when room was made last; 0 where none had
   * to be.
   */
  public long pushedBytes() {
    return pushed;
  }

  /**
   * Evicts where there is more than may stay, down to a little less, so that not every fetch has to
   * look for room. Blocks.
   */
  public void makeRoom() {
    // As long as not all content is known there is no saying what is the least useful.
    if (store.contents().isListed() && store.contents().bytes() > allowed()) {
      enforce(maxSize / 20);
    }
  }

  /** Evicts what is more than may stay. Blocks. */
  public void enforce() {
    enforce(0);
  }

  private void enforce(long spare) {
    if (store.contents().bytes() <= maxSize) {
      pushed = 0;
      return;
    }
    DigestSet kept = store.repositories().localReferences();
    AtomicLong bytes = new AtomicLong();
    store
        .index()
        .forEach(
            (digest, entry) -> {
              if (kept.contains(digest)) {
                bytes.addAndGet(entry.size());
              }
            });
    pushed = bytes.get();
    long allowed = allowed();
    if (allowed > maxSize) {
      warn();
    }
    evictTo(allowed - spare, kept);
  }

  /**
   * What was pushed is never evicted. Where it leaves less than a part of the limit, fetched
   * content may have that part nevertheless: else every pull would be a fetch.
   */
  private long allowed() {
    return Math.max(maxSize, pushed + maxSize / FETCHED_PART);
  }

  private void warn() {
    long now = store.index().clock().nanos().getAsLong();
    if (!warned || now - warnedNanos > WARN_AGAIN.toNanos()) {
      warned = true;
      warnedNanos = now;
      LOG.log(
          Level.WARNING,
          "{0} bytes were pushed and are never evicted; of maxSize ({1} bytes) too little is left"
              + " for what is fetched, so the store takes up to {2} bytes. A larger maxSize helps,"
              + " or removing images and then cache gc",
          pushed,
          maxSize,
          allowed());
    }
  }

  /**
   * Removes the least useful content until at most {@code target} bytes are left: old before
   * recent, and of two equally old ones the larger, since it frees more for one fetch. What is
   * being read, is claimed or is known to a local repository stays.
   *
   * @return bytes freed
   */
  long evictTo(long target) {
    return store.contents().bytes() <= target
        ? 0
        : evictTo(target, store.repositories().localReferences());
  }

  private long evictTo(long target, DigestSet kept) {
    ContentIndex index = store.index();
    long before = index.bytes();
    boolean more = true;
    while (more && index.bytes() > target) {
      List<Candidate> candidates = leastUseful(index, kept);
      boolean removed = false;
      for (Candidate candidate : candidates) {
        if (index.bytes() <= target) {
          break;
        }
        if (store.contents().removeUnused(candidate.digest())) {
          evictions.incrementAndGet();
          removed = true;
        }
      }
      more = removed && candidates.size() == AT_ONCE;
    }
    if (before > index.bytes()) {
      store.repositories().forgetEvicted();
    }
    return before - index.bytes();
  }

  private record Candidate(Digest digest, double uselessness) {}

  /** The least useful first, not more than memory is made for. */
  private static List<Candidate> leastUseful(ContentIndex index, DigestSet kept) {
    long now = index.clock().wall().millis();
    PriorityQueue<Candidate> found =
        new PriorityQueue<>(Comparator.comparingDouble(Candidate::uselessness));
    index.forEach(
        (digest, entry) -> {
          if (!kept.contains(digest) && !entry.isNeeded(index.clock())) {
            // A clock that jumped must not make everything look a day old or unborn.
            double age = Math.max(1, now - entry.lastUsed());
            double weight = 1 + Math.log1p(entry.size() / 4096.0);
            found.add(new Candidate(digest, age * weight));
            if (found.size() > AT_ONCE) {
              found.remove();
            }
          }
        });
    List<Candidate> sorted = new ArrayList<>(found);
    sorted.sort(Comparator.comparingDouble(Candidate::uselessness).reversed());
    return sorted;
  }
}
