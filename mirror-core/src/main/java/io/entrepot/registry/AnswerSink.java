package io.entrepot.registry;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/** Collects an answer of limited length; a long one when there is room for it. */
final class AnswerSink implements ByteSink {

  /** Bytes that need no share. */
  static final int SHORT = 256 << 10;

  private final Buffer collected = Buffer.buffer();
  private final AnswerRoom.Share share;

  AnswerSink(AnswerRoom.Share share) {
    this.share = share;
  }

  byte[] bytes() {
    return collected.getBytes();
  }

  @Override
  public Future<Void> write(Buffer bytes) {
    collected.appendBuffer(bytes);
    return Future.succeededFuture();
  }

  @Override
  public boolean isFull() {
    return collected.length() > SHORT && !share.isHeld();
  }

  @Override
  public Future<Void> room() {
    return share.take();
  }
}
