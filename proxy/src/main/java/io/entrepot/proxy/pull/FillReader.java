package io.entrepot.proxy.pull;

import io.netty.buffer.ByteBuf;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.concurrent.atomic.AtomicBoolean;

/** One client of a {@link BlobFill}: sends a part of the blob as it arrives. */
final class FillReader implements BlobFill.Reader {

  private static final int READ = 1 << 18;

  private final BlobFill fill;
  private final ClientBody body;
  private final long end;
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private volatile long position;
  private boolean reading;
  private boolean waiting;
  private boolean closed;

  /**
   * @param end the position after the last byte to be sent
   */
  FillReader(BlobFill fill, ClientBody body, long from, long end) {
    this.fill = fill;
    this.body = body;
    this.position = from;
    this.end = end;
  }

  /** On the context. */
  void start() {
    body.onClose(ignored -> close());
    fill.attach(this);
    // Clients give up on headers that do not come, however long the body may take.
    body.begin();
    pump();
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public void wake() {
    if (scheduled.compareAndSet(false, true)) {
      body.execute(
          ignored -> {
            scheduled.set(false);
            pump();
          });
    }
  }

  private void close() {
    if (!closed) {
      closed = true;
      fill.detach(this);
    }
  }

  private void pump() {
    if (closed || reading || waiting) {
      return;
    }
    while (position < end) {
      if (body.isClosed()) {
        close();
        return;
      }
      if (body.isFull()) {
        waiting = true;
        body.onDrain(
            ignored -> {
              waiting = false;
              pump();
            });
        return;
      }
      long available = fill.received();
      if (position >= available) {
        Throwable failure = fill.failure();
        if (failure != null) {
          close();
          body.fail(failure);
        }
        return;
      }
      ByteBuf shared = fill.shared(position);
      if (shared == null) {
        readFile((int) Math.min(READ, Math.min(available, end) - position));
        return;
      }
      send(shared);
    }
    finish();
  }

  /** Takes the bytes over. */
  private void send(ByteBuf bytes) {
    long from = position;
    int length = (int) Math.min(bytes.readableBytes(), end - from);
    // Shared with other clients, so it may be released only when this one's are in the socket.
    body.write(BufferInternal.buffer(bytes.slice(0, length)))
        .onComplete(written -> bytes.release());
    position = from + length;
    fill.relievePassThrough();
  }

  private void readFile(int length) {
    reading = true;
    long from = position;
    fill.workers()
        .execute(
            () -> {
              try {
                ByteBuf bytes = fill.read(from, length);
                body.execute(
                    ignored -> {
                      reading = false;
                      if (closed) {
                        bytes.release();
                      } else {
                        send(bytes);
                        pump();
                      }
                    });
              } catch (RuntimeException e) {
                body.execute(
                    ignored -> {
                      reading = false;
                      close();
                      body.fail(e);
                    });
              }
            });
  }

  private void finish() {
    close();
    body.end();
  }
}
