package io.entrepot.registry;

import io.entrepot.concurrent.SingleFlight;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Addresses of hosts, as the system resolves them: on threads of its own, since a name server that
 * does not answer holds a thread for as long as the system likes, and one look-up for all who ask
 * for the same host.
 */
final class NameLookups implements AutoCloseable {

  private static final int THREADS = 16;
  private static final int WAITING = 1_000;

  /** Asks the system; blocks. */
  @FunctionalInterface
  interface Resolver {
    InetAddress resolve(String host) throws UnknownHostException;
  }

  private final Resolver resolver;
  private final Duration patience;
  private final ExecutorService threads;
  private final SingleFlight<String, InetAddress> running = new SingleFlight<>();

  /**
   * @param patience how long one who asks waits
   */
  NameLookups(Resolver resolver, Duration patience) {
    this.resolver = resolver;
    this.patience = patience;
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(WAITING),
            Thread.ofPlatform().daemon().name("name-lookup-", 0).factory());
    pool.allowCoreThreadTimeOut(true);
    this.threads = pool;
  }

  /**
   * The first address of a host.
   *
   * @return fails with an {@link UnknownHostException}, or a {@link
   *     java.util.concurrent.TimeoutException} when the patience is over
   */
  Future<InetAddress> address(String host) {
    if (AddressRange.isLiteral(host)) {
      try {
        return Future.succeededFuture(InetAddress.getByName(host));
      } catch (UnknownHostException e) {
        return Future.failedFuture(e);
      }
    }
    return running.run(host, () -> ask(host)).timeout(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  private Future<InetAddress> ask(String host) {
    Promise<InetAddress> promise = Promise.promise();
    try {
      threads.execute(
          () -> {
            try {
              promise.complete(resolver.resolve(host));
            } catch (UnknownHostException | RuntimeException e) {
              promise.fail(e);
            }
          });
    } catch (RejectedExecutionException full) {
      promise.fail(new UnknownHostException(host + ": too many names are being looked up"));
    }
    return promise.future();
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
