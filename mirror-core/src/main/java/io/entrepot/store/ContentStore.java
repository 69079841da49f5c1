package io.entrepot.store;

import io.entrepot.oci.Digest;
import io.entrepot.oci.MalformedException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Files named by their digest, below one directory that belongs to one process.
 *
 * <pre>
 * VERSION                     the layout's number
 * LOCK                        held while a process uses the directory
 * blobs/sha256/ab/abcd…       content: layers, configurations, manifests
 * local/NAME/_manifests|_tags|_blobs      what was pushed here
 * upstream/HOST/NAME/…        what was fetched from elsewhere
 * uploads/ID/                 uploads that can go on
 * ingest/                     temporary files, emptied at start
 * quarantine/                 content whose bytes went bad
 * </pre>
 */
public final class ContentStore implements AutoCloseable {

  /** How long content that was just pushed, or is about to be pushed, is safe from collectors. */
  public static final Duration GRACE = Duration.ofMinutes(15);

  /** Bytes of the disk that pushes leave free, for what reads and deletions have to write. */
  private static final long HEADROOM = 64L << 20;

  /** On a small disk they leave this part of it. */
  private static final int HEADROOM_PART = 16;

  private static final Logger LOG = System.getLogger(ContentStore.class.getName());
  private static final String VERSION = "entrepot store 1";
  private static final int CHUNK = 1 << 17;
  private static final long TOUCH_EVERY_MILLIS = Duration.ofMinutes(10).toMillis();

  private final Path root;
  private final FileChannel lockChannel;
  private final Map<Digest, Entry> entries = new ConcurrentHashMap<>();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong evictions = new AtomicLong();
  private final AtomicLong corruptions = new AtomicLong();
  private final Object[] stripes = new Object[256];
  private final Repositories repositories;
  private volatile @Nullable StoreException trouble;

  private ContentStore(Path root, FileChannel lockChannel) {
    this.root = root;
    this.lockChannel = lockChannel;
    Arrays.setAll(stripes, index -> new Object());
    this.repositories = new Repositories(this, root);
  }

  /**
   * Opens or creates a store and takes it for this process. Left-over temporary files are removed;
   * no content is read.
   *
   * @throws StoreException LOCKED, FORMAT or IO, with what to do about it
   */
  public static ContentStore open(Path directory) {
    Path root = directory.toAbsolutePath().normalize();
    try {
      DurableFiles.createDirectories(root);
      FileChannel channel =
          FileChannel.open(
              root.resolve("LOCK"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      boolean opened = false;
      try {
        lock(channel, root);
        checkVersion(root);
        for (String name : List.of("blobs", "local", "upstream", "uploads", "quarantine")) {
          DurableFiles.createDirectories(root.resolve(name));
        }
        Path temporary = root.resolve("ingest");
        removeTree(temporary);
        DurableFiles.createDirectories(temporary);
        ContentStore store = new ContentStore(root, channel);
        store.scan();
        opened = true;
        return store;
      } finally {
        if (!opened) {
          channel.close();
        }
      }
    } catch (IOException e) {
      throw DurableFiles.failure("cannot use the store in " + root, e);
    }
  }

  private static void lock(FileChannel channel, Path root) throws IOException {
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw new StoreException(
          StoreException.Reason.LOCKED,
          "another process uses the store in %s; stop it or name another directory".formatted(root),
          null);
    }
  }

  private static void checkVersion(Path root) throws IOException {
    Path file = root.resolve("VERSION");
    Optional<String> version = DurableFiles.read(file);
    if (version.isPresent() && !version.get().equals(VERSION)) {
      throw new StoreException(
          StoreException.Reason.FORMAT,
          "the store in %s says '%s'; this program reads '%s'"
              .formatted(root, version.get(), VERSION),
          null);
    }
    if (version.isEmpty()) {
      try (DirectoryStream<Path> found = Files.newDirectoryStream(root)) {
        for (Path path : found) {
          if (!Set.of("LOCK", "ingest", "control.sock").contains(path.getFileName().toString())) {
            throw new StoreException(
                StoreException.Reason.FORMAT,
                "%s is not empty and has no VERSION file: not a store".formatted(root),
                null);
          }
        }
      }
      DurableFiles.createDirectories(root.resolve("ingest"));
      DurableFiles.write(root.resolve("ingest"), file, VERSION + "\n");
    }
  }

  private void scan() throws IOException {
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      Path blobs = root.resolve("blobs").resolve(algorithm.prefix());
      DurableFiles.createDirectories(blobs);
      try (DirectoryStream<Path> shards = Files.newDirectoryStream(blobs)) {
        for (Path shard : shards) {
          if (Files.isDirectory(shard)) {
            scanShard(algorithm, shard);
          } else {
            LOG.log(Level.WARNING, "{0} is not content and is left alone", shard);
          }
        }
      }
    }
  }

  private void scanShard(Digest.Algorithm algorithm, Path shard) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(shard)) {
      for (Path file : files) {
        Digest digest;
        try {
          digest = new Digest(algorithm, file.getFileName().toString());
        } catch (MalformedException e) {
          LOG.log(Level.WARNING, "{0} is not content and is left alone", file);
          continue;
        }
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        Entry entry = new Entry(attributes.size(), attributes.lastModifiedTime().toMillis(), false);
        entries.put(digest, entry);
        bytes.addAndGet(entry.size);
      }
    }
  }

  /** The directory. */
  public Path root() {
    return root;
  }

  /** Which repositories know which content. */
  public Repositories repositories() {
    return repositories;
  }

  /**
   * What is here under a digest; looks at memory only. Counts as a use, which makes it less likely
   * to be evicted; only {@link #claim} keeps it here for sure.
   */
  public Optional<StoredContent> find(Digest digest) {
    Entry entry = entries.get(digest);
    if (entry == null || !entry.use()) {
      return Optional.empty();
    }
    return Optional.of(new StoredContent(digest, entry.size, entry.verified));
  }

  /** Whether something is here under a digest; looks at memory only, and counts as a use. */
  public boolean has(Digest digest) {
    Entry entry = entries.get(digest);
    return entry != null && entry.use();
  }

  /** What is here under a digest, kept from collectors for {@link #GRACE}: for who pushes. */
  public Optional<StoredContent> claim(Digest digest) {
    Entry entry = entries.get(digest);
    if (entry == null || !entry.claim()) {
      return Optional.empty();
    }
    return Optional.of(new StoredContent(digest, entry.size, entry.verified));
  }

  /** Whether it is being read, or was claimed lately. */
  boolean isNeeded(Digest digest) {
    Entry entry = entries.get(digest);
    return entry != null && entry.isNeeded();
  }

  /** Writes down in the file's time that it was used; cheap when that was done lately. */
  public void touch(Digest digest) {
    Entry entry = entries.get(digest);
    long now = System.currentTimeMillis();
    if (entry == null || now - entry.touched < TOUCH_EVERY_MILLIS) {
      return;
    }
    entry.touched = now;
    try {
      Files.setLastModifiedTime(path(digest), FileTime.from(Instant.now()));
    } catch (NoSuchFileException e) {
      LOG.log(Level.DEBUG, "{0} went away", digest);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cannot note the use of " + digest, e);
    }
  }

  /**
   * Opens content for reading; it stays until that is closed. Its size is compared with what was
   * stored; content of another size is set aside.
   *
   * @return empty where it is not here (any more)
   */
  public Optional<Reading> read(Digest digest) {
    Entry entry = entries.get(digest);
    if (entry == null || !entry.beginReading()) {
      return Optional.empty();
    }
    Reading reading = null;
    try {
      reading = new Reading(FileChannel.open(path(digest), StandardOpenOption.READ), entry);
      long found = reading.channel().size();
      if (found == entry.size) {
        return Optional.of(reading);
      }
      reading.close();
      quarantine(digest, "it has %d bytes instead of %d".formatted(found, entry.size));
      return Optional.empty();
    } catch (NoSuchFileException e) {
      forget(digest);
      corruptions.incrementAndGet();
      LOG.log(Level.ERROR, "{0} has vanished from the store", digest);
      return Optional.empty();
    } catch (IOException e) {
      throw failed("cannot open " + digest, e);
    } finally {
      if (reading == null) {
        entry.endReading();
      }
    }
  }

  /**
   * Reads small content whole, checking size and hash.
   *
   * @throws StoreException IO if it is longer than {@code limit}
   */
  public Optional<byte[]> readAll(Digest digest, int limit) {
    Optional<Reading> opened = read(digest);
    if (opened.isEmpty()) {
      return Optional.empty();
    }
    byte[] content;
    try (Reading reading = opened.get()) {
      FileChannel channel = reading.channel();
      if (channel.size() > limit) {
        throw new StoreException(
            StoreException.Reason.IO, digest + " is longer than " + limit + " bytes", null);
      }
      ByteBuffer buffer = ByteBuffer.allocate((int) channel.size());
      while (buffer.hasRemaining() && channel.read(buffer, buffer.position()) >= 0) {}
      content = buffer.array();
    } catch (IOException e) {
      throw failed("cannot read " + digest, e);
    }
    if (!Digest.of(digest.algorithm(), content).equals(digest)) {
      quarantine(digest, "its bytes changed");
      return Optional.empty();
    }
    markVerified(digest);
    return Optional.of(content);
  }

  /** Notes that a reader hashed the whole content and found it right. */
  public void markVerified(Digest digest) {
    Entry entry = entries.get(digest);
    if (entry != null) {
      entry.verified = true;
    }
  }

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
        this, root.resolve("ingest").resolve("" + UUID.randomUUID()), algorithm, claimed);
  }

  /** Keeps small content that is being pushed, durable when this returns, and claims it. */
  public StoredContent put(Digest digest, byte[] content) {
    return put(digest, content, true);
  }

  StoredContent put(Digest digest, byte[] content, boolean claimed) {
    Optional<StoredContent> present = claimed ? claim(digest) : find(digest);
    if (present.isPresent() && present.get().verified()) {
      return present.get();
    }
    Ingest ingest = begin(digest.algorithm(), claimed);
    try {
      ingest.write(ByteBuffer.wrap(content));
      return ingest.commit(digest, content.length);
    } finally {
      ingest.abort();
    }
  }

  /** A new upload that can be resumed by its identifier, also by a later process. */
  public Ingest createUpload(UUID id, String repository) {
    Path directory = root.resolve("uploads").resolve(id.toString());
    boolean created = false;
    try {
      Files.createDirectory(directory);
      Files.writeString(directory.resolve("repository"), repository);
      Ingest ingest = Ingest.create(this, directory.resolve("data"), Digest.Algorithm.SHA256, true);
      created = true;
      return ingest;
    } catch (IOException e) {
      throw failed("cannot begin an upload", e);
    } finally {
      if (!created) {
        removeUpload(id);
      }
    }
  }

  /**
   * Asks whether a push of so many bytes fits on the disk and leaves room for everything else.
   *
   * @throws StoreException FULL where it does not
   */
  public void requireRoom(long size) {
    try {
      FileStore disk = Files.getFileStore(root);
      long headroom = Math.min(HEADROOM, disk.getTotalSpace() / HEADROOM_PART);
      long free = disk.getUsableSpace();
      if (size > free - headroom) {
        throw new StoreException(
            StoreException.Reason.FULL,
            "%d bytes do not fit: %d are free, of which %d are kept free"
                .formatted(size, free, Math.min(free, headroom)),
            null);
      }
    } catch (IOException e) {
      throw failed("cannot ask for the free space", e);
    }
  }

  /** Goes on with an upload of this repository; empty where there is none. */
  public Optional<Ingest> resumeUpload(UUID id, String repository) {
    Path directory = root.resolve("uploads").resolve(id.toString());
    try {
      Optional<String> owner = DurableFiles.read(directory.resolve("repository"));
      if (owner.isEmpty() || !owner.get().equals(repository)) {
        return Optional.empty();
      }
      return Optional.of(Ingest.resume(this, directory.resolve("data")));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw failed("cannot resume the upload " + id, e);
    }
  }

  /** Removes what is left of an upload. */
  public void removeUpload(UUID id) {
    try {
      removeTree(root.resolve("uploads").resolve(id.toString()));
    } catch (IOException e) {
      throw failed("cannot remove the upload " + id, e);
    }
  }

  /** Removes uploads that nobody wrote to for a time; those in {@code active} stay. */
  public int removeUploadsOlderThan(Duration age, Set<UUID> active) {
    int removed = 0;
    try (DirectoryStream<Path> uploads = Files.newDirectoryStream(root.resolve("uploads"))) {
      for (Path upload : uploads) {
        UUID id;
        try {
          id = UUID.fromString(upload.getFileName().toString());
        } catch (IllegalArgumentException e) {
          continue;
        }
        Path data = upload.resolve("data");
        Instant last = Files.getLastModifiedTime(Files.exists(data) ? data : upload).toInstant();
        if (!active.contains(id) && last.isBefore(Instant.now().minus(age))) {
          removeTree(upload);
          removed++;
        }
      }
    } catch (IOException e) {
      throw failed("cannot clean up uploads", e);
    }
    return removed;
  }

  /** Bytes of all content. */
  public long bytes() {
    return bytes.get();
  }

  /** How many pieces of content. */
  public int count() {
    return entries.size();
  }

  /** Content removed to make room, since the start. */
  public long evictions() {
    return evictions.get();
  }

  /** Content found bad, since the start. */
  public long corruptions() {
    return corruptions.get();
  }

  /** What the last write failed with, until one succeeds; looks at memory only. */
  public Optional<StoreException> trouble() {
    return Optional.ofNullable(trouble);
  }

  /** Tries whether the store can be written; the answer shows in {@link #trouble()}. */
  public void probe() {
    try {
      Path file = root.resolve("ingest").resolve("probe-" + UUID.randomUUID());
      try {
        Files.write(file, new byte[4096], StandardOpenOption.CREATE_NEW, StandardOpenOption.SYNC);
      } finally {
        Files.deleteIfExists(file);
      }
      trouble = null;
    } catch (IOException e) {
      trouble = DurableFiles.failure("the store cannot be written", e);
    }
  }

  /** All content, in no order. */
  public List<StoredContent> list() {
    List<StoredContent> list = new ArrayList<>();
    entries.forEach(
        (digest, entry) -> list.add(new StoredContent(digest, entry.size, entry.verified)));
    return list;
  }

  /**
   * Removes the least useful content until at most {@code target} bytes are left: old before
   * recent, and of two equally old ones the larger, since it frees more for one fetch. What is
   * being read, is claimed or is known to a local repository stays.
   *
   * @return bytes freed
   */
  public long evictTo(long target) {
    if (bytes.get() <= target) {
      return 0;
    }
    Set<Digest> kept = repositories.localReferences();
    long now = System.currentTimeMillis();
    record Candidate(Digest digest, double uselessness) {}
    List<Candidate> candidates = new ArrayList<>();
    entries.forEach(
        (digest, entry) -> {
          if (!kept.contains(digest) && !entry.isNeeded()) {
            // A clock that jumped must not make everything look a day old or unborn.
            double age = Math.max(1, now - entry.lastUsed);
            double weight = 1 + Math.log1p(entry.size / 4096.0);
            candidates.add(new Candidate(digest, age * weight));
          }
        });
    candidates.sort(Comparator.comparingDouble(Candidate::uselessness).reversed());
    long before = bytes.get();
    for (Candidate candidate : candidates) {
      if (bytes.get() <= target) {
        break;
      }
      if (removeUnused(candidate.digest())) {
        evictions.incrementAndGet();
      }
    }
    return before - bytes.get();
  }

  /**
   * Removes content that no repository knows, left by deletions.
   *
   * @return bytes freed
   */
  public long collect() {
    repositories.loadAll();
    Set<Digest> known = repositories.references();
    long before = bytes.get();
    for (Digest digest : List.copyOf(entries.keySet())) {
      if (!known.contains(digest)) {
        removeUnused(digest);
      }
    }
    return before - bytes.get();
  }

  /** Removes content now, unless it is in use. */
  public boolean removeUnused(Digest digest) {
    synchronized (stripe(digest)) {
      Entry entry = entries.get(digest);
      if (entry == null || !entry.retire()) {
        return false;
      }
      forget(digest);
      try {
        DurableFiles.delete(path(digest));
        return true;
      } catch (IOException e) {
        throw failed("cannot remove " + digest, e);
      }
    }
  }

  /**
   * Hashes everything.
   *
   * @return the digests whose bytes were wrong; they are set aside
   */
  public List<Digest> verifyAll(Consumer<Digest> progress) {
    List<Digest> bad = new ArrayList<>();
    for (Digest digest : List.copyOf(entries.keySet())) {
      progress.accept(digest);
      if (!verify(digest)) {
        bad.add(digest);
      }
    }
    return bad;
  }

  private boolean verify(Digest digest) {
    Optional<Reading> opened = read(digest);
    if (opened.isEmpty()) {
      // Absent is fine when it was evicted meanwhile; wrong sizes were counted by read().
      return Files.notExists(path(digest)) && !entries.containsKey(digest);
    }
    try (Reading reading = opened.get()) {
      Digest actual =
          Digest.fromHash(digest.algorithm(), hash(reading.channel(), digest.algorithm()).digest());
      if (actual.equals(digest)) {
        markVerified(digest);
        return true;
      }
    } catch (IOException e) {
      throw failed("cannot read " + digest, e);
    }
    quarantine(digest, "its bytes changed");
    return false;
  }

  /** Sets content aside that must not be served; it can then be fetched or pushed again. */
  public void quarantine(Digest digest, String why) {
    synchronized (stripe(digest)) {
      if (forget(digest)) {
        setAside(digest, why);
      }
    }
  }

  private void setAside(Digest digest, String why) {
    corruptions.incrementAndGet();
    Path aside =
        root.resolve("quarantine")
            .resolve(
                "%s-%s-%d"
                    .formatted(
                        digest.algorithm().prefix(), digest.hex(), System.currentTimeMillis()));
    LOG.log(
        Level.ERROR, "{0} is corrupt ({1}); set aside as {2}", digest, why, aside.getFileName());
    try {
      Files.move(path(digest), aside, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException e) {
      LOG.log(Level.DEBUG, "{0} went away", digest);
    } catch (IOException e) {
      throw failed("cannot set " + digest + " aside", e);
    }
  }

  /** One lock for each part of the digests, so that a removal never meets a newer file. */
  private Object stripe(Digest digest) {
    return stripes[Integer.parseInt(digest.shortHex(2), 16)];
  }

  private boolean forget(Digest digest) {
    Entry entry = entries.remove(digest);
    if (entry != null) {
      bytes.addAndGet(-entry.size);
    }
    return entry != null;
  }

  /** Called by {@link Ingest} with a synced file of the right digest. */
  StoredContent publish(Path synced, Digest digest, long size, boolean claimed) throws IOException {
    Path target = path(digest);
    synchronized (stripe(digest)) {
      // Replaces, never trusts, what was there: that is how a bad file heals.
      DurableFiles.moveInto(synced, target);
      Entry entry = new Entry(size, System.currentTimeMillis(), true);
      if (claimed) {
        entry.claim();
      }
      Entry previous = entries.put(digest, entry);
      if (previous != null) {
        entry.inherit(previous);
      }
      bytes.addAndGet(size - (previous == null ? 0 : previous.size));
    }
    trouble = null;
    return new StoredContent(digest, size, true);
  }

  StoreException failed(String what, IOException e) {
    StoreException failure = DurableFiles.failure(what, e);
    trouble = failure;
    return failure;
  }

  /** Runs file work whose failure is the store's. */
  <T> T attempt(String what, FileWork<T> work) {
    try {
      return work.run();
    } catch (IOException e) {
      throw failed(what, e);
    }
  }

  Path temporaryDirectory() {
    return root.resolve("ingest");
  }

  Path path(Digest digest) {
    return root.resolve("blobs")
        .resolve(digest.algorithm().prefix())
        .resolve(digest.hex().substring(0, 2))
        .resolve(digest.hex());
  }

  static MessageDigest hash(FileChannel channel, Digest.Algorithm algorithm) throws IOException {
    MessageDigest hash = algorithm.newMessageDigest();
    ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK);
    long position = 0;
    for (int read = channel.read(buffer, position);
        read >= 0;
        read = channel.read(buffer, position)) {
      position += read;
      hash.update(buffer.flip());
      buffer.clear();
    }
    return hash;
  }

  static void removeTree(Path directory) throws IOException {
    if (Files.notExists(directory)) {
      return;
    }
    List<Path> paths;
    try (var walk = Files.walk(directory)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      Files.deleteIfExists(path);
    }
  }

  /** Gives the directory back. */
  @Override
  public void close() {
    try {
      lockChannel.close();
    } catch (IOException e) {
      throw DurableFiles.failure("cannot release " + root, e);
    }
  }

  /** File work that gives something. */
  @FunctionalInterface
  interface FileWork<T> {
    T run() throws IOException;
  }

  /** Content that is being read; no collector removes it before this is closed. */
  public static final class Reading implements AutoCloseable {
    private final FileChannel channel;
    private final Entry entry;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Reading(FileChannel channel, Entry entry) {
      this.channel = channel;
      this.entry = entry;
    }

    /** The bytes; closed by this. */
    public FileChannel channel() {
      return channel;
    }

    @Override
    public void close() throws IOException {
      if (closed.compareAndSet(false, true)) {
        entry.endReading();
        channel.close();
      }
    }
  }

  /** What memory knows of one file. */
  private static final class Entry {
    final long size;
    volatile long lastUsed;
    volatile long touched;
    volatile boolean verified;
    private long claimedNanos;
    private boolean claimed;
    private int readers;
    private boolean retired;

    Entry(long size, long lastUsed, boolean verified) {
      this.size = size;
      this.lastUsed = lastUsed;
      this.touched = lastUsed;
      this.verified = verified;
    }

    /** False where a collector was faster. */
    boolean use() {
      long now = System.currentTimeMillis();
      // Once a second is often enough; it keeps the hot path free of the lock.
      if (Math.abs(now - lastUsed) < 1_000) {
        return true;
      }
      synchronized (this) {
        lastUsed = now;
        return !retired;
      }
    }

    synchronized boolean claim() {
      claimedNanos = System.nanoTime();
      claimed = true;
      lastUsed = System.currentTimeMillis();
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

    /** Takes over the claim of the entry in whose place this one came. */
    void inherit(Entry previous) {
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

    synchronized boolean isNeeded() {
      return readers > 0 || (claimed && System.nanoTime() - claimedNanos < GRACE.toNanos());
    }

    synchronized boolean retire() {
      if (isNeeded() || retired) {
        return false;
      }
      retired = true;
      return true;
    }
  }
}
