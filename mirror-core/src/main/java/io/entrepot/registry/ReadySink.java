package io.entrepot.registry;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import org.jspecify.annotations.Nullable;

/** A stream that always has room and never fails; what remains to say is where the bytes go. */
public abstract class ReadySink implements WriteStream<Buffer> {

  /** For subclasses. */
  protected ReadySink() {}

  /** Takes one piece. */
  protected abstract void take(Buffer data);

  @Override
  public final Future<Void> write(Buffer data) {
    take(data);
    return Future.succeededFuture();
  }

  @Override
  public final Future<Void> end() {
    return Future.succeededFuture();
  }

  @Override
  public final boolean writeQueueFull() {
    return false;
  }

  @Override
  public final ReadySink setWriteQueueMaxSize(int maxSize) {
    return this;
  }

  @Override
  public final ReadySink drainHandler(@Nullable Handler<Void> handler) {
    return this;
  }

  @Override
  public final ReadySink exceptionHandler(@Nullable Handler<Throwable> handler) {
    return this;
  }
}
