package io.entrepot.proxy.handler;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.entrepot.proxy.login.LoginException;
import io.entrepot.proxy.metrics.ProxyMetrics;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts wrong logins by the address that they come from: ten in a minute are enough. */
final class WrongLogins {

  private static final Logger LOG = System.getLogger(WrongLogins.class.getName());

  private static final int MAX = 10;
  static final Duration WINDOW = Duration.ofMinutes(1);

  private final ProxyMetrics metrics;
  private final Cache<String, AtomicInteger> counts;

  WrongLogins(ProxyMetrics metrics, Ticker ticker) {
    this.metrics = metrics;
    this.counts =
        Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(WINDOW).ticker(ticker).build();
  }

  /** Whether an address had its share. */
  boolean isTooMany(String address) {
    AtomicInteger count = counts.getIfPresent(address);
    return count != null && count.get() >= MAX;
  }

  /** Notes a login that was not let in, and tells the log of it. */
  void note(String address, LoginException cause) {
    metrics.loginFailed(cause.reason().word());
    switch (cause.reason()) {
      // It is not looked at, so there is nothing new to tell.
      case LIMIT -> {}
      // The issuer's fault, which the log is told of where it is asked.
      case UNAVAILABLE -> {}
      default -> count(address, cause);
    }
  }

  private void count(String address, LoginException cause) {
    int count = counts.get(address, unused -> new AtomicInteger()).incrementAndGet();
    if (count <= MAX) {
      LOG.log(
          Level.WARNING,
          "login from {0} refused ({1}): {2}{3}",
          address,
          cause.reason().word(),
          cause.getMessage(),
          count == MAX ? "; more from there are not looked at for a minute" : "");
    }
  }
}
