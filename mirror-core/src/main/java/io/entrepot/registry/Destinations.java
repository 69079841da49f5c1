package io.entrepot.registry;

import io.entrepot.registry.auth.Origin;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;

/**
 * Where to connect, when a registry chose the host: a redirect or an upload may lead to any public
 * host, but not from a public registry into the network in which this program runs (SSRF).
 */
final class Destinations {

  private final Vertx vertx;
  private final ForwardProxies proxies;

  Destinations(Vertx vertx, ForwardProxies proxies) {
    this.vertx = vertx;
    this.proxies = proxies;
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
    List<String> known =
        request.upstream().endpoints().stream().map(endpoint -> endpoint.origin().host()).toList();
    if (known.contains(origin.host()) || proxies.select(origin) != null) {
      return Future.succeededFuture(Optional.empty());
    }
    return vertx
        .executeBlocking(
            () -> {
              InetAddress address = InetAddress.getByName(origin.host());
              if (AddressRange.isInternal(address) && !anyInternal(known)) {
                throw request.failure(
                    ErrorCode.REFUSED,
                    "led to %s, an address inside this network".formatted(origin));
              }
              return Optional.of(
                  SocketAddress.inetSocketAddress(origin.port(), address.getHostAddress()));
            },
            false)
        .recover(
            cause ->
                Future.failedFuture(
                    cause instanceof UnknownHostException
                        ? TransportFailures.unreachable(request, target, cause)
                        : cause));
  }

  private static boolean anyInternal(List<String> hosts) throws UnknownHostException {
    for (String host : hosts) {
      if (AddressRange.isInternal(InetAddress.getByName(host))) {
        return true;
      }
    }
    return false;
  }
}
