package io.entrepot.cli.command;

import io.entrepot.oci.RegistryName;
import io.entrepot.proxy.ClientConfiguration;
import io.entrepot.proxy.ProxySettings;
import io.entrepot.proxy.ProxySpec;
import io.entrepot.proxy.ServedAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Where clients reach the proxy of a {@code proxy.yaml}, or one that nothing is said of. */
final class ClientAddress {

  private ClientAddress() {}

  /**
   * What a client's configuration says of the proxy.
   *
   * @param address {@code host:port}, or null for the usual one
   * @param ca where the client has the certificates, or null for where they are here
   * @throws UsageException for an address that the certificate of {@code tls: auto} does not prove
   */
  static ServedAddress of(
      Invocation context,
      ClientConfiguration wanted,
      @Nullable ProxySpec spec,
      @Nullable String address,
      @Nullable Path ca) {
    String host = wanted == ClientConfiguration.K3D ? "host.k3d.internal" : "localhost";
    if (spec == null) {
      return new ServedAddress(address == null ? host + ":5000" : address, ca, false, false);
    }
    int port = ServeOptions.port(spec.listen());
    String usual =
        spec.names().stream()
            .sorted()
            .findFirst()
            .map(name -> name.port() < 0 ? name + ":" + port : name.toString())
            .orElse(host + ":" + port);
    Path certificate = spec.automaticTls() ? LocalTls.root(context) : spec.certificate();
    if (spec.automaticTls() && address != null) {
      requireProved(address, LocalTls.hosts(ServeOptions.host(spec.listen()), spec.names()));
    }
    return new ServedAddress(
        address == null ? usual : address,
        certificate == null || ca == null ? certificate : ca,
        spec.htpasswd() != null,
        RegistryName.DOCKER_HUB.equals(spec.defaultUpstream()));
  }

  private static void requireProved(String address, Set<String> hosts) {
    String host = ServeOptions.host(address);
    if (!hosts.contains(host)) {
      throw new UsageException(
          "the certificate of tls: auto does not prove %s, only %s; add it to names: in proxy.yaml"
              .formatted(host, String.join(", ", hosts)));
    }
  }

  /** The registries that the proxy has. */
  static Collection<String> registries(@Nullable ProxySpec spec) {
    SortedMap<RegistryName, ?> named = spec == null ? null : spec.registries();
    return named == null
        ? ProxySettings.USUAL_UPSTREAMS
        : named.keySet().stream().map(RegistryName::value).toList();
  }

  /** How clients call the proxy, as {@code host:port}. */
  static Set<String> authorities(@Nullable ProxySpec spec) {
    if (spec == null) {
      return new LinkedHashSet<>(List.of("localhost:5000", "host.k3d.internal:5000"));
    }
    int port = ServeOptions.port(spec.listen());
    Set<String> authorities = new LinkedHashSet<>();
    List<String> hosts = new ArrayList<>(List.of("localhost", "host.k3d.internal"));
    String listen = ServeOptions.host(spec.listen());
    if (!Set.of("0.0.0.0", "::", "127.0.0.1").contains(listen)) {
      hosts.add(listen.contains(":") ? "[" + listen + "]" : listen);
    }
    hosts.forEach(host -> authorities.add(host + ":" + port));
    spec.names().stream()
        .sorted()
        .forEach(
            name -> authorities.add(name.port() < 0 ? name.value() + ":" + port : name.value()));
    return authorities;
  }
}
