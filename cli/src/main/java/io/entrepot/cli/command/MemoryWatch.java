package io.entrepot.cli.command;

import io.entrepot.cli.output.Console;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Ends a command whose heap is too small. The serial collector never gives up: a full heap costs
 * minutes in which nothing is said and next to nothing is done.
 */
final class MemoryWatch implements Runnable {

  private static final long FIRST_SECONDS = 3;
  private static final long WINDOW_SECONDS = 3;
  private static final double TOO_MUCH = 0.7;
  private static final double FULL = 0.85;

  private final Console console;

  private MemoryWatch(Console console) {
    this.console = console;
  }

  /** Watches until the process ends, from some seconds on: short commands pay nothing. */
  static void start(Console console) {
    Thread.ofPlatform().daemon().name("memory-watch").start(new MemoryWatch(console));
  }

  @Override
  public void run() {
    try {
      while (true) {
        watch();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void watch() throws InterruptedException {
    TimeUnit.SECONDS.sleep(FIRST_SECONDS);
    try {
      List<GarbageCollectorMXBean> collectors = ManagementFactory.getGarbageCollectorMXBeans();
      while (true) {
        long since = System.nanoTime();
        long before = milliseconds(collectors);
        TimeUnit.SECONDS.sleep(WINDOW_SECONDS);
        double passed = (System.nanoTime() - since) / 1e6;
        Runtime heap = Runtime.getRuntime();
        boolean full = heap.totalMemory() - heap.freeMemory() > FULL * heap.maxMemory();
        if (full && milliseconds(collectors) - before > TOO_MUCH * passed) {
          Runtime.getRuntime().halt(Failures.report(new OutOfMemoryError("heap"), console));
        }
      }
    } catch (OutOfMemoryError e) {
      // The work meets it as well, and says so; where it does not, the next look does.
      console.trace(e);
    }
  }

  private static long milliseconds(List<GarbageCollectorMXBean> collectors) {
    return collectors.stream().mapToLong(GarbageCollectorMXBean::getCollectionTime).sum();
  }
}
