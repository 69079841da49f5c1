package io.entrepot.registry.auth;

import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RegistryName;
import java.net.URI;
import java.util.Locale;

/**
 * Scheme, host and port: what a credential belongs to (RFC 6454).
 *
 * @param scheme {@code http} or {@code https}
 * @param host lower case; an IPv6 address in brackets
 * @param port 1 to 65535, never implied
 */
public record Origin(String scheme, String host, int port) {

  /** Validates and lower-cases. */
  public Origin {
    scheme = scheme.toLowerCase(Locale.ROOT);
    host = host.toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new MalformedException("not an http or https address: " + scheme);
    }
    if (host.isEmpty() || port < 1 || port > 65535) {
      throw new MalformedException("not an address: " + host + ":" + port);
    }
  }

  /**
   * The origin of an absolute URI.
   *
   * @throws MalformedException for another scheme, no host, or user information in the address
   */
  public static Origin of(URI uri) {
    if (uri.getScheme() == null || uri.getHost() == null) {
      throw new MalformedException("not an absolute http or https address");
    }
    if (uri.getRawUserInfo() != null) {
      throw new MalformedException("an address with a user name or password in it");
    }
    String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
    int port = uri.getPort() > 0 ? uri.getPort() : scheme.equals("http") ? 80 : 443;
    return new Origin(scheme, uri.getHost(), port);
  }

  /**
   * Where a registry is found by its name alone: HTTPS, plain HTTP on loopback, Docker Hub's host.
   */
  public static Origin of(RegistryName registry) {
    if (registry.equals(RegistryName.DOCKER_HUB)) {
      return new Origin("https", "registry-1.docker.io", 443);
    }
    String scheme = registry.isLoopback() ? "http" : "https";
    int port = registry.port() > 0 ? registry.port() : scheme.equals("http") ? 80 : 443;
    return new Origin(scheme, registry.host(), port);
  }

  /** Whether the connection is encrypted. */
  public boolean isSecure() {
    return scheme.equals("https");
  }

  /** The registry that people mean by this address, with its port unless that is the default. */
  public RegistryName registryName() {
    return new RegistryName(authority());
  }

  /** {@code host[:port]} as it stands in the Host header. */
  public String authority() {
    boolean standard = port == (isSecure() ? 443 : 80);
    return standard ? host : host + ":" + port;
  }

  @Override
  public String toString() {
    return scheme + "://" + authority();
  }
}
