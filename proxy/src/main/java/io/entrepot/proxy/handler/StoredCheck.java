package io.entrepot.proxy.handler;

import io.entrepot.concurrent.SingleFlight;
import io.entrepot.oci.Digest;
import io.entrepot.store.Contents;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Hashes stored content of which a part is asked for before all of it was read since the start: a
 * part cannot be checked on its way. Once for all who ask, on threads of its own, since a large
 * file takes seconds.
 */
final class StoredCheck {

  private static final int THREADS = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

  private final Contents contents;
  private final SingleFlight<Digest, Boolean> checks = new SingleFlight<>();
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          THREADS,
          THREADS,
          10,
          TimeUnit.SECONDS,
          // One for each content of the store at most.
          new LinkedBlockingQueue<>(),
          Thread.ofPlatform().daemon().name("check-", 0).factory());

  StoredCheck(Contents contents) {
    this.contents = contents;
    threads.allowCoreThreadTimeOut(true);
  }

  /** Whether content has its digest; what has not is set aside. */
  Future<Boolean> isRight(Digest digest) {
    return checks.run(
        digest,
        () -> {
          Promise<Boolean> promise = Promise.promise();
          threads.execute(
              () -> {
                try {
                  promise.complete(contents.verify(digest));
                } catch (RuntimeException | Error e) {
                  promise.tryFail(e);
                }
              });
          return promise.future();
        });
  }
}
