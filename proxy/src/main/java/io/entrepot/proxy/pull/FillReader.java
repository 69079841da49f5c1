package io.entrepot.proxy.pull;

import io.netty.buffer.ByteBuf;
import io.vertx.core.Context;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** One client of a {@link BlobFill}: sends a part of the blob as it arrives. */
final class FillReader {

  private static final int READ = 1 << 18;

  private final BlobFill fill;
  private final Context context;
  private final HttpServerResponse response;
  private final long end;
  private final Consumer<Throwable> onFailure;
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private volatile long position;
  private boolean reading;
  private boolean waiting;
  private boolean closed;

  /**
   * @param end the position after the last byte to be sent
   * @param onFailure cuts the connection; called on the context
   */
  FillReader(
      BlobFill fill,
      Context context,
      HttpServerResponse response,
      long from,
      long end,
      Consumer<Throwable> onFailure) {
    this.fill = fill;
    this.context = context;
    this.response = response;
    this.position = from;
    this.end = end;
    this.onFailure = onFailure;
  }

  /** On the context. */
  void start() {
    response.exceptionHandler(cause -> close());
    response.closeHandler(ignored -> close());
    fill.attach(this);
    // Clients give up on headers that do not come, however long the body may take.
    response.writeHead();
    pump();
  }

  long position() {
    return position;
  }

  /** From any thread: there may be more. */
  void wake() {
    if (scheduled.compareAndSet(false, true)) {
      context.runOnContext(
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
      if (response.closed()) {
        close();
        return;
      }
      if (response.writeQueueFull()) {
        waiting = true;
        response.drainHandler(
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
          onFailure.accept(failure);
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
    response
        .write(BufferInternal.buffer(bytes.slice(0, length)))
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
                context.runOnContext(
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
                context.runOnContext(
                    ignored -> {
                      reading = false;
                      close();
                      onFailure.accept(e);
                    });
              }
            });
  }

  private void finish() {
    close();
    response.end();
  }
}
