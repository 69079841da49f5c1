package io.entrepot.proxy.pull;

import io.netty.buffer.ByteBuf;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One client of a {@link BlobFill}: sends a part of the blob as it arrives, piece by piece. A piece
 * has its place in the {@link SendRoom} until the socket has taken it.
 */
final class FillReader implements BlobFill.Reader, SendRoom.Sender {

  private final BlobFill fill;
  private final ClientBody body;
  private final long from;
  private final long end;
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private volatile long position;
  private int length;
  private boolean busy;
  private boolean closed;

  /**
   * @param end the position after the last byte to be sent
   */
  FillReader(BlobFill fill, ClientBody body, long from, long end) {
    this.fill = fill;
    this.body = body;
    this.from = from;
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
    if (closed || busy) {
      return;
    }
    if (position >= end) {
      finish();
      return;
    }
    if (body.isClosed()) {
      close();
      return;
    }
    if (body.isFull()) {
      busy = true;
      body.onDrain(ignored -> goOn());
      return;
    }
    long available = Math.min(fill.received(), end) - position;
    if (available <= 0) {
      Throwable failure = fill.failure();
      if (failure != null) {
        fail(failure);
      }
      return;
    }
    busy = true;
    length = (int) Math.min(SendRoom.piece(position - from), available);
    if (body.take(this, length)) {
      piece();
    }
  }

  private void goOn() {
    busy = false;
    pump();
  }

  @Override
  public void go() {
    body.execute(
        ignored -> {
          if (closed) {
            body.giveBack(this);
          } else {
            piece();
          }
        });
  }

  @Override
  public void giveUp() {
    body.execute(ignored -> fail(new StalledClientException()));
  }

  private void piece() {
    ByteBuf shared = fill.shared(position);
    if (shared != null) {
      send(shared);
    } else {
      readFile();
    }
  }

  /** Takes the bytes over. */
  private void send(ByteBuf bytes) {
    int count = Math.min(bytes.readableBytes(), length);
    long at = position;
    position = at + count;
    // Shared with other clients, so it may be released only when this one's are in the socket.
    body.write(BufferInternal.buffer(bytes.slice(0, count)))
        .onComplete(
            written -> {
              bytes.release();
              body.giveBack(this);
              body.execute(ignored -> goOn());
            });
    fill.relievePassThrough();
  }

  private void readFile() {
    long at = position;
    fill.workers()
        .execute(
            () -> {
              try {
                ByteBuf bytes = fill.read(at, length);
                body.execute(
                    ignored -> {
                      if (closed) {
                        bytes.release();
                        body.giveBack(this);
                      } else {
                        send(bytes);
                      }
                    });
              } catch (RuntimeException e) {
                body.execute(
                    ignored -> {
                      body.giveBack(this);
                      fail(e);
                    });
              }
            });
  }

  private void fail(Throwable cause) {
    close();
    body.fail(cause);
  }

  private void finish() {
    close();
    body.end();
  }
}
