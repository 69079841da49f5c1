package io.entrepot.store;

import io.entrepot.oci.Digest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** What memory knows of the store's files, by digest. Any thread; touches no disk. */
final class ContentIndex {

  private final StoreClock clock;
  private final Map<Digest, IndexEntry> entries = new ConcurrentHashMap<>();
  private final AtomicLong bytes = new AtomicLong();
  private final Object[] stripes = new Object[256];

  ContentIndex(StoreClock clock) {
    this.clock = clock;
    Arrays.setAll(stripes, index -> new Object());
  }

  StoreClock clock() {
    return clock;
  }

  @Nullable IndexEntry entry(Digest digest) {
    return entries.get(digest);
  }

  /** Whether content is being read, or was claimed within the grace. */
  boolean isNeeded(Digest digest) {
    IndexEntry entry = entries.get(digest);
    return entry != null && entry.isNeeded(clock);
  }

  /** Enters a file; what an earlier entry was claimed for stays claimed. */
  void put(Digest digest, IndexEntry entry) {
    IndexEntry previous = entries.put(digest, entry);
    if (previous != null) {
      entry.inherit(previous);
    }
    bytes.addAndGet(entry.size() - (previous == null ? 0 : previous.size()));
  }

  /** Forgets this entry; false where another took its place, or none is left. */
  boolean forget(Digest digest, IndexEntry entry) {
    boolean removed = entries.remove(digest, entry);
    if (removed) {
      bytes.addAndGet(-entry.size());
    }
    return removed;
  }

  /**
   * What a thread holds while it changes the file of a digest and its entry, so that a removal
   * never meets a newer file. One for each 256th part of the digests.
   */
  Object stripe(Digest digest) {
    return stripes[Integer.parseInt(digest.shortHex(2), 16)];
  }

  /** The digests that are here now. */
  List<Digest> digests() {
    return List.copyOf(entries.keySet());
  }

  void forEach(BiConsumer<Digest, IndexEntry> action) {
    entries.forEach(action);
  }

  /** Bytes of all content. */
  long bytes() {
    return bytes.get();
  }

  int count() {
    return entries.size();
  }
}
