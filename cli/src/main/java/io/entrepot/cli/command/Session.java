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
  private final boolean own;

  private Session(Vertx vertx, RegistryClient client, boolean own) {
    this.vertx = vertx;
    this.client = client;
    this.own = own;
  }

  static Session open(Invocation invocation, Map<RegistryName, Upstream> registries) {
    return open(invocation, Upstreams.configured(registries));
  }

  static Session open(Invocation invocation, Upstreams upstreams) {
    Vertx vertx =
        Vertx.builder()
            .with(
                new VertxOptions()
                    .setEventLoopPoolSize(2)
                    .setWorkerPoolSize(4)
                    .setInternalBlockingPoolSize(4)
                    .setPreferNativeTransport(true))
            .build();
    return new Session(vertx, client(invocation, upstreams, vertx), true);
  }

  /** A session on event loops that go on after it. */
  static Session on(Vertx vertx, Invocation invocation, Map<RegistryName, Upstream> registries) {
    return new Session(vertx, client(invocation, Upstreams.configured(registries), vertx), false);
  }

  private static RegistryClient client(Invocation invocation, Upstreams upstreams, Vertx vertx) {
    return new RegistryClient(
        vertx,
        ClientSettings.DEFAULTS,
        Network.fromEnvironment(invocation.environment()),
        CredentialSources.standard(
            invocation.environment(), invocation.home(), Map.of(), invocation.console()::warn),
        upstreams);
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
    if (own) {
      EventLoops.end(vertx);
    }
  }
}
