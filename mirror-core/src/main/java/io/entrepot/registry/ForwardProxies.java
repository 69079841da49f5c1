package io.entrepot.registry;

import io.entrepot.oci.MalformedException;
import io.entrepot.registry.auth.Origin;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which requests go through a forward proxy, by the variables every tool knows: {@code
 * HTTPS_PROXY}, {@code HTTP_PROXY}, {@code ALL_PROXY} and {@code NO_PROXY}, lower case first, as
 * curl reads them.
 *
 * <p>Loopback is never sent to a proxy.
 */
public final class ForwardProxies {

  /** No proxy at all. */
  public static final ForwardProxies NONE = new ForwardProxies(null, null, List.of());

  private final @Nullable ProxyOptions forHttp;
  private final @Nullable ProxyOptions forHttps;
  private final List<String> exceptions;

  private ForwardProxies(
      @Nullable ProxyOptions forHttp, @Nullable ProxyOptions forHttps, List<String> exceptions) {
    this.forHttp = forHttp;
    this.forHttps = forHttps;
    this.exceptions = List.copyOf(exceptions);
  }

  /**
   * Reads the variables.
   *
   * @throws MalformedException naming the variable whose value is not an address
   */
  public static ForwardProxies fromEnvironment(Map<String, String> environment) {
    List<String> exceptions = new ArrayList<>();
    String noProxy = first(environment, "no_proxy", "NO_PROXY");
    if (noProxy != null) {
      for (String entry : noProxy.split(",", -1)) {
        String trimmed = entry.strip().toLowerCase(Locale.ROOT);
        if (!trimmed.isEmpty()) {
          exceptions.add(trimmed);
        }
      }
    }
    return new ForwardProxies(
        options(
            "HTTP_PROXY", first(environment, "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")),
        options(
            "HTTPS_PROXY",
            first(environment, "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")),
        exceptions);
  }

  /** The proxy for an origin, or null for a direct connection. */
  @Nullable ProxyOptions select(Origin origin) {
    ProxyOptions options = origin.isSecure() ? forHttps : forHttp;
    if (options == null || origin.registryName().isLoopback()) {
      return null;
    }
    String host = origin.host();
    for (String exception : exceptions) {
      String pattern = exception;
      int colon = pattern.lastIndexOf(':');
      if (colon > 0 && pattern.substring(colon + 1).matches("[0-9]+")) {
        if (origin.port() != Integer.parseInt(pattern.substring(colon + 1))) {
          continue;
        }
        pattern = pattern.substring(0, colon);
      }
      String suffix = pattern.startsWith("*.") ? pattern.substring(1) : pattern;
      suffix = suffix.startsWith(".") ? suffix : "." + suffix;
      if (pattern.equals("*")
          || ("." + host).endsWith(suffix)
          || AddressRange.contains(pattern, host)) {
        return null;
      }
    }
    return options;
  }

  private static @Nullable ProxyOptions options(String variable, @Nullable String value) {
    if (value == null) {
      return null;
    }
    try {
      URI uri = URI.create(value.contains("://") ? value : "http://" + value);
      String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
      if (uri.getHost() == null) {
        throw new IllegalArgumentException("no host");
      }
      ProxyOptions options = new ProxyOptions().setHost(uri.getHost());
      switch (scheme) {
        case "http" ->
            options.setType(ProxyType.HTTP).setPort(uri.getPort() > 0 ? uri.getPort() : 80);
        case "socks5", "socks5h" ->
            options.setType(ProxyType.SOCKS5).setPort(uri.getPort() > 0 ? uri.getPort() : 1080);
        default -> throw new IllegalArgumentException("scheme " + scheme);
      }
      if (uri.getRawUserInfo() != null) {
        String[] parts = uri.getRawUserInfo().split(":", 2);
        options.setUsername(URLDecoder.decode(parts[0], StandardCharsets.UTF_8));
        if (parts.length == 2) {
          options.setPassword(URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
      }
      return options;
    } catch (IllegalArgumentException e) {
      throw new MalformedException(
          variable
              + " is not the address of a proxy (expected http://host:port or socks5://host:port)");
    }
  }

  private static @Nullable String first(Map<String, String> environment, String... names) {
    for (String name : names) {
      String value = environment.get(name);
      if (value != null && !value.isBlank()) {
        return value.strip();
      }
    }
    return null;
  }
}
