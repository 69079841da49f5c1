package io.entrepot.store;

import io.entrepot.oci.Digest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** How much content there may be, and which goes when there is more. */
public final class Eviction {

  private final Store store;
  private final long maxSize;
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
   * Evicts where there is more than may stay, down to a little less, so that not every fetch has to
   * look for room. Blocks.
   */
  public void makeRoom() {
    if (store.contents().bytes() > maxSize) {
      evictTo(maxSize - maxSize / 20);
    }
  }

  /** Evicts what is more than may stay. Blocks. */
  public void enforce() {
    evictTo(maxSize);
  }

  /**
   * Removes the least useful content until at most {@code target} bytes are left: old before
   * recent, and of two equally old ones the larger, since it frees more for one fetch. What is
   * being read, is claimed or is known to a local repository stays.
   *
   * @return bytes freed
   */
  long evictTo(long target) {
    ContentIndex index = store.index();
    if (index.bytes() <= target) {
      return 0;
    }
    Set<Digest> kept = store.repositories().localReferences();
    long now = index.clock().wall().millis();
    record Candidate(Digest digest, double uselessness) {}
    List<Candidate> candidates = new ArrayList<>();
    index.forEach(
        (digest, entry) -> {
          if (!kept.contains(digest) && !entry.isNeeded(index.clock())) {
            // A clock that jumped must not make everything look a day old or unborn.
            double age = Math.max(1, now - entry.lastUsed());
            double weight = 1 + Math.log1p(entry.size() / 4096.0);
            candidates.add(new Candidate(digest, age * weight));
          }
        });
    candidates.sort(Comparator.comparingDouble(Candidate::uselessness).reversed());
    long before = index.bytes();
    for (Candidate candidate : candidates) {
      if (index.bytes() <= target) {
        break;
      }
      if (store.contents().removeUnused(candidate.digest())) {
        evictions.incrementAndGet();
      }
    }
    if (before > index.bytes()) {
      store.repositories().forgetEvicted();
    }
    return before - index.bytes();
  }
}
