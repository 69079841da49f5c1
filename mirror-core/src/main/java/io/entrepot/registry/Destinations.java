package io.entrepot.registry;

import io.entrepot.registry.auth.Origin;
import io.vertx.core.Future;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where to connect, when a registry chose the host: a redirect or an upload may lead to any public
 * host, but not from a public registry into the network in which this program runs (SSRF), and from
 * nowhere to a link-local address, where clouds keep what a machine knows of itself.
 */
final class Destinations {

  private final ForwardProxies proxies;
  private final NameLookups lookups;

  Destinations(ForwardProxies proxies, NameLookups lookups) {
    this.proxies = proxies;
    this.lookups = lookups;
  }

  /**
   * The address that was checked, to be dialled as it is; empty for a host of the configuration,
   * and where a forward proxy resolves names.
   *
   * @return fails with a {@link RegistryException} where the target must not be dialled or has no
   *     address
   */
  Future<Optional<SocketAddress>> address(RegistryRequest request, Target target) {
    Origin origin = target.origin();
    List<String> known = new ArrayList<>();
    for (Endpoint endpoint : request.upstream().endpoints()) {
      known.add(endpoint.origin().host());
    }
    if (known.contains(origin.host()) || proxies.select(origin) != null) {
      return Future.succeededFuture(Optional.empty());
    }
    return lookups
        .address(origin.host())
        .compose(address -> isAllowed(address, known).map(allowed -> allowed ? address : null))
        .recover(
            cause -> Future.failedFuture(TransportFailures.unreachable(request, target, cause)))
        .compose(
            address ->
                address == null
                    ? Future.failedFuture(
                        request.failure(
                            ErrorCode.REFUSED,
                            "led to %s, an address inside this network".formatted(origin)))
                    : Future.succeededFuture(
                        Optional.of(
                            SocketAddress.inetSocketAddress(
                                origin.port(), address.getHostAddress()))));
  }

  private Future<Boolean> isAllowed(InetAddress address, List<String> known) {
    if (AddressRange.isForNobody(address)) {
      return Future.succeededFuture(false);
    }
    return AddressRange.isInternal(address) ? anyInternal(known, 0) : Future.succeededFuture(true);
  }

  private Future<Boolean> anyInternal(List<String> hosts, int index) {
    return index == hosts.size()
        ? Future.succeededFuture(false)
        : lookups
            .address(hosts.get(index))
            .compose(
                address ->
                    AddressRange.isInternal(address)
                        ? Future.succeededFuture(true)
                        : anyInternal(hosts, index + 1));
  }

  void close() {
    lookups.close();
  }
}
