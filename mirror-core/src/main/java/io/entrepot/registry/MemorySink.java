package io.entrepot.registry;

import io.vertx.core.buffer.Buffer;

/** Collects a body of limited length. */
final class MemorySink extends ReadySink {

  private final Buffer collected = Buffer.buffer();

  byte[] bytes() {
    return collected.getBytes();
  }

  @Override
  protected void take(Buffer data) {
    collected.appendBuffer(data);
  }
}
