package io.entrepot.proxy.pull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
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
  public long limit(long most) {
    return Math.clamp(bytes - used.get(), LEAST, most);
  }

  /** Bytes held by all. */
  public long used() {
    return used.get();
  }

  /** Counts bytes as held. */
  public void take(long count) {
    used.addAndGet(count);
  }

  /** Counts bytes as held no longer. */
  public void giveBack(long count) {
    used.addAndGet(-count);
  }

  /**
   * Room outside the heap, from where the system takes bytes into files and sockets as they are.
   */
  public static ByteBuf allocate(int length) {
    try {
      return ByteBufAllocator.DEFAULT.directBuffer(length, length);
    } catch (OutOfMemoryError e) {
      // Only what may be used outside the heap is used up: inside it is slower, and as good.
      return ByteBufAllocator.DEFAULT.heapBuffer(length, length);
    }
  }
}
