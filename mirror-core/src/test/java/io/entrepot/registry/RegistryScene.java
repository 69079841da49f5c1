package io.entrepot.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RegistryName;
import io.entrepot.registry.auth.CredentialSource;
import io.entrepot.registry.auth.CredentialSources;
import io.entrepot.registry.auth.Credentials;
import io.entrepot.testing.TestRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** Two registries on loopback and a client of both that loses no time. */
abstract class RegistryScene {

  static final ClientSettings SETTINGS =
      ClientSettings.DEFAULTS
          .withBackoff(Duration.ofMillis(1), Duration.ofMillis(5), Duration.ofSeconds(2))
          .withTimeouts(
              Duration.ofSeconds(2),
              Duration.ofSeconds(1),
              Duration.ofMillis(300),
              Duration.ofSeconds(2),
              Duration.ofSeconds(1));

  static Vertx vertx;

  final Map<RegistryName, Upstream> upstreams = new ConcurrentHashMap<>();
  TestRegistry registry;
  TestRegistry other;
  RegistryClient client;

  @BeforeAll
  static void startVertx() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stopVertx() {
    vertx.close().await();
  }

  @BeforeEach
  void start() {
    registry = TestRegistry.start();
    other = TestRegistry.start();
    client = client(CredentialSources.NONE);
  }

  @AfterEach
  void stop() {
    client.close();
    registry.close();
    other.close();
  }

  final RegistryClient client(CredentialSource credentials) {
    return new RegistryClient(
        vertx,
        SETTINGS,
        Network.DIRECT,
        credentials,
        Upstreams.each(name -> upstreams.getOrDefault(name, Upstream.of(name))));
  }

  final void configure(TestRegistry which, Credentials credentials) {
    upstreams.put(
        which.name(),
        new Upstream(
            which.name(), Upstream.of(which.name()).endpoints(), credentials, Set.of(), 0, null));
  }

  final RegistryName endpoints(TestRegistry first, TestRegistry second) {
    RegistryName name = new RegistryName("hub.example");
    upstreams.put(
        name,
        new Upstream(
            name,
            List.of(Endpoint.parse(first.origin()), Endpoint.parse(second.origin())),
            null,
            Set.of(),
            0,
            null));
    return name;
  }

  static RegistryException failure(Future<?> future) {
    RegistryException failure = catchThrowableOfType(RegistryException.class, future::await);
    assertThat(failure).as("a failure").isNotNull();
    return failure;
  }

  static Descriptor blob(byte[] bytes) {
    return Descriptor.of(MediaType.OCTET_STREAM, Digest.of(bytes), bytes.length);
  }

  static byte[] index() {
    return "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(UTF_8);
  }

  static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }
}
