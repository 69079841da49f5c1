package io.entrepot.registry;

import io.entrepot.registry.auth.Origin;
import io.entrepot.registry.auth.Secret;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future.State;
import java.util.concurrent.TimeUnit;

/** Connections to registries, pooled by host; by forward proxies and with extra trust. */
final class HttpConnections {

  private static final String USER_AGENT = "entrepot/0.1";

  private final Vertx vertx;

  /** Made while the command goes on, on a thread that is nobody's verticle: it outlives those. */
  private final CompletableFuture<Clients> http;

  private final ClientSettings settings;
  private final Network network;
  private final Map<Path, ClientSSLOptions> trust = new ConcurrentHashMap<>();

  HttpConnections(Vertx vertx, ClientSettings settings, Network network) {
    this.vertx = vertx;
    this.settings = settings;
    this.network = network;
    this.http =
        CompletableFuture.supplyAsync(
            () -> {
              HttpClientOptions options = clientOptions(settings, network);
              PoolOptions pool = poolOptions(settings);
              return new Clients(
                  vertx.createHttpClient(options, pool),
                  vertx.createHttpClient(new HttpClientOptions(options).setForceSni(false), pool));
            },
            Thread::startVirtualThread);
  }

  /**
   * @param names sends every host in the handshake, also one of a single word
   * @param literals for addresses of IPv6, which are no names there (RFC 6066 section 3)
   */
  private record Clients(HttpClient names, HttpClient literals) {

    HttpClient of(Origin origin) {
      return origin.host().indexOf(':') < 0 ? names : literals;
    }

    Future<Void> close() {
      return Future.join(names.close(), literals.close()).mapEmpty();
    }
  }

  private static HttpClientOptions clientOptions(ClientSettings settings, Network network) {
    return new HttpClientOptions()
        .setProtocolVersion(HttpVersion.HTTP_2)
        .setUseAlpn(true)
        // Both are offered: many registries behind TLS speak HTTP/1.1 only, some without ALPN.
        .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1))
        .setHttp2ClearTextUpgrade(false)
        .setTrustOptions(ExtraTrust.standard(network.trust()))
        .setVerifyHost(true)
        .setForceSni(true)
        .setConnectTimeout((int) settings.timeouts().connect().toMillis())
        .setSslHandshakeTimeout(settings.timeouts().connect().toMillis())
        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
        // Bodies and answers are watched one by one; an idle connection is dropped by keep-alive.
        .setIdleTimeout(0)
        .setKeepAliveTimeout(60)
        .setHttp2KeepAliveTimeout(60)
        .setHttp2MultiplexingLimit(32)
        .setHttp2ConnectionWindowSize(8 * 1024 * 1024)
        .setInitialSettings(new Http2Settings().setInitialWindowSize(1024 * 1024))
        .setPipelining(false)
        .setDecompressionSupported(false)
        .setMaxInitialLineLength(8 * 1024)
        .setMaxHeaderSize(64 * 1024)
        .setMaxChunkSize(64 * 1024)
        .setTcpNoDelay(true)
        .setTcpKeepAlive(true);
  }

  private static PoolOptions poolOptions(ClientSettings settings) {
    return new PoolOptions()
        .setHttp1MaxSize(settings.connectionsPerHost())
        .setHttp2MaxSize(2)
        .setMaxWaitQueueSize(10_000);
  }

  /**
   * A request that can be written.
   *
   * @param address where to connect instead of the target's own host
   */
  Future<HttpClientRequest> open(
      RegistryRequest request,
      Target target,
      Optional<SocketAddress> address,
      Optional<Secret> authorization) {
    RequestOptions options = options(request, target);
    address.ifPresent(options::setServer);
    authorization.ifPresent(secret -> options.putHeader("Authorization", secret.reveal()));
    return clients().compose(clients -> clients.of(target.origin()).request(options));
  }

  private Future<Clients> clients() {
    return http.state() == State.SUCCESS
        ? Future.succeededFuture(http.resultNow())
        : Future.fromCompletionStage(http, vertx.getOrCreateContext());
  }

  private RequestOptions options(RegistryRequest request, Target target) {
    Origin origin = target.origin();
    RequestOptions options =
        new RequestOptions()
            .setMethod(request.method())
            .setHost(origin.host())
            .setPort(origin.port())
            .setSsl(origin.isSecure())
            .setURI(target.pathAndQuery())
            .setFollowRedirects(false)
            .setConnectTimeout(connectTimeout(request).toMillis())
            .setIdleTimeout(0);
    if (!origin.isSecure()) {
      options.setProtocolVersion(HttpVersion.HTTP_1_1);
    }
    ProxyOptions proxy = network.proxies().select(origin);
    if (proxy != null) {
      options.setProxyOptions(proxy);
    }
    Path ca = request.upstream().ca();
    if (ca != null && origin.isSecure()) {
      options.setSslOptions(
          trust.computeIfAbsent(ca, file -> ExtraTrust.options(file, network.trust())));
    }
    MultiMap headers = MultiMap.caseInsensitiveMultiMap().addAll(request.headers());
    headers.set("User-Agent", USER_AGENT);
    options.setHeaders(headers);
    return options;
  }

  private Duration connectTimeout(RegistryRequest request) {
    ClientSettings.Timeouts timeouts = settings.timeouts();
    boolean brief =
        request.patience() == RegistryRequest.Patience.SHORT
            && timeouts.another().compareTo(timeouts.connect()) < 0;
    return brief ? timeouts.another() : timeouts.connect();
  }

  /** Done when every connection is closed. */
  Future<Void> close() {
    return clients().compose(Clients::close);
  }
}
