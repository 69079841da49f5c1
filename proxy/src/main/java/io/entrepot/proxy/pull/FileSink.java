package io.entrepot.proxy.pull;

import io.entrepot.registry.ByteSink;
import io.entrepot.store.Ingest;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A stream into an {@link Ingest}: hashed and written off the event loop, in order, with
 * back-pressure.
 */
public final class FileSink implements ByteSink {

  private static final long QUEUE = 512 << 10;
  private static final int BATCH = 1 << 18;

  /** Where the bytes go once they are in the file. */
  public interface Receiver {

    /** They are in the file; who keeps them retains them. */
    void written(ByteBuf bytes);

    /**
     * They cannot be written.
     *
     * @return whether they are provided for, so that the writer may go on
     */
    default boolean unwritten(ByteBuf bytes, RuntimeException cause) {
      return false;
    }
  }

  private record Piece(ByteBuf bytes, Promise<Void> written) {}

  private final Executor workers;
  private final Ingest ingest;
  private final BufferBudget budget;
  private final Receiver receiver;
  private final Deque<Piece> queue = new ArrayDeque<>();
  private final List<Promise<Void>> idle = new ArrayList<>();
  private long pending;
  private boolean draining;
  private @Nullable RuntimeException failure;
  private @Nullable Promise<Void> roomAgain;

  /**
   * @param workers runs file work; any thread that may block
   * @param receiver called in order
   */
  public FileSink(Executor workers, Ingest ingest, BufferBudget budget, Receiver receiver) {
    this.workers = workers;
    this.ingest = ingest;
    this.budget = budget;
    this.receiver = receiver;
  }

  @Override
  public Future<Void> write(Buffer buffer) {
    ByteBuf bytes = outsideHeap(buffer);
    Promise<Void> written = Promise.promise();
    Piece piece = new Piece(bytes, written);
    synchronized (this) {
      if (failure != null) {
        giveUp(piece, failure);
        return written.future();
      }
      queue.add(piece);
      pending += bytes.readableBytes();
      budget.take(bytes.readableBytes());
      if (draining) {
        return written.future();
      }
      draining = true;
    }
    workers.execute(this::drain);
    return written.future();
  }

  private void drain() {
    List<Piece> batch = new ArrayList<>();
    while (true) {
      batch.clear();
      int length = 0;
      synchronized (this) {
        while (length < BATCH && !queue.isEmpty()) {
          Piece piece = queue.remove();
          batch.add(piece);
          length += piece.bytes().readableBytes();
        }
        if (batch.isEmpty()) {
          draining = false;
          idle.forEach(promise -> promise.tryComplete());
          idle.clear();
          return;
        }
      }
      ByteBuf bytes = batch.size() == 1 ? batch.getFirst().bytes() : joined(batch, length);
      try {
        ingest.write(bytes.nioBuffer());
        receiver.written(bytes);
      } catch (RuntimeException e) {
        fail(batch, e);
        return;
      } finally {
        if (batch.size() > 1) {
          bytes.release();
        }
      }
      for (Piece piece : batch) {
        piece.bytes().release();
        piece.written().tryComplete();
      }
      relieve(length);
    }
  }

  /**
   * A copy that the system takes into the file and to clients as it is, and that leaves the heap to
   * what lives longer.
   */
  static ByteBuf outsideHeap(Buffer buffer) {
    return BufferBudget.allocate(buffer.length())
        .writeBytes(((BufferInternal) buffer).getByteBuf());
  }

  /** Fewer and larger pieces cost every client less. */
  private static ByteBuf joined(List<Piece> batch, int length) {
    ByteBuf bytes = BufferBudget.allocate(length);
    batch.forEach(piece -> bytes.writeBytes(piece.bytes(), 0, piece.bytes().readableBytes()));
    return bytes;
  }

  private void relieve(int length) {
    Promise<Void> waiting = null;
    synchronized (this) {
      pending -= length;
      budget.giveBack(length);
      if (isRoomy()) {
        waiting = roomAgain;
        roomAgain = null;
      }
    }
    if (waiting != null) {
      waiting.tryComplete();
    }
  }

  private void fail(List<Piece> first, RuntimeException cause) {
    Promise<Void> waiting;
    synchronized (this) {
      failure = cause;
      // Under the lock, so that whoever writes next comes after those that were queued.
      first.forEach(piece -> giveUp(piece, cause));
      queue.forEach(piece -> giveUp(piece, cause));
      queue.clear();
      budget.giveBack(pending);
      pending = 0;
      draining = false;
      waiting = roomAgain;
      roomAgain = null;
      idle.forEach(promise -> promise.tryFail(cause));
      idle.clear();
    }
    if (waiting != null) {
      waiting.tryFail(cause);
    }
  }

  /** Of the same limit as fullness, so that nobody is woken to find it full. */
  private boolean isRoomy() {
    return pending <= budget.limit(QUEUE) / 4;
  }

  private void giveUp(Piece piece, RuntimeException cause) {
    boolean provided = receiver.unwritten(piece.bytes(), cause);
    piece.bytes().release();
    if (provided) {
      piece.written().tryComplete();
    } else {
      piece.written().tryFail(cause);
    }
  }

  /** Done when everything given so far is in the file. */
  public Future<Void> flush() {
    synchronized (this) {
      if (failure != null) {
        return Future.failedFuture(failure);
      }
      if (!draining) {
        return Future.succeededFuture();
      }
      Promise<Void> promise = Promise.promise();
      idle.add(promise);
      return promise.future();
    }
  }

  @Override
  public synchronized boolean isFull() {
    return pending > budget.limit(QUEUE);
  }

  @Override
  public synchronized Future<Void> room() {
    if (failure != null) {
      return Future.failedFuture(failure);
    }
    if (isRoomy()) {
      return Future.succeededFuture();
    }
    Promise<Void> waiting = roomAgain;
    if (waiting == null) {
      waiting = Promise.promise();
      roomAgain = waiting;
    }
    return waiting.future();
  }
}
