package io.entrepot.registry;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;

/**
 * Collects an answer of limited length; a long one when there is room for it, and then in an array
 * of its length, where that is known.
 */
final class AnswerSink implements ByteSink {

  /** Bytes that need no share. */
  static final int SHORT = 256 << 10;

  private static final int FIRST = 4 << 10;

  private final AnswerRoom.Share share;
  private final long expected;
  private byte[] collected = new byte[0];
  private int length;

  /**
   * @param expected bytes, as the answer says; 0 where it does not
   */
  AnswerSink(AnswerRoom.Share share, long expected) {
    this.share = share;
    this.expected = expected;
  }

  /** What was collected; nothing can be written any more. */
  byte[] bytes() {
    return collected.length == length ? collected : Arrays.copyOf(collected, length);
  }

  @Override
  public Future<Void> write(Buffer bytes) {
    int needed = Math.addExact(length, bytes.length());
    if (needed > collected.length) {
      collected = Arrays.copyOf(collected, capacity(needed));
    }
    bytes.getBytes(collected, length);
    length = needed;
    return Future.succeededFuture();
  }

  private int capacity(int needed) {
    if (needed <= expected && share.isHeld()) {
      return Math.toIntExact(expected);
    }
    long doubled = Math.max(FIRST, 2L * collected.length);
    long useful = needed <= expected ? Math.min(expected, doubled) : doubled;
    return Math.toIntExact(Math.max(needed, useful));
  }

  @Override
  public boolean isFull() {
    return length > SHORT && !share.isHeld();
  }

  @Override
  public Future<Void> room() {
    return share.take();
  }
}
