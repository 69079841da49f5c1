package io.entrepot.cli.command;

import io.entrepot.oci.RegistryName;
import io.entrepot.registry.ClientSettings;
import io.entrepot.registry.Network;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.Upstream;
import io.entrepot.registry.Upstreams;
import io.entrepot.registry.auth.CredentialSources;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The registry client of one command, and the event loops under it. */
final class Session implements AutoCloseable {

  static {
    EventLoops.settle();
    EventLoops.resolveBySystem();
  }

  private final Vertx vertx;
  private final RegistryClient client;

  private Session(Vertx vertx, RegistryClient client) {
    this.vertx = vertx;
    this.client = client;
  }

  static Session open(Invocation invocation, Map<RegistryName, Upstream> registries) {
    return open(invocation, Upstreams.configured(registries));
  }

  static Session open(Invocation invocation, Upstreams upstreams) {
    Network network = Network.fromEnvironment(invocation.environment());
    Vertx vertx =
        Vertx.builder()
            .with(
                new VertxOptions()
                    .setEventLoopPoolSize(2)
                    .setWorkerPoolSize(4)
                    .setInternalBlockingPoolSize(4)
                    .setPreferNativeTransport(true))
            .build();
    RegistryClient client =
        new RegistryClient(
            vertx,
            ClientSettings.DEFAULTS,
            network,
            CredentialSources.standard(
                invocation.environment(), invocation.home(), Map.of(), invocation.console()::warn),
            upstreams);
    return new Session(vertx, client);
  }

  Vertx vertx() {
    return vertx;
  }

  RegistryClient client() {
    return client;
  }

  @Override
  public void close() {
    client.shutdown().timeout(5, TimeUnit.SECONDS).otherwiseEmpty().await();
    EventLoops.end(vertx);
  }
}
