package io.entrepot.proxy.pull;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory for bytes between network and disk, all transfers of a server together.
 *
 * <p>Each queue may hold as much as nobody uses, within bounds. So a single transfer gets much, and
 * many come to hold equal parts, however many they are (Choudhury and Hahne, "Dynamic Queue Length
 * Thresholds for Shared-Memory Packet Switches", 1998).
 */
public final class BufferBudget {

  private static final long LEAST = 64 << 10;

  private final long bytes;
  private final AtomicLong used = new AtomicLong();

  /**
   * @param bytes for all together; more is taken only where all have the least they can work with
   */
  public BufferBudget(long bytes) {
    this.bytes = bytes;
  }

  /**
   * Bytes one queue may hold now.
   *
   * @param most what it can make use of
   */
  long limit(long most) {
    return Math.clamp(bytes - used.get(), LEAST, most);
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
