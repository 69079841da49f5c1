package io.entrepot.verify;

import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
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
final class BlobPipe implements AutoCloseable {

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
  private @Nullable Context writer;
  private @Nullable Handler<Void> onDrain;
  private @Nullable Handler<Throwable> onFailure;

  /** Where the transfer writes. */
  WriteStream<Buffer> sink() {
    lock.lock();
    try {
      writer = Vertx.currentContext();
    } finally {
      lock.unlock();
    }
    return sink;
  }

  /** What the blocking thread reads. */
  InputStream source() {
    return source;
  }

  /** The transfer is over: the reader sees its end only if it succeeded. */
  void finish(AsyncResult<Void> transfer) {
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
    Handler<Throwable> failed;
    Handler<Void> drained;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      waiting.clear();
      queued = 0;
      failed = ended ? null : onFailure;
      drained = ended ? null : onDrain;
      onDrain = null;
    } finally {
      lock.unlock();
    }
    // A writer that waits for room must wake up to learn that nobody reads any more.
    if (failed != null) {
      onWriter(() -> failed.handle(new ReaderLeft()));
    }
    if (drained != null) {
      onWriter(() -> drained.handle(null));
    }
  }

  private void onWriter(Runnable task) {
    Context context = writer;
    if (context == null) {
      task.run();
    } else {
      context.runOnContext(ignored -> task.run());
    }
  }

  /** The reader has what it needs; not an error of anybody. */
  static final class ReaderLeft extends IOException {
    private static final long serialVersionUID = 1L;

    ReaderLeft() {
      super("the reader needs no more of this blob");
    }
  }

  private final class Sink implements WriteStream<Buffer> {

    @Override
    public WriteStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> handler) {
      lock.lock();
      try {
        onFailure = handler;
      } finally {
        lock.unlock();
      }
      return this;
    }

    @Override
    public Future<Void> write(Buffer data) {
      lock.lock();
      try {
        if (closed) {
          return Future.failedFuture(new ReaderLeft());
        }
        if (data.length() > 0) {
          waiting.add(data);
          queued += data.length();
          arrived.signalAll();
        }
        return Future.succeededFuture();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public Future<Void> end() {
      return Future.succeededFuture();
    }

    @Override
    public WriteStream<Buffer> setWriteQueueMaxSize(int maxSize) {
      return this;
    }

    @Override
    public boolean writeQueueFull() {
      lock.lock();
      try {
        return queued >= FULL;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public WriteStream<Buffer> drainHandler(@Nullable Handler<Void> handler) {
      boolean roomy;
      lock.lock();
      try {
        roomy = closed || queued < FULL / 2;
        onDrain = roomy ? null : handler;
      } finally {
        lock.unlock();
      }
      if (roomy && handler != null) {
        onWriter(() -> handler.handle(null));
      }
      return this;
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
      Handler<Void> drained = null;
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
        if (queued < FULL / 2 && onDrain != null) {
          drained = onDrain;
          onDrain = null;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw (IOException) new InterruptedIOException("interrupted while reading").initCause(e);
      } finally {
        lock.unlock();
      }
      if (drained != null) {
        Handler<Void> handler = drained;
        onWriter(() -> handler.handle(null));
      }
      return buffer;
    }
  }
}
