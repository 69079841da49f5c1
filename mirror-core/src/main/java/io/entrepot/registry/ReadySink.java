package io.entrepot.registry;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/** A sink that always has room and never fails; what remains to say is where the bytes go. */
public abstract class ReadySink implements ByteSink {

  /** For subclasses. */
  protected ReadySink() {}

  /** Takes one piece. */
  protected abstract void take(Buffer data);

  @Override
  public final Future<Void> write(Buffer bytes) {
    take(bytes);
    return Future.succeededFuture();
  }

  @Override
  public final boolean isFull() {
    return false;
  }

  @Override
  public final Future<Void> room() {
    return Future.succeededFuture();
  }
}
