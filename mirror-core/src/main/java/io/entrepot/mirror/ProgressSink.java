package io.entrepot.mirror;

import io.entrepot.registry.ByteSink;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.function.LongConsumer;

/** Passes everything on and counts the bytes. */
record ProgressSink(ByteSink next, LongConsumer written) implements ByteSink {

  @Override
  public Future<Void> write(Buffer bytes) {
    written.accept(bytes.length());
    return next.write(bytes);
  }

  @Override
  public boolean isFull() {
    return next.isFull();
  }

  @Override
  public Future<Void> room() {
    return next.room();
  }
}
