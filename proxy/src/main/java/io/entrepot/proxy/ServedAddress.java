package io.entrepot.proxy;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where clients reach a registry of ours, and what they need for it.
 *
 * @param authority {@code host:port}
 * @param ca certificates that prove the registry's own, in PEM; null for plain HTTP
 * @param login whether a name and a password are wanted
 * @param hub whether names without a registry come from Docker Hub
 */
public record ServedAddress(String authority, @Nullable Path ca, boolean login, boolean hub) {

  /** A registry without TLS and users. */
  public static ServedAddress plain(String authority) {
    return new ServedAddress(authority, null, false, false);
  }

  boolean tls() {
    return ca != null;
  }

  String url() {
    return (tls() ? "https://" : "http://") + authority;
  }

  String port() {
    return authority.substring(authority.lastIndexOf(':') + 1);
  }
}
