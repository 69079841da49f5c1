package io.entrepot.proxy.pull;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
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
      Buffer shared = fill.shared(position);
      if (shared == null) {
        readFile((int) Math.min(READ, Math.min(available, end) - position));
        return;
      }
      send(shared);
    }
    finish();
  }

  private void send(Buffer bytes) {
    long from = position;
    int length = (int) Math.min(bytes.length(), end - from);
    response.write(length == bytes.length() ? bytes : bytes.slice(0, length));
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
                Buffer bytes = fill.read(from, length);
                context.runOnContext(
                    ignored -> {
                      reading = false;
                      if (!closed) {
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
