package io.entrepot.testing;

import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.registry.Endpoint;
import io.entrepot.registry.Upstream;
import io.entrepot.registry.auth.Credentials;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A {@link TestRegistry} that behaves as one of the world's, over a wire as the world has it. */
public final class RegistryLab implements AutoCloseable {

  private final TestRegistry registry = TestRegistry.start();
  private final @Nullable TlsFront front;
  private final @Nullable TlsFront cdnFront;
  private final Upstream upstream;

  /**
   * Starts one.
   *
   * @param keys for a certificate of 127.0.0.1
   */
  public RegistryLab(Vertx vertx, Profile profile, Wire wire, TestKeys keys) {
    profile.apply(registry);
    String origin = registry.origin();
    if (wire.isEncrypted()) {
      TlsFront before = new TlsFront(vertx, wire, keys, registry.port());
      TlsFront cdn = new TlsFront(vertx, wire, keys, registry.cdnPort());
      for (TlsFront each : List.of(before, cdn)) {
        each.rename(registry.origin(), before.origin());
        each.rename(registry.cdnOrigin(), cdn.origin());
      }
      front = before;
      cdnFront = cdn;
      origin = before.origin();
    } else {
      front = null;
      cdnFront = null;
    }
    upstream =
        new Upstream(
            new RegistryName(origin.substring(origin.indexOf("//") + 2)),
            List.of(Endpoint.parse(origin)),
            profile.challenge() == Profile.Challenge.NONE
                ? null
                : Credentials.basic(Profile.USER, Profile.PASSWORD),
            Set.of(),
            0,
            wire.isEncrypted() ? keys.certificate() : null);
  }

  /** What is behind the wire. */
  public TestRegistry registry() {
    return registry;
  }

  /** How it is reached, with the account that may push. */
  public Upstream upstream() {
    return upstream;
  }

  /** A repository here. */
  public Repository repository(String path) {
    return new Repository(upstream.name(), path);
  }

  @Override
  public void close() {
    if (front != null) {
      front.close();
    }
    if (cdnFront != null) {
      cdnFront.close();
    }
    registry.close();
  }
}
