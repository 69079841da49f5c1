package io.entrepot.proxy.handler;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.entrepot.proxy.login.PullRate;
import io.entrepot.registry.ErrorCode;
import io.netty.util.NetUtil;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts what an address pulls without a login. A pull is a GET of a manifest, as registries with a
 * quota count; HEADs and blobs are none. Of IPv6 the first 64 bits are the address, because one
 * machine has all that begin with them.
 */
final class AnonymousPulls {

  private static final Logger LOG = System.getLogger(AnonymousPulls.class.getName());

  private static final int MAX_ADDRESSES = 50_000;
  private static final int NETWORK_BYTES = 8;

  /**
   * What one address did in its window.
   *
   * @param began by the ticker
   */
  private record Window(long began, AtomicInteger pulls) {}

  private final PullRate rate;
  private final Runnable refused;
  private final Ticker ticker;
  private final Cache<String, Window> windows;

  /**
   * @param refused is told of each pull too many
   */
  AnonymousPulls(PullRate rate, Runnable refused, Ticker ticker) {
    this.rate = rate;
    this.refused = refused;
    this.ticker = ticker;
    this.windows =
        Caffeine.newBuilder()
            .maximumSize(MAX_ADDRESSES)
            .expireAfterWrite(rate.window())
            .ticker(ticker)
            .build();
  }

  /**
   * Counts a pull.
   *
   * @param address where it comes from
   * @throws ApiException 429 where the address had its share
   */
  void count(String address) {
    Window window =
        windows.get(network(address), unused -> new Window(ticker.read(), new AtomicInteger()));
    int pulls = window.pulls().incrementAndGet();
    if (pulls <= rate.pulls()) {
      return;
    }
    refused.run();
    long left =
        Math.max(
            1, rate.window().minus(Duration.ofNanos(ticker.read() - window.began())).toSeconds());
    if (pulls == rate.pulls() + 1) {
      LOG.log(
          Level.WARNING,
          "{0} has pulled {1} times without a login: refused for {2} s (anonymousPulls)",
          network(address),
          rate.pulls(),
          left);
    }
    throw new ApiException(
        ErrorCode.TOOMANYREQUESTS,
        ErrorCode.TOOMANYREQUESTS.status(),
        "your address has pulled %d times without a login, which is all that it may: log in, or come again in %d seconds"
            .formatted(rate.pulls(), left),
        List.of(new Header("Retry-After", Long.toString(left))));
  }

  private static String network(String address) {
    byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
    return bytes == null || bytes.length <= NETWORK_BYTES
        ? address
        : HexFormat.ofDelimiter(":").formatHex(Arrays.copyOf(bytes, NETWORK_BYTES)) + "::/64";
  }
}
