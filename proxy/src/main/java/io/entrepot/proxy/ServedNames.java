package io.entrepot.proxy;

import io.entrepot.oci.RegistryName;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a server is called. */
final class ServedNames {

  private ServedNames() {}

  /** The names that the printed client configurations use, beside those that are configured. */
  static Set<RegistryName> of(ProxySettings settings) {
    Set<RegistryName> names = new HashSet<>(settings.listening().names());
    if (settings.listening().port() > 0) {
      for (String host : List.of("localhost", "k3d-entrepot.localhost", "host.k3d.internal")) {
        names.add(new RegistryName(host + ":" + settings.listening().port()));
      }
    }
    return names;
  }

  /** Names and addresses by which this server may be called. */
  static Set<String> hosts(ProxySettings settings) {
    Set<String> hosts = new HashSet<>();
    of(settings).forEach(name -> hosts.add(name.value()));
    URI publicUrl = settings.page().publicUrl();
    if (publicUrl != null) {
      hosts.add(publicUrl.getHost());
    }
    return hosts;
  }

  /** Whether an address to listen on is reached from this machine alone. */
  static boolean isLoopback(String host) {
    try {
      // Numbers and the names of this machine; nothing is asked of a name server for those.
      return !host.isEmpty() && InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
