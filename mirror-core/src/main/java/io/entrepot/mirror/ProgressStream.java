package io.entrepot.mirror;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Passes everything on and counts the bytes. */
final class ProgressStream implements WriteStream<Buffer> {

  private final WriteStream<Buffer> next;
  private final LongConsumer written;

  ProgressStream(WriteStream<Buffer> next, LongConsumer written) {
    this.next = next;
    this.written = written;
  }

  @Override
  public Future<Void> write(Buffer data) {
    written.accept(data.length());
    return next.write(data);
  }

  @Override
  public Future<Void> end() {
    return next.end();
  }

  @Override
  public WriteStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> handler) {
    next.exceptionHandler(handler);
    return this;
  }

  @Override
  public WriteStream<Buffer> setWriteQueueMaxSize(int maxSize) {
    next.setWriteQueueMaxSize(maxSize);
    return this;
  }

  @Override
  public boolean writeQueueFull() {
    return next.writeQueueFull();
  }

  @Override
  public WriteStream<Buffer> drainHandler(@Nullable Handler<Void> handler) {
    next.drainHandler(handler);
    return this;
  }
}
