package io.entrepot.proxy.pull;

import io.entrepot.oci.Digest;
import io.entrepot.registry.BlobSink;
import io.entrepot.registry.ByteSink;
import io.entrepot.store.Ingest;
import io.entrepot.store.RepositoryId;
import io.entrepot.store.StoreException;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One blob on its way from upstream into the store, and to everyone who asks meanwhile.
 *
 * <p>The bytes go into a temporary file. Readers that keep pace share the buffers just written, the
 * others read the file; so neither their number nor their speed changes what is held in memory.
 * When the disk is full the bytes are passed on without being kept, at the pace of the slowest
 * reader.
 */
public final class BlobFill {

  /** Bytes of shared buffers that are kept for readers who keep pace; the file has the rest. */
  private static final long WINDOW = 8 << 20;

  /** Bytes for which it is not worth while to give up a fetch. */
  private static final long NEARLY_DONE = 8 << 20;

  /** Somebody who reads while the bytes come. */
  interface Reader {
    /** The next byte that is wanted. */
    long position();

    /** There may be more to read; called on any thread. */
    void wake();
  }

  private record Chunk(long offset, ByteBuf bytes) {
    int length() {
      return bytes.readableBytes();
    }

    long end() {
      return offset + length();
    }
  }

  private final Executor workers;
  private final RepositoryId repository;
  private final Digest digest;
  private final BufferBudget budget;
  private final @Nullable Ingest ingest;
  private final Consumer<BlobFill> onUnattended;
  private final @Nullable FileChannel reading;
  private final Promise<BlobSink.BlobStart> started = Promise.promise();
  private final Promise<Void> done = Promise.promise();
  private final Set<Reader> readers = ConcurrentHashMap.newKeySet();

  private final Deque<Chunk> window = new ArrayDeque<>();
  private long windowBytes;
  private long inFile;
  private volatile long received;
  private volatile FillState state;
  private int holders;
  private volatile @Nullable AbandonedException abandoned;
  private @Nullable Sink sink;
  private @Nullable Promise<Void> roomAgain;

  /**
   * @param ingest null where the store cannot take anything
   * @param onUnattended is told when the last who waited has left before the end
   */
  BlobFill(
      Executor workers,
      RepositoryId repository,
      Digest digest,
      BufferBudget budget,
      @Nullable Ingest ingest,
      Consumer<BlobFill> onUnattended)
      throws IOException {
    this.workers = workers;
    this.repository = repository;
    this.digest = digest;
    this.budget = budget;
    this.ingest = ingest;
    this.onUnattended = onUnattended;
    this.reading = ingest == null ? null : ingest.openReader();
    this.state = new FillState.Running(ingest != null);
  }

  /** For which repository it was begun. */
  RepositoryId repository() {
    return repository;
  }

  /** What is being fetched. */
  public Digest digest() {
    return digest;
  }

  /** Known as soon as upstream's headers are in. */
  public Future<BlobSink.BlobStart> started() {
    return started.future();
  }

  /** Bytes it has; known once {@link #started()} is done. */
  long size() {
    return started.future().result().total();
  }

  /** Bytes that can be read. */
  public long received() {
    return received;
  }

  /** Bytes of buffers that are kept for readers. */
  synchronized long sharedBytes() {
    return windowBytes;
  }

  /** Why the fetch ended badly, or null. */
  @Nullable Throwable failure() {
    return state.failure();
  }

  /** Whether one who comes now can still have all of it. */
  synchronized boolean joinable() {
    FillState now = state;
    return abandoned == null
        && now.failure() == null
        && !(now instanceof FillState.Released)
        && (now.kept() || received == 0 || covers(0));
  }

  /** Whether the content goes into the store; else it is only passed on. */
  boolean isKept() {
    return state.kept();
  }

  /** Readers that are attached. */
  public int readerCount() {
    return readers.size();
  }

  ByteSink open(BlobSink.BlobStart start) {
    Sink opened = new Sink();
    sink = opened;
    started.tryComplete(start);
    return opened;
  }

  /** Done when every byte that came is in the file, or the file turned out to be unwritable. */
  Future<Void> flushed() {
    Sink opened = sink;
    return opened == null ? Future.succeededFuture() : opened.flush();
  }

  /**
   * Keeps all of it readable until it is {@linkplain #release released}.
   *
   * @return false where that is over: what was fetched is in the store, or was lost
   */
  synchronized boolean retain() {
    if (!joinable()) {
      return false;
    }
    holders++;
    return true;
  }

  /** Ends the caller's hold. */
  public void release() {
    boolean last;
    synchronized (this) {
      holders--;
      last = holders == 0 && state instanceof FillState.Running;
    }
    releaseIfDone();
    relievePassThrough();
    if (last) {
      onUnattended.accept(this);
    }
  }

  /** Whether nobody waits for it. */
  synchronized boolean isUnattended() {
    return holders == 0 && state instanceof FillState.Running;
  }

  /** Whether so little is missing that it is better to have it all. */
  boolean isNearlyDone() {
    return started.future().succeeded() && size() - received <= NEARLY_DONE;
  }

  /**
   * Ends the fetch, unless somebody waits for it; whoever comes later begins another.
   *
   * @return whether it is over
   */
  synchronized boolean abandon() {
    if (!isUnattended()) {
      return false;
    }
    abandoned = new AbandonedException(digest);
    return true;
  }

  /** Throws when the fetch was given up. */
  void requireWanted() {
    AbandonedException cause = abandoned;
    if (cause != null) {
      throw cause;
    }
  }

  /** A fetch that was given up because nobody waits for it. */
  static final class AbandonedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    AbandonedException(Digest digest) {
      super(digest + ": nobody waits for it any more", null, false, false);
    }
  }

  void attach(Reader reader) {
    readers.add(reader);
  }

  void detach(Reader reader) {
    readers.remove(reader);
    release();
  }

  /** Done when the content is in the store, or will not be. */
  Future<Void> done() {
    return done.future();
  }

  void settle() {
    done.tryComplete();
  }

  void fail(Throwable cause) {
    end(cause);
    started.tryFail(cause);
    wakeReaders();
  }

  void finish() {
    end(null);
    wakeReaders();
  }

  private void end(@Nullable Throwable cause) {
    synchronized (this) {
      if (state instanceof FillState.Running running) {
        state = new FillState.Ended(running.kept(), cause);
      }
    }
    releaseIfDone();
  }

  private void releaseIfDone() {
    synchronized (this) {
      if (holders > 0 || !(state instanceof FillState.Ended ended)) {
        return;
      }
      state = new FillState.Released(ended.kept(), ended.failure());
      window.forEach(chunk -> chunk.bytes().release());
      window.clear();
      budget.giveBack(windowBytes);
      windowBytes = 0;
    }
    if (reading != null) {
      try {
        reading.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void wakeReaders() {
    readers.forEach(Reader::wake);
  }

  /**
   * The bytes from a position on as far as one buffer has them, or null where they are in the file
   * only. The caller releases them.
   */
  @Nullable ByteBuf shared(long position) {
    synchronized (this) {
      Chunk chunk = chunkAt(position);
      if (chunk == null) {
        return null;
      }
      int from = (int) (position - chunk.offset());
      return chunk.bytes().retainedSlice(from, chunk.length() - from);
    }
  }

  private @Nullable Chunk chunkAt(long position) {
    // From the newest: that is where readers who keep pace are.
    for (Iterator<Chunk> chunks = window.descendingIterator(); chunks.hasNext(); ) {
      Chunk chunk = chunks.next();
      if (position >= chunk.offset() && position < chunk.end()) {
        return chunk;
      }
    }
    return null;
  }

  private boolean covers(long position) {
    return position < inFile || chunkAt(position) != null;
  }

  /** Reads from the file, at least a byte; on a worker thread. The caller releases the bytes. */
  ByteBuf read(long position, int length) {
    if (reading == null) {
      throw new IllegalStateException("nothing is in a file");
    }
    ByteBuf bytes = BufferBudget.allocate(length);
    try {
      if (bytes.writeBytes(reading, position, length) <= 0) {
        throw new EOFException("%s ended at %d".formatted(digest, position));
      }
      return bytes;
    } catch (IOException e) {
      bytes.release();
      throw new UncheckedIOException(e);
    }
  }

  Executor workers() {
    return workers;
  }

  /** From here on the bytes are only passed on. */
  synchronized void passOn() {
    if (state instanceof FillState.Running) {
      state = new FillState.Running(false);
    }
  }

  private void arrived(ByteBuf bytes, boolean written) {
    synchronized (this) {
      Chunk chunk = new Chunk(received, bytes.retain());
      long end = chunk.end();
      window.add(chunk);
      windowBytes += chunk.length();
      budget.take(chunk.length());
      received = end;
      if (written) {
        inFile = end;
      }
      trim();
    }
    wakeReaders();
  }

  private void trim() {
    long needed = state.kept() ? Long.MAX_VALUE : slowest();
    while (windowBytes > budget.limit(WINDOW) && !window.isEmpty()) {
      Chunk first = window.getFirst();
      if (first.offset() >= inFile && first.end() > needed) {
        return;
      }
      window.removeFirst();
      windowBytes -= first.length();
      budget.giveBack(first.length());
      first.bytes().release();
    }
  }

  private long slowest() {
    if (holders > readers.size()) {
      // Somebody is about to read, from where is not known yet.
      return 0;
    }
    return readers.stream().mapToLong(Reader::position).min().orElse(received);
  }

  /** In pass-through the slowest reader sets the pace; called when one moved on. */
  void relievePassThrough() {
    if (state.kept()) {
      return;
    }
    Promise<Void> waiting = null;
    synchronized (this) {
      trim();
      if (windowBytes <= budget.limit(WINDOW)) {
        waiting = roomAgain;
        roomAgain = null;
      }
    }
    if (waiting != null) {
      waiting.tryComplete();
    }
  }

  /** Where the registry client writes. */
  private final class Sink implements ByteSink, FileSink.Receiver {
    private final @Nullable FileSink file =
        ingest == null || !state.kept() ? null : new FileSink(workers, ingest, budget, this);

    @Override
    public Future<Void> write(Buffer bytes) {
      AbandonedException given = abandoned;
      if (given != null) {
        return Future.failedFuture(given);
      }
      if (file != null) {
        return file.write(bytes);
      }
      ByteBuf copy = FileSink.outsideHeap(bytes);
      arrived(copy, false);
      copy.release();
      return Future.succeededFuture();
    }

    @Override
    public void written(ByteBuf bytes) {
      arrived(bytes, true);
    }

    @Override
    public boolean unwritten(ByteBuf bytes, RuntimeException cause) {
      if (!(cause instanceof StoreException)) {
        return false;
      }
      passOn();
      arrived(bytes, false);
      return true;
    }

    private Future<Void> flush() {
      return file == null ? Future.succeededFuture() : file.flush().recover(Sink::passedOn);
    }

    /** What the file does not take is passed on. */
    private static Future<Void> passedOn(Throwable cause) {
      return cause instanceof StoreException
          ? Future.succeededFuture()
          : Future.failedFuture(cause);
    }

    @Override
    public boolean isFull() {
      if (file != null && state.kept()) {
        return file.isFull();
      }
      synchronized (BlobFill.this) {
        trim();
        return windowBytes > budget.limit(WINDOW);
      }
    }

    @Override
    public Future<Void> room() {
      if (file != null && state.kept()) {
        return file.room().recover(Sink::passedOn);
      }
      Promise<Void> waiting = Promise.promise();
      synchronized (BlobFill.this) {
        roomAgain = waiting;
      }
      // Readers may have moved on since the caller found this full.
      relievePassThrough();
      return waiting.future();
    }
  }
}
