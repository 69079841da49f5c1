package io.entrepot.store;

import io.entrepot.oci.Digest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What memory knows of the store's files, by digest. Any thread.
 *
 * <p>The files of earlier processes are entered shard by shard while the store is used already; a
 * file of a shard that was not listed yet is looked at when somebody asks for it. Files that nobody
 * asked for since the start are packed; the others have an entry each.
 */
final class ContentIndex {

  /** As many as the first byte of a digest has values. */
  static final int SHARDS = 256;

  private final StoreClock clock;
  private final FileLook files;
  private final Map<Digest, IndexEntry> active = new ConcurrentHashMap<>();
  private final AtomicReferenceArray<@Nullable PackedShard> packed =
      new AtomicReferenceArray<>(SHARDS);

  /** Files that are removed, or were, before their shard was listed. */
  private final Set<Digest> removed = ConcurrentHashMap.newKeySet();

  private final AtomicInteger idle = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();
  private final Object[] stripes = new Object[SHARDS];
  private final CountDownLatch listed = new CountDownLatch(1);
  private volatile @Nullable StoreException failure;

  ContentIndex(StoreClock clock, FileLook files) {
    this.clock = clock;
    this.files = files;
    Arrays.setAll(stripes, index -> new Object());
  }

  StoreClock clock() {
    return clock;
  }

  private static int shard(Digest digest) {
    return Integer.parseInt(digest.shortHex(2), 16);
  }

  /**
   * What a thread holds while it changes the file of a digest and its entry, so that a removal
   * never meets a newer file. One for each 256th part of the digests.
   */
  Object stripe(Digest digest) {
    return stripes[shard(digest)];
  }

  Object stripe(int shard) {
    return stripes[shard];
  }

  // ---------------------------------------------------------------- questions

  /** The entry of a file, to work with. Looks at the disk only where the shard is not listed. */
  @Nullable IndexEntry entry(Digest digest) {
    IndexEntry present = active.get(digest);
    if (present != null) {
      return present;
    }
    PackedShard shard = packedFor(digest);
    if (shard == null) {
      return isListed() ? active.get(digest) : active.computeIfAbsent(digest, this::lookedAt);
    }
    int index = shard.find(digest);
    return index < 0
        ? active.get(digest)
        : active.computeIfAbsent(digest, key -> unpacked(shard, index));
  }

  /** What is known of a file, without entering it among those that are used; not to be changed. */
  @Nullable IndexEntry peek(Digest digest) {
    IndexEntry present = active.get(digest);
    if (present != null) {
      return present;
    }
    PackedShard shard = packedFor(digest);
    if (shard == null) {
      return isListed() || removed.contains(digest) ? active.get(digest) : look(digest);
    }
    int index = shard.find(digest);
    if (index < 0) {
      return active.get(digest);
    }
    // Whoever took it out may be about to enter it.
    return shard.isTaken(index) ? active.computeIfAbsent(digest, key -> null) : copy(shard, index);
  }

  /** Whether nobody asked for a file since the start. */
  boolean isIdle(Digest digest) {
    return !active.containsKey(digest);
  }

  private @Nullable PackedShard packedFor(Digest digest) {
    return digest.algorithm() == Digest.Algorithm.SHA256 ? packed.get(shard(digest)) : null;
  }

  /** Under the map's lock for this digest, as everything that takes a packed entry out. */
  private @Nullable IndexEntry lookedAt(Digest digest) {
    PackedShard shard = packedFor(digest);
    if (shard != null) {
      int index = shard.find(digest);
      return index < 0 ? null : unpacked(shard, index);
    }
    IndexEntry found = removed.contains(digest) ? null : look(digest);
    if (found != null) {
      bytes.addAndGet(found.size());
    }
    return found;
  }

  private @Nullable IndexEntry unpacked(PackedShard shard, int index) {
    if (!shard.take(index)) {
      return null;
    }
    idle.decrementAndGet();
    return copy(shard, index);
  }

  private static IndexEntry copy(PackedShard shard, int index) {
    return new IndexEntry(shard.size(index), shard.lastUsed(index), false);
  }

  private @Nullable IndexEntry look(Digest digest) {
    PackedShard.Found found = files.at(digest);
    return found == null || FileLook.isEmptied(found)
        ? null
        : new IndexEntry(found.size(), found.lastUsed(), false);
  }

  // ---------------------------------------------------------------- changes

  /** Enters a file; what an earlier entry was claimed for stays claimed. */
  void put(Digest digest, IndexEntry entry) {
    active.compute(
        digest,
        (key, previous) -> {
          long before = 0;
          if (previous != null) {
            entry.inherit(previous);
            before = previous.size();
          } else {
            before = takenOut(key);
          }
          bytes.addAndGet(entry.size() - before);
          removed.remove(key);
          return entry;
        });
  }

  /** Takes a packed entry out for good; its size, or 0 where there is none. */
  private long takenOut(Digest digest) {
    PackedShard shard = packedFor(digest);
    int index = shard == null ? -1 : shard.find(digest);
    if (shard == null || index < 0 || !shard.take(index)) {
      return 0;
    }
    idle.decrementAndGet();
    return shard.size(index);
  }

  /** Forgets this entry; false where another took its place, or none is left. */
  boolean forget(Digest digest, IndexEntry entry) {
    boolean[] forgotten = {false};
    active.computeIfPresent(
        digest,
        (key, present) -> {
          if (present != entry) {
            return present;
          }
          if (!isListed()) {
            removed.add(key);
          }
          bytes.addAndGet(-entry.size());
          forgotten[0] = true;
          return null;
        });
    return forgotten[0];
  }

  // ---------------------------------------------------------------- listing

  /** Enters the files of a shard; the caller holds its stripe, and held it while it listed. */
  void enter(int shard, List<PackedShard.Found> found) {
    List<PackedShard.Found> packable = new ArrayList<>(found.size());
    for (PackedShard.Found file : found) {
      if (isPackable(file)) {
        packable.add(file);
      } else {
        enterAlone(file);
      }
    }
    PackedShard listedNow = PackedShard.of(packable);
    idle.addAndGet(listedNow.count());
    bytes.addAndGet(packable.stream().mapToLong(PackedShard.Found::size).sum());
    packed.set(shard, listedNow);
    for (PackedShard.Found file : packable) {
      // Those that came in, or that somebody asked for, before this shard was known.
      active.computeIfPresent(
          file.digest(),
          (key, entry) -> {
            bytes.addAndGet(-takenOut(key));
            return entry;
          });
    }
    removed.removeIf(digest -> shard(digest) == shard && isSha256(digest));
  }

  private void enterAlone(PackedShard.Found file) {
    active.computeIfAbsent(
        file.digest(),
        key -> {
          bytes.addAndGet(file.size());
          return new IndexEntry(file.size(), file.lastUsed(), false);
        });
  }

  private static boolean isPackable(PackedShard.Found file) {
    return isSha256(file.digest()) && file.size() <= PackedShard.MAX_SIZE;
  }

  private static boolean isSha256(Digest digest) {
    return digest.algorithm() == Digest.Algorithm.SHA256;
  }

  /** All shards are entered, or cannot be. */
  void listed(@Nullable StoreException cause) {
    failure = cause;
    listed.countDown();
    if (cause == null) {
      removed.clear();
    }
  }

  /** Whether every file has been entered; what is counted is exact from then on. */
  boolean isListed() {
    return listed.getCount() == 0 && failure == null;
  }

  /**
   * Waits until every file has been entered.
   *
   * @throws StoreException where that failed
   */
  void awaitListed() {
    boolean interrupted = false;
    while (listed.getCount() > 0) {
      try {
        listed.await();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    StoreException cause = failure;
    if (cause != null) {
      throw cause;
    }
  }

  // ---------------------------------------------------------------- all of it

  /** Shows what is here; entries are not to be changed. Waits until every file is entered. */
  void forEach(BiConsumer<Digest, IndexEntry> action) {
    awaitListed();
    active.forEach(action);
    for (int i = 0; i < SHARDS; i++) {
      PackedShard shard = packed.get(i);
      for (int index = 0; shard != null && index < shard.count(); index++) {
        if (!shard.isTaken(index)) {
          action.accept(shard.digest(index), copy(shard, index));
        }
      }
    }
  }

  /** Bytes of the content that has been entered. */
  long bytes() {
    return bytes.get();
  }

  /** How much content has been entered. */
  int count() {
    return active.size() + idle.get();
  }
}
