package io.entrepot.proxy.handler;

import io.entrepot.registry.ErrorCode;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.net.HostAndPort;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Keeps web pages out of a registry that asks nobody for a name. A page may send requests to this
 * machine from its visitor's browser; a name that the page's owner points here makes it even read
 * the answers (DNS rebinding).
 */
public final class BrowserGuard {

  /** An IPv6 address has a colon: {@code cafe.ad} is a name that anybody can buy. */
  private static final Pattern ADDRESS =
      Pattern.compile("[0-9]+(?:\\.[0-9]+){3}|\\[?(?=[^:]*:)[0-9a-f:.]+\\]?");

  private static final CharSequence FETCH_SITE = HttpHeaders.createOptimized("sec-fetch-site");
  private static final CharSequence FETCH_MODE = HttpHeaders.createOptimized("sec-fetch-mode");
  private static final int MISDIRECTED = 421;

  private final boolean everyName;
  private final Set<String> names = new HashSet<>(Set.of("localhost", "host.k3d.internal"));

  /** What was asked for last and is ours; most requests of a server name the same. */
  private volatile String allowed = "";

  /**
   * @param everyName whether a client may know this registry by any name
   * @param names further names of this registry, with or without a port
   */
  public BrowserGuard(boolean everyName, Set<String> names) {
    this.everyName = everyName;
    for (String name : names) {
      this.names.add(name.toLowerCase(Locale.ROOT));
      this.names.add(host(name.toLowerCase(Locale.ROOT)));
    }
  }

  /** Throws for a request that a web page sent, or that means another server. */
  void check(Exchange exchange) {
    checkHost(exchange);
    checkSite(exchange);
  }

  /**
   * Throws for a request that a web page of another site sent. A browser adds the login that its
   * user once typed to what such a page sends, so this counts with users too.
   */
  void checkSite(Exchange exchange) {
    if (isFromAPage(exchange)) {
      throw fromAPage();
    }
  }

  /** As {@link #check}, for what people look at: following a link of another site is no fault. */
  void checkVisit(Exchange exchange) {
    checkHost(exchange);
    if (!"navigate".equalsIgnoreCase(exchange.header(FETCH_MODE)) && isFromAPage(exchange)) {
      throw fromAPage();
    }
  }

  private static ApiException fromAPage() {
    return new ApiException(
        ErrorCode.DENIED, 403, "requests from web pages of other sites are refused");
  }

  private void checkHost(Exchange exchange) {
    // Most requests name what the last one named; nothing is parsed for those.
    String header = exchange.header(HttpHeaders.HOST);
    if (header == null || !header.equals(allowed)) {
      HostAndPort authority = exchange.request().authority();
      if (authority != null && !isOurs(authority.host(), authority.toString())) {
        throw new ApiException(
            ErrorCode.DENIED,
            MISDIRECTED,
            "this registry is not known as '%s'; names: in proxy.yaml lists further names of it"
                .formatted(Warnings.printable(authority.host())));
      }
      if (header != null) {
        allowed = header;
      }
    }
  }

  private boolean isOurs(String host, String authority) {
    String lower = host.toLowerCase(Locale.ROOT);
    return everyName
        || names.contains(lower)
        || names.contains(authority.toLowerCase(Locale.ROOT))
        || lower.endsWith(".localhost")
        || ADDRESS.matcher(lower).matches();
  }

  private static boolean isFromAPage(Exchange exchange) {
    String site = exchange.header(FETCH_SITE);
    if (site != null) {
      return site.equalsIgnoreCase("cross-site");
    }
    String origin = exchange.header(HttpHeaders.ORIGIN);
    if (origin == null) {
      return false;
    }
    HostAndPort authority = exchange.request().authority();
    int scheme = origin.indexOf("//");
    return authority == null
        || scheme < 0
        || !host(origin.substring(scheme + 2)).equalsIgnoreCase(authority.host());
  }

  private static String host(String authority) {
    int colon = authority.lastIndexOf(':');
    return colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority;
  }
}
