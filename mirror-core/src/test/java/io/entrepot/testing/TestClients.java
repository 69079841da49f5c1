package io.entrepot.testing;

import io.entrepot.registry.ClientSettings;
import io.entrepot.registry.Network;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.Upstreams;
import io.entrepot.registry.auth.CredentialSources;
import io.vertx.core.Vertx;
import java.time.Duration;

/** Registry clients that ask nobody for credentials and lose no time between tries. */
public final class TestClients {

  private TestClients() {}

  /** A client that knows of registries only what everybody knows. */
  public static RegistryClient impatient(Vertx vertx) {
    return impatient(vertx, Upstreams.standard());
  }

  /** A client of these registries. */
  public static RegistryClient impatient(Vertx vertx, Upstreams upstreams) {
    return new RegistryClient(
        vertx,
        ClientSettings.DEFAULTS.withBackoff(
            Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofMillis(2)),
        Network.DIRECT,
        CredentialSources.NONE,
        upstreams);
  }
}
