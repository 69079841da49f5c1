package io.entrepot.registry.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.concurrent.SingleFlight;
import io.entrepot.oci.RegistryName;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/** Asks a {@link CredentialSource} off the event loop and keeps what it says for five minutes. */
final class CredentialLookup {

  private static final int MAX_REGISTRIES = 1_000;
  private static final long LIFE = TimeUnit.MINUTES.toNanos(5);
  private static final long PATIENCE_SECONDS = 60;

  private record Found(Accounts accounts, long usableUntil) {}

  private final Vertx vertx;
  private final CredentialSource source;
  private final LongSupplier clock;
  private final Cache<RegistryName, Found> found =
      Caffeine.newBuilder().maximumSize(MAX_REGISTRIES).executor(Runnable::run).build();
  private final SingleFlight<RegistryName, Found> lookups = new SingleFlight<>();

  CredentialLookup(Vertx vertx, CredentialSource source, LongSupplier clock) {
    this.vertx = vertx;
    this.source = source;
    this.clock = clock;
  }

  /**
   * The credentials for a repository; fails with what the source throws, or after a minute.
   *
   * @param path the repository without its registry, or empty
   */
  Future<Optional<Credentials>> find(RegistryName registry, String path) {
    Found known = found.getIfPresent(registry);
    if (known != null && known.usableUntil - clock.getAsLong() > 0) {
      return Future.succeededFuture(known.accounts.find(path));
    }
    return lookups
        .run(registry, () -> lookUp(registry))
        .timeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .recover(
            failure ->
                Future.failedFuture(
                    failure instanceof TimeoutException ? tooSlow(registry) : failure))
        .map(found -> found.accounts.find(path));
  }

  /** They were refused: the next request looks for them anew. */
  void forget(RegistryName registry) {
    found.invalidate(registry);
  }

  private Future<Found> lookUp(RegistryName registry) {
    return vertx
        .executeBlocking(() -> source.accounts(registry), false)
        .map(accounts -> new Found(accounts, clock.getAsLong() + LIFE))
        .onSuccess(value -> found.put(registry, value));
  }

  private static AuthException tooSlow(RegistryName registry) {
    return new AuthException(
        AuthException.Reason.CREDENTIALS_UNAVAILABLE,
        0,
        "the look-up of credentials for %s took more than %d s; a credential helper may be waiting for somebody"
            .formatted(registry, PATIENCE_SECONDS),
        null);
  }
}
