package io.entrepot.store;

import io.entrepot.oci.Digest;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Files by digest: asking, reading, taking in and removing. Any thread. */
public final class Contents {

  private static final Logger LOG = System.getLogger(Contents.class.getName());
  private static final long TOUCH_EVERY_MILLIS = Duration.ofMinutes(10).toMillis();

  private final StoreLayout layout;
  private final ContentIndex index;
  private final StoreClock clock;
  private final Publisher publisher;
  private final Quarantine quarantine;
  private final DiskHealth disk;

  Contents(
      StoreLayout layout,
      ContentIndex index,
      Publisher publisher,
      Quarantine quarantine,
      DiskHealth disk) {
    this.layout = layout;
    this.index = index;
    this.clock = index.clock();
    this.publisher = publisher;
    this.quarantine = quarantine;
    this.disk = disk;
  }

  // ---------------------------------------------------------------- what is here

  /**
   * What is here under a digest; looks at memory only. Counts as a use, which makes it less likely
   * to be evicted; only {@link #claim} keeps it here for sure.
   */
  public Optional<StoredContent> find(Digest digest) {
    IndexEntry entry = index.entry(digest);
    return entry == null || !entry.use(clock)
        ? Optional.empty()
        : Optional.of(described(digest, entry));
  }

  /** Whether something is here under a digest; looks at memory only, and counts as a use. */
  public boolean has(Digest digest) {
    IndexEntry entry = index.entry(digest);
    return entry != null && entry.use(clock);
  }

  /**
   * What is here under a digest, kept from collectors for the grace, since a manifest that refers
   * to it may be on its way; looks at memory only.
   */
  public Optional<StoredContent> claim(Digest digest) {
    IndexEntry entry = index.entry(digest);
    return entry == null || !entry.claim(clock)
        ? Optional.empty()
        : Optional.of(described(digest, entry));
  }

  /**
   * As {@link #claim}, after a look at the size of the file: what is acknowledged then is there.
   * Blocks.
   */
  public Optional<StoredContent> claimOnDisk(Digest digest) {
    if (claim(digest).isEmpty()) {
      return Optional.empty();
    }
    Optional<Reading> reading = read(digest);
    if (reading.isPresent()) {
      try {
        reading.get().close();
      } catch (IOException e) {
        throw disk.failed("cannot read " + digest, e);
      }
    }
    return reading.isPresent() ? claim(digest) : Optional.empty();
  }

  /** What is here under a digest, without counting as a use. */
  public Optional<StoredContent> peek(Digest digest) {
    IndexEntry entry = index.peek(digest);
    return entry == null ? Optional.empty() : Optional.of(described(digest, entry));
  }

  /** When content was used last; empty where it is not here. */
  public Optional<Instant> lastUsed(Digest digest) {
    IndexEntry entry = index.peek(digest);
    return entry == null ? Optional.empty() : Optional.of(Instant.ofEpochMilli(entry.lastUsed()));
  }

  /** Whether it is being read, or was claimed or used within the grace. */
  boolean isRecent(Digest digest) {
    IndexEntry entry = index.peek(digest);
    return entry != null
        && (entry.isNeeded(clock)
            || clock.wall().millis() - entry.lastUsed() < IndexEntry.GRACE.toMillis());
  }

  /** Whether something is here, without counting as a use. */
  boolean isHere(Digest digest) {
    return index.peek(digest) != null;
  }

  /** The size of content whose hash this process computed; -1 where it did not. */
  long knownSize(Digest digest) {
    IndexEntry entry = index.peek(digest);
    return entry != null && entry.isVerified() ? entry.size() : -1;
  }

  /** All content, in no order. Waits until all of it is known. */
  public List<StoredContent> list() {
    List<StoredContent> list = new ArrayList<>();
    index.forEach((digest, entry) -> list.add(described(digest, entry)));
    return list;
  }

  /** Bytes of all content. Waits until all of it is known, which may take seconds. */
  public long bytes() {
    index.awaitListed();
    return index.bytes();
  }

  /** Bytes of what is known; looks at memory only. */
  public long bytesSoFar() {
    return index.bytes();
  }

  /** How many pieces of content. Waits as {@link #bytes}. */
  public int count() {
    index.awaitListed();
    return index.count();
  }

  /** How many pieces are known; looks at memory only. */
  public int countSoFar() {
    return index.count();
  }

  /** Whether all content is known. */
  public boolean isListed() {
    return index.isListed();
  }

  private static StoredContent described(Digest digest, IndexEntry entry) {
    return new StoredContent(digest, entry.size(), entry.isVerified());
  }

  // ---------------------------------------------------------------- reading

  /** Whether {@link #touch} has something to do; looks at memory only. */
  public boolean isTouchDue(Digest digest) {
    IndexEntry entry = index.entry(digest);
    return entry != null && clock.wall().millis() - entry.touched() >= TOUCH_EVERY_MILLIS;
  }

  /**
   * Sets the file's time to that of this use, so that collectors of a later process know of it;
   * cheap where that was done lately. Blocks.
   */
  public void touch(Digest digest) {
    IndexEntry entry = index.entry(digest);
    if (entry == null || !isTouchDue(digest)) {
      return;
    }
    long now = clock.wall().millis();
    entry.touch(now);
    try {
      Files.setLastModifiedTime(layout.blob(digest), FileTime.fromMillis(now));
    } catch (NoSuchFileException e) {
      LOG.log(Level.DEBUG, "{0} went away", digest);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cannot note the use of " + digest, e);
    }
  }

  /**
   * Opens content for reading; it stays until that is closed. Its size is compared with what was
   * stored; content of another size is set aside. Blocks.
   *
   * @return empty where it is not here (any more)
   */
  public Optional<Reading> read(Digest digest) {
    IndexEntry entry = index.entry(digest);
    if (entry == null || !entry.beginReading()) {
      return Optional.empty();
    }
    Reading reading = null;
    try {
      reading =
          new Reading(
              digest, FileChannel.open(layout.blob(digest), StandardOpenOption.READ), entry);
      long found = reading.channel().size();
      if (found == entry.size()) {
        return Optional.of(reading);
      }
      reading.close();
      setAside(reading, "it has %d bytes instead of %d".formatted(found, entry.size()));
      return Optional.empty();
    } catch (NoSuchFileException e) {
      if (index.forget(digest, entry)) {
        quarantine.vanished(digest);
      }
      return Optional.empty();
    } catch (IOException e) {
      throw disk.failed("cannot open " + digest, e);
    } finally {
      if (reading == null) {
        entry.endReading();
      }
    }
  }

  /**
   * Reads small content whole, checking size and hash. Blocks.
   *
   * @throws StoreException IO if it is longer than {@code limit} bytes
   */
  public Optional<byte[]> readAll(Digest digest, int limit) {
    Optional<Reading> opened = read(digest);
    if (opened.isEmpty()) {
      return Optional.empty();
    }
    Reading reading = opened.get();
    byte[] content;
    try (reading) {
      FileChannel channel = reading.channel();
      if (channel.size() > limit) {
        throw new StoreException(
            StoreException.Reason.IO, digest + " is longer than " + limit + " bytes", null);
      }
      ByteBuffer buffer = ByteBuffer.allocate((int) channel.size());
      while (buffer.hasRemaining() && channel.read(buffer, buffer.position()) >= 0) {}
      content = buffer.array();
    } catch (IOException e) {
      throw disk.failed("cannot read " + digest, e);
    }
    if (!Digest.of(digest.algorithm(), content).equals(digest)) {
      setAside(reading, "its bytes changed");
      return Optional.empty();
    }
    reading.markVerified();
    return Optional.of(content);
  }

  /**
   * Takes note of how long content should be. A file that this process did not hash yet and that
   * has another size is hashed now, and set aside where it is wrong. Blocks in that case only.
   *
   * @param size bytes, as a manifest or a link says; a manifest may be wrong too
   */
  void expectSize(Digest digest, long size) {
    IndexEntry entry = index.peek(digest);
    if (entry != null && !entry.isVerified() && entry.size() != size) {
      boolean right = verify(digest);
      LOG.log(
          right ? Level.DEBUG : Level.WARNING,
          "{0} has {1} bytes where {2} were expected",
          digest,
          entry.size(),
          size);
    }
  }

  /**
   * Hashes content. Blocks for as long as it takes to read the file.
   *
   * @return false where its bytes were wrong or the file is not what the index says; it is set
   *     aside then
   */
  public boolean verify(Digest digest) {
    Optional<Reading> opened = read(digest);
    if (opened.isEmpty()) {
      // Absent is fine when it was evicted meanwhile; wrong sizes were counted by read().
      return Files.notExists(layout.blob(digest)) && index.peek(digest) == null;
    }
    Reading reading = opened.get();
    try (reading) {
      if (FileHash.digest(reading.channel(), digest.algorithm()).equals(digest)) {
        reading.markVerified();
        return true;
      }
    } catch (IOException e) {
      throw disk.failed("cannot read " + digest, e);
    }
    setAside(reading, "its bytes changed");
    return false;
  }

  /** As {@link #verify}; a file that nobody uses and that is right gets no entry by it. */
  boolean scrub(Digest digest) {
    return (index.isIdle(digest) && isRight(digest)) || verify(digest);
  }

  /** Whether a file that nobody uses is right. */
  private boolean isRight(Digest digest) {
    try (FileChannel channel = FileChannel.open(layout.blob(digest), StandardOpenOption.READ)) {
      return FileHash.digest(channel, digest.algorithm()).equals(digest);
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw disk.failed("cannot read " + digest, e);
    }
  }

  // ---------------------------------------------------------------- taking in

  /** Starts taking in content that could be had again: it may be evicted at any time. */
  public Ingest begin(Digest.Algorithm algorithm) {
    return begin(algorithm, false);
  }

  /** As {@link #begin}, of content that the caller hashes and {@link Ingest#commitVerified}s. */
  public Ingest beginVerified() {
    return begin(null, false);
  }

  private Ingest begin(Digest.@Nullable Algorithm algorithm, boolean claimed) {
    return Ingest.create(
        publisher, layout.temporary().resolve(UUID.randomUUID().toString()), algorithm, claimed);
  }

  /**
   * Keeps small content that is being pushed, durable when this returns, and claims it. What is
   * here already is read and compared, so that a file whose bytes went bad heals.
   */
  public StoredContent put(Digest digest, byte[] content) {
    return put(digest, ByteBuffer.wrap(content), true);
  }

  StoredContent put(Digest digest, ByteBuffer content, boolean claimed) {
    int length = content.remaining();
    Optional<StoredContent> present = claimed ? claim(digest) : find(digest);
    if (present.isPresent() && readAll(digest, length).isPresent()) {
      return new StoredContent(digest, length, true);
    }
    Ingest ingest = begin(digest.algorithm(), claimed);
    try {
      ingest.write(content);
      return ingest.commit(digest, length);
    } finally {
      ingest.abort();
    }
  }

  // ---------------------------------------------------------------- removing

  /** Removes content now, unless it is being read or was claimed within the grace. Blocks. */
  public boolean removeUnused(Digest digest) {
    synchronized (index.stripe(digest)) {
      IndexEntry entry = index.entry(digest);
      if (entry == null || !entry.retire(clock)) {
        return false;
      }
      index.forget(digest, entry);
      try {
        DurableFiles.delete(layout.blob(digest));
        return true;
      } catch (IOException e) {
        throw disk.failed("cannot remove " + digest, e);
      }
    }
  }

  /**
   * Sets the file aside that a reader found bad, so that the content can be fetched or pushed
   * again. Content that took its place meanwhile stays. Blocks.
   */
  public void setAside(Reading reading, String why) {
    Digest digest = reading.digest();
    synchronized (index.stripe(digest)) {
      if (index.forget(digest, reading.entry())) {
        quarantine.take(digest, why);
      }
    }
  }
}
