package io.entrepot.proxy.pull;

import io.entrepot.oci.Digest;
import io.entrepot.registry.BlobSink;
import io.entrepot.store.Ingest;
import io.entrepot.store.RepositoryId;
import io.entrepot.store.StoreException;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.streams.WriteStream;
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

  private record Chunk(long offset, ByteBuf bytes) {
    int length() {
      return bytes.readableBytes();
    }

    long end() {
      return offset + length();
    }
  }

  private final Vertx vertx;
  private final Executor workers;
  private final RepositoryId repository;
  private final Digest digest;
  private final BufferBudget budget;
  private final @Nullable Ingest ingest;
  private final @Nullable FileChannel reading;
  private final Promise<BlobSink.BlobStart> started = Promise.promise();
  private final Promise<Void> done = Promise.promise();
  private final Set<FillReader> readers = ConcurrentHashMap.newKeySet();

  private final Deque<Chunk> window = new ArrayDeque<>();
  private long windowBytes;
  private long inFile;
  private volatile long received;
  private volatile boolean passThrough;
  private volatile @Nullable Throwable failure;
  private boolean ended;
  private boolean released;
  private int holders;
  private @Nullable Sink sink;
  private @Nullable Handler<Void> resume;

  /**
   * @param ingest null where the store cannot take anything
   */
  BlobFill(
      Vertx vertx,
      Executor workers,
      RepositoryId repository,
      Digest digest,
      BufferBudget budget,
      @Nullable Ingest ingest)
      throws IOException {
    this.vertx = vertx;
    this.workers = workers;
    this.repository = repository;
    this.digest = digest;
    this.budget = budget;
    this.ingest = ingest;
    this.reading = ingest == null ? null : ingest.openReader();
    this.passThrough = ingest == null;
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
  public @Nullable Throwable failure() {
    return failure;
  }

  /** Whether one who comes now can still have all of it. */
  synchronized boolean joinable() {
    return failure == null && !released && (!passThrough || received == 0 || covers(0));
  }

  /** Whether the content is not being kept. */
  boolean isPassThrough() {
    return passThrough;
  }

  /** Readers that are attached. */
  public int readerCount() {
    return readers.size();
  }

  WriteStream<Buffer> open(BlobSink.BlobStart start) {
    Sink opened = new Sink();
    sink = opened;
    started.tryComplete(start);
    return opened;
  }

  /** Done when every byte that came is in the file, or the file turned out to be unwritable. */
  Future<Void> flushed() {
    Sink opened = sink;
    return opened == null ? Future.succeededFuture() : opened.end();
  }

  /**
   * Keeps all of it readable until {@link #follow} or {@link #release}.
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

  /** Gives up what {@link PullThrough#fill} gave. */
  public void release() {
    synchronized (this) {
      holders--;
    }
    releaseIfDone();
    relievePassThrough();
  }

  /**
   * Sends a part to a client as it arrives, and ends the response. The caller's hold ends with the
   * response.
   *
   * @param end the position after the last byte
   * @param onFailure cuts the connection; called on {@code context}
   */
  public void follow(
      Context context,
      HttpServerResponse response,
      long from,
      long end,
      Consumer<Throwable> onFailure) {
    new FillReader(this, context, response, from, end, onFailure).start();
  }

  void attach(FillReader reader) {
    readers.add(reader);
  }

  void detach(FillReader reader) {
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
    failure = cause;
    started.tryFail(cause);
    wakeReaders();
    finish();
  }

  void finish() {
    synchronized (this) {
      ended = true;
    }
    wakeReaders();
    releaseIfDone();
  }

  private void releaseIfDone() {
    synchronized (this) {
      if (!ended || holders > 0 || released) {
        return;
      }
      released = true;
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
    readers.forEach(FillReader::wake);
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
    long needed = passThrough ? slowest() : Long.MAX_VALUE;
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
    return readers.stream().mapToLong(FillReader::position).min().orElse(received);
  }

  /** In pass-through the slowest reader sets the pace; called when one moved on. */
  void relievePassThrough() {
    if (!passThrough) {
      return;
    }
    Handler<Void> handler = null;
    synchronized (this) {
      trim();
      if (windowBytes <= budget.limit(WINDOW)) {
        handler = resume;
        resume = null;
      }
    }
    if (handler != null) {
      handler.handle(null);
    }
  }

  /** Where the registry client writes. */
  private final class Sink implements WriteStream<Buffer>, FileSink.Receiver {
    private final @Nullable FileSink file =
        ingest == null ? null : new FileSink(vertx, workers, ingest, budget, this);

    @Override
    public Future<Void> write(Buffer bytes) {
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
      passThrough = true;
      arrived(bytes, false);
      return true;
    }

    @Override
    public Future<Void> end() {
      if (file == null) {
        return Future.succeededFuture();
      }
      return file.flush()
          .recover(
              cause ->
                  cause instanceof StoreException
                      ? Future.succeededFuture()
                      : Future.failedFuture(cause));
    }

    @Override
    public boolean writeQueueFull() {
      if (passThrough || file == null) {
        synchronized (BlobFill.this) {
          trim();
          return windowBytes > budget.limit(WINDOW);
        }
      }
      return file.writeQueueFull();
    }

    @Override
    public Sink drainHandler(@Nullable Handler<Void> handler) {
      if (passThrough || file == null) {
        var context = Vertx.currentContext();
        synchronized (BlobFill.this) {
          resume =
              handler == null
                  ? null
                  : done ->
                      (context == null ? vertx.getOrCreateContext() : context)
                          .runOnContext(handler);
        }
        // Readers may have moved on since the caller found this full.
        relievePassThrough();
        return this;
      }
      file.drainHandler(handler);
      return this;
    }

    @Override
    public Sink exceptionHandler(@Nullable Handler<Throwable> handler) {
      // A file that cannot be written is no reason to stop: see write().
      return this;
    }

    @Override
    public Sink setWriteQueueMaxSize(int maxSize) {
      return this;
    }
  }
}
