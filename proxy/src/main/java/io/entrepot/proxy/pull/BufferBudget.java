package io.entrepot.proxy.pull;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory for bytes between network and disk, all transfers of a server together.
 *
 * <p>One transfer may hold much while few are under way, and little as soon as they all hold much;
 * so their number does not decide what memory is needed.
 */
public final class BufferBudget {

  private static final long ALONE = 512 << 10;
  private static final long CROWDED = 64 << 10;

  private final long bytes;
  private final AtomicLong used = new AtomicLong();

  /**
   * @param bytes above which every transfer has to do with little
   */
  public BufferBudget(long bytes) {
    this.bytes = bytes;
  }

  /** Bytes one queue may hold now. */
  long limit() {
    return used.get() > bytes ? CROWDED : ALONE;
  }

  /** Bytes held by all. */
  public long used() {
    return used.get();
  }

  void take(long count) {
    used.addAndGet(count);
  }

  void giveBack(long count) {
    used.addAndGet(-count);
  }
}
