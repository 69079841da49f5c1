package io.entrepot.registry;

import io.entrepot.registry.auth.Origin;
import io.entrepot.registry.auth.Scope;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Asks what is no registry, with the same connections and the same trust. */
final class RestCalls {

  private static final int MAX_BYTES = 16 * 1024 * 1024;

  private final Calls calls;
  private final Upstreams upstreams;

  RestCalls(Calls calls, Upstreams upstreams) {
    this.calls = calls;
    this.upstreams = upstreams;
  }

  /** Sends once; no redirect is followed. */
  Future<RestAnswer> ask(RestRequest asked) {
    Origin origin = Origin.of(asked.address());
    Upstream upstream =
        new Upstream(
            origin.registryName(),
            List.of(Endpoint.of(origin)),
            null,
            Set.of(),
            0,
            upstreams.of(asked.registry()).ca());
    RegistryRequest request =
        new RegistryRequest.Builder(
                HttpMethod.valueOf(asked.method()),
                Kind.API,
                upstream,
                new Target(origin, pathAndQuery(asked.address())),
                Scope.NONE)
            .header("Accept", "application/vnd.github+json")
            .anonymous()
            .build();
    Exchange exchange = calls.transport().exchange();
    return calls.onEventLoop(
        () ->
            exchange
                .send(request, request.target(), Optional.ofNullable(asked.authorization()))
                .compose(
                    answer ->
                        exchange
                            .bodies()
                            .read(request, answer, MAX_BYTES)
                            .map(
                                body ->
                                    new RestAnswer(
                                        answer.status(), answer.headers().entries(), body))));
  }

  private static String pathAndQuery(URI address) {
    String path = address.getRawPath().isEmpty() ? "/" : address.getRawPath();
    return address.getRawQuery() == null ? path : path + "?" + address.getRawQuery();
  }
}
