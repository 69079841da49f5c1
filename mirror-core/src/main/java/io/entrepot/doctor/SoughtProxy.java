package io.entrepot.doctor;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The registry that pulls are meant to go through.
 *
 * @param authorities {@code host:port}, each way in which clients may call it, the usual one first
 * @param tls whether it speaks TLS
 * @param hub whether names without a registry come from Docker Hub
 * @param login whether it wants a name and a password
 * @param registries those it serves
 */
public record SoughtProxy(
    Set<String> authorities,
    boolean tls,
    boolean hub,
    boolean login,
    Collection<String> registries) {

  /** Copies the collections. */
  public SoughtProxy {
    authorities = Collections.unmodifiableSet(new LinkedHashSet<>(authorities));
    registries = List.copyOf(registries);
  }

  /** Whether an address of a client's file leads there; its scheme may be missing. */
  boolean isAt(String address) {
    String authority = authority(address).toLowerCase(Locale.ROOT);
    if (authority.lastIndexOf(':') <= authority.lastIndexOf(']')) {
      authority += address.startsWith("http://") ? ":80" : ":443";
    }
    return authorities.contains(authority);
  }

  /** The {@code host[:port]} of an address. */
  static String authority(String address) {
    int scheme = address.indexOf("://");
    String rest = scheme < 0 ? address : address.substring(scheme + 3);
    int path = rest.indexOf('/');
    return path < 0 ? rest : rest.substring(0, path);
  }

  /** What follows the {@code host[:port]}, without slashes at its ends. */
  static String path(String address) {
    int scheme = address.indexOf("://");
    String rest = scheme < 0 ? address : address.substring(scheme + 3);
    int path = rest.indexOf('/');
    return path < 0 ? "" : rest.substring(path).replaceAll("^/+|/+$", "");
  }
}
