package io.entrepot.proxy.login;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whose tokens are logins (OpenID Connect Discovery 1.0).
 *
 * @param issuer its address, to the letter as it stands in tokens
 * @param audience for whom the tokens have to be made
 * @param grants what tokens may do; all that fit count
 * @param authorities a PEM file with authorities that it may be certified by too, or null
 */
public record OidcIssuer(
    String issuer, String audience, List<Grant> grants, @Nullable Path authorities) {

  /** Copies the list. */
  public OidcIssuer {
    grants = List.copyOf(grants);
  }

  /**
   * Checks the address of an issuer.
   *
   * @throws IllegalArgumentException where it is neither https nor on this machine
   */
  public static String address(String text) {
    if (!isSafe(text)) {
      throw new IllegalArgumentException(
          "not the address of an issuer: '%s' (expected https://HOST/PATH; http only on this machine)"
              .formatted(text));
    }
    return text;
  }

  /** Whether nobody on the way can change what an address answers. */
  static boolean isSafe(String text) {
    try {
      URI address = new URI(text);
      String host = address.getHost();
      return host != null
          && address.getRawUserInfo() == null
          && address.getRawFragment() == null
          && ("https".equals(address.getScheme())
              || ("http".equals(address.getScheme()) && isLoopback(host)));
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static boolean isLoopback(String host) {
    if (host.equals("localhost")) {
      return true;
    }
    try {
      return InetAddress.ofLiteral(host.replaceAll("[\\[\\]]", "")).isLoopbackAddress();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
