package io.entrepot.proxy;

import io.entrepot.oci.RegistryName;
import io.entrepot.registry.ClientSettings;
import io.entrepot.registry.Endpoint;
import io.entrepot.registry.ForwardProxies;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.Upstream;
import io.entrepot.registry.auth.CredentialSource;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A server for measurements: {@code DIRECTORY PORT [DOCKER.IO-ENDPOINT]}. */
final class ServeByHand {

  private ServeByHand() {}

  public static void main(String[] arguments) {
    Map<RegistryName, Upstream> upstreams =
        arguments.length < 3
            ? Map.of()
            : Map.of(
                RegistryName.DOCKER_HUB,
                new Upstream(
                    RegistryName.DOCKER_HUB,
                    List.of(Endpoint.parse(arguments[2])),
                    null,
                    Set.of(),
                    0,
                    null));
    ProxySettings settings =
        ProxySettings.defaults(Path.of(arguments[0]))
            .listeningOn("127.0.0.1", Integer.parseInt(arguments[1]))
            .proxying(upstreams, Duration.ofMinutes(5), null);
    Vertx vertx = Vertx.vertx(ProxyServer.vertxOptions());
    RegistryClient client =
        new RegistryClient(
            vertx,
            ClientSettings.DEFAULTS,
            ForwardProxies.NONE,
            CredentialSource.NONE,
            name -> settings.upstreams().getOrDefault(name, Upstream.of(name)));
    var unused = ProxyServer.start(vertx, settings, client, null).await();
  }
}
