package io.entrepot.proxy;

import io.entrepot.lock.LockedCopies;
import io.entrepot.oci.RegistryName;
import io.entrepot.proxy.pull.Freshness;
import io.entrepot.registry.ClientSettings;
import io.entrepot.registry.Endpoint;
import io.entrepot.registry.Network;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.Upstream;
import io.entrepot.registry.Upstreams;
import io.entrepot.registry.auth.CredentialSources;
import io.entrepot.testing.TestRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A registry of ours on a free port, with docker.io at the given test registries. */
final class RunningProxy implements AutoCloseable {

  static final RegistryName HUB = RegistryName.DOCKER_HUB;

  /** Longer than a machine that does much else takes for anything here. */
  static final Duration PATIENCE = Duration.ofMinutes(3);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Vertx vertx;
  private final ProxyServer server;

  private RunningProxy(Vertx vertx, ProxyServer server) {
    this.vertx = vertx;
    this.server = server;
  }

  static RunningProxy start(Path directory, TestRegistry... endpoints) {
    return start(directory, settings -> settings, Duration.ofMinutes(5), endpoints);
  }

  static RunningProxy start(
      Path directory,
      UnaryOperator<ProxySettings> change,
      Duration freshness,
      TestRegistry... endpoints) {
    return start(directory, change, freshness, ConnectionLimits.usual(), null, endpoints);
  }

  static RunningProxy start(
      Path directory,
      UnaryOperator<ProxySettings> change,
      Duration freshness,
      ConnectionLimits limits,
      @Nullable Consumer<String> accessLines,
      TestRegistry... endpoints) {
    Map<RegistryName, Upstream> upstreams = new LinkedHashMap<>();
    if (endpoints.length > 0) {
      upstreams.put(
          HUB,
          new Upstream(
              HUB,
              List.of(endpoints).stream()
                  .map(registry -> Endpoint.parse(registry.origin()))
                  .toList(),
              null,
              java.util.Set.of(),
              0,
              null));
    }
    ProxySettings settings =
        change.apply(
            ProxySettings.defaults(directory)
                .listeningOn("127.0.0.1", 0)
                .with(new ProxySettings.Pulling(upstreams, LockedCopies.none(), freshness, null)));
    Vertx vertx = Vertx.vertx(ProxyServer.vertxOptions());
    RegistryClient client =
        new RegistryClient(
            vertx,
            ClientSettings.DEFAULTS
                .withBackoff(Duration.ofMillis(1), Duration.ofMillis(5), Duration.ofMillis(10))
                .withTimeouts(PATIENCE, PATIENCE, PATIENCE, PATIENCE, PATIENCE),
            Network.DIRECT,
            CredentialSources.NONE,
            Upstreams.configured(settings.pulling().upstreams())
                .withCopies(settings.pulling().copies()::of));
    try {
      return new RunningProxy(
          vertx,
          ProxyServer.start(
                  vertx,
                  settings,
                  unused -> client,
                  new Freshness(freshness, PATIENCE, PATIENCE),
                  limits,
                  accessLines)
              .await());
    } catch (RuntimeException e) {
      vertx.close().await();
      throw e;
    }
  }

  int port() {
    return server.port();
  }

  ProxyServer server() {
    return server;
  }

  HttpRequest.Builder request(String target) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + target))
        .timeout(PATIENCE);
  }

  HttpResponse<byte[]> get(String target, String... headers)
      throws IOException, InterruptedException {
    return send("GET", target, new byte[0], headers);
  }

  HttpResponse<byte[]> send(String method, String target, byte[] body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        request(target)
            .method(
                method,
                body.length == 0 && !method.equals("PUT") && !method.equals("PATCH")
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), BodyHandlers.ofByteArray());
  }

  /** Waits until what is being fetched is in the store; clients have the bytes before. */
  void settle() throws TimeoutException {
    server.pull().settled().await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Waits for what happens after an answer; a minute is long enough for anything. */
  static void until(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    while (!condition.call()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("waited in vain");
      }
      Thread.sleep(5);
    }
  }

  HttpClient http() {
    return http;
  }

  @Override
  public void close() {
    server.stop().await();
    vertx.close().await();
  }
}
