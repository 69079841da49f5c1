package io.entrepot.verify;

import io.entrepot.registry.ByteSink;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Carries a transfer from the event loop to a thread that blocks, with back-pressure. Closing it
 * before the end makes further writes fail, which ends the transfer.
 */
public final class BlobPipe implements AutoCloseable {

  private static final int FULL = 1024 * 1024;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Deque<Buffer> waiting = new ArrayDeque<>();
  private final Sink sink = new Sink();
  private final Source source = new Source();
  private long queued;
  private boolean ended;
  private boolean closed;
  private @Nullable Throwable failure;
  private @Nullable Promise<Void> room;

  /** Where the transfer writes. */
  public ByteSink sink() {
    return sink;
  }

  /** What the blocking thread reads. */
  public InputStream source() {
    return source;
  }

  /** The transfer is over: the reader sees its end only if it succeeded. */
  public void finish(AsyncResult<Void> transfer) {
    lock.lock();
    try {
      ended = true;
      failure = transfer.failed() ? transfer.cause() : null;
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    Promise<Void> waitingWriter;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      waiting.clear();
      queued = 0;
      waitingWriter = room;
      room = null;
    } finally {
      lock.unlock();
    }
    if (waitingWriter != null) {
      waitingWriter.tryFail(new ReaderLeft());
    }
  }

  /** The reader has what it needs; not an error of anybody. */
  static final class ReaderLeft extends IOException {
    private static final long serialVersionUID = 1L;

    ReaderLeft() {
      super("the reader needs no more of this blob");
    }
  }

  private final class Sink implements ByteSink {

    @Override
    public Future<Void> write(Buffer bytes) {
      lock.lock();
      try {
        if (closed) {
          return Future.failedFuture(new ReaderLeft());
        }
        if (bytes.length() > 0) {
          waiting.add(bytes);
          queued += bytes.length();
          arrived.signalAll();
        }
        return Future.succeededFuture();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public boolean isFull() {
      lock.lock();
      try {
        return queued >= FULL;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public Future<Void> room() {
      lock.lock();
      try {
        if (closed) {
          return Future.failedFuture(new ReaderLeft());
        }
        if (queued < FULL / 2) {
          return Future.succeededFuture();
        }
        Promise<Void> promise = Promise.promise();
        room = promise;
        return promise.future();
      } finally {
        lock.unlock();
      }
    }
  }

  private final class Source extends InputStream {

    private @Nullable Buffer current;
    private int position;

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, target.length);
      if (length == 0) {
        return 0;
      }
      Buffer from = current;
      if (from == null || position == from.length()) {
        from = next();
        if (from == null) {
          return -1;
        }
        current = from;
        position = 0;
      }
      int count = Math.min(length, from.length() - position);
      from.getBytes(position, position + count, target, offset);
      position += count;
      return count;
    }

    /** Says that more may come: gzip readers stop after the first member otherwise. */
    @Override
    public int available() {
      return 1;
    }

    private @Nullable Buffer next() throws IOException {
      Promise<Void> drained = null;
      Buffer buffer;
      lock.lock();
      try {
        while (waiting.isEmpty() && !ended) {
          arrived.await();
        }
        if (failure != null) {
          if (failure instanceof RuntimeException unchecked) {
            throw unchecked;
          }
          throw new IOException(failure.getMessage(), failure);
        }
        buffer = waiting.poll();
        if (buffer == null) {
          return null;
        }
        queued -= buffer.length();
        if (queued < FULL / 2 && room != null) {
          drained = room;
          room = null;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw (IOException) new InterruptedIOException("interrupted while reading").initCause(e);
      } finally {
        lock.unlock();
      }
      if (drained != null) {
        drained.tryComplete();
      }
      return buffer;
    }
  }
}
