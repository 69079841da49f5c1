package io.entrepot.testing;

import java.io.InterruptedIOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A place where answers of the test registry wait until the test lets them go on. */
public final class Gate {

  private static final long PATIENCE_SECONDS = 30;

  private final CountDownLatch opened = new CountDownLatch(1);
  private final Semaphore arrivals = new Semaphore(0);

  Gate() {}

  /** Lets through everything that waits and everything still to come. */
  public void open() {
    opened.countDown();
  }

  /**
   * Waits until {@code count} more answers have come to this gate.
   *
   * @throws AssertionError if they do not within 30 seconds
   */
  public void awaitArrivals(int count) throws InterruptedException {
    if (!arrivals.tryAcquire(count, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError(
          "%d answers expected at the gate, %d came".formatted(count, arrivals.availablePermits()));
    }
  }

  void pass() throws InterruptedIOException {
    arrivals.release();
    try {
      opened.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the test registry was closed");
    }
  }
}
