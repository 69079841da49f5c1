package io.entrepot.proxy.handler;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.concurrent.SingleFlight;
import io.entrepot.oci.Digest;
import io.entrepot.registry.ErrorCode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Checks passwords on threads of their own: bcrypt is slow on purpose, and nothing that is served
 * may wait behind it. The same login is checked once for all who send it at a time, and a wrong one
 * is known for a while.
 */
final class PasswordCheck {

  private static final int THREADS = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

  /** Logins that wait for their turn; more are sent away. */
  private static final int WAITING = 256;

  private final Access access;
  private final SingleFlight<Digest, Optional<String>> checks = new SingleFlight<>();
  private final Cache<Digest, Boolean> wrong =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofSeconds(30)).build();
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          THREADS,
          THREADS,
          10,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(WAITING),
          Thread.ofPlatform().daemon().name("password-", 0).factory());

  PasswordCheck(Access access) {
    this.access = access;
    threads.allowCoreThreadTimeOut(true);
  }

  /** The user whom a header names and proves; empty for a wrong password. */
  Future<Optional<String>> prove(String authorization) {
    Digest key = Digest.of(authorization.getBytes(StandardCharsets.UTF_8));
    if (wrong.getIfPresent(key) != null) {
      return Future.succeededFuture(Optional.empty());
    }
    return checks
        .run(key, () -> check(authorization))
        .onSuccess(
            user -> {
              if (user.isEmpty()) {
                wrong.put(key, true);
              }
            });
  }

  private Future<Optional<String>> check(String authorization) {
    Promise<Optional<String>> promise = Promise.promise();
    try {
      threads.execute(
          () -> {
            try {
              promise.complete(access.prove(authorization));
            } catch (RuntimeException | Error e) {
              promise.tryFail(e);
            }
          });
    } catch (RejectedExecutionException e) {
      promise.fail(
          new ApiException(
              ErrorCode.TOOMANYREQUESTS, "too many logins are being checked; try again"));
    }
    return promise.future();
  }
}
