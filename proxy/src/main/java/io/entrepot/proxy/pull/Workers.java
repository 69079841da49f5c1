package io.entrepot.proxy.pull;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Threads for work that blocks.
 *
 * @param threads each task may block its thread
 */
public record Workers(Executor threads) {

  /**
   * The result of the work; completes on the worker's thread. Everything it throws is a failure.
   */
  public <T> Future<T> run(Callable<T> work) {
    Promise<T> promise = Promise.promise();
    try {
      threads.execute(
          () -> {
            try {
              promise.complete(work.call());
            } catch (Exception | Error e) {
              // An error too: whoever waits would wait for ever.
              promise.tryFail(e);
            }
          });
    } catch (RejectedExecutionException e) {
      // The server has been stopped.
      promise.fail(e);
    }
    return promise.future();
  }
}
