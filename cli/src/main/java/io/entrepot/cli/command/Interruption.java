package io.entrepot.cli.command;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C and SIGTERM into an interrupt of the working thread and gives it some seconds to
 * come to an end that leaves nothing half done.
 */
final class Interruption {

  /** The exit code after Ctrl-C, as shells have it, and after SIGTERM the same. */
  private static final int STOPPED = 130;

  private static final long SECONDS = 10;

  private final CountDownLatch over = new CountDownLatch(1);
  private final Thread hook;

  private Interruption(Thread worker) {
    hook =
        Thread.ofPlatform()
            .unstarted(
                () -> {
                  worker.interrupt();
                  try {
                    if (over.await(SECONDS, TimeUnit.SECONDS)) {
                      Runtime.getRuntime().halt(STOPPED);
                    }
                    worker.interrupt();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
  }

  /** Does the work, on this thread. */
  static <T> T guard(Callable<T> work) throws Exception {
    Interruption interruption = new Interruption(Thread.currentThread());
    Runtime.getRuntime().addShutdownHook(interruption.hook);
    try {
      return work.call();
    } finally {
      interruption.end();
    }
  }

  private void end() {
    over.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending, and the hook ends it: nothing more is done or said here.
      Thread.interrupted();
      try {
        hook.join();
      } catch (InterruptedException again) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
