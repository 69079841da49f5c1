package io.entrepot.proxy.handler;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.oci.MalformedException;
import io.entrepot.proxy.local.Uploads;
import io.entrepot.proxy.metrics.ProxyMetrics;
import io.entrepot.proxy.pull.BufferBudget;
import io.entrepot.proxy.pull.PullThrough;
import io.entrepot.proxy.route.DistributionPath;
import io.entrepot.proxy.route.NameResolver;
import io.entrepot.proxy.route.RoutedRepository;
import io.entrepot.registry.ErrorCode;
import io.entrepot.store.ContentStore;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The way from a request to its handler: address, name, permission, method. */
public final class RegistryHandler implements Handler<HttpServerRequest> {

  private static final byte[] EMPTY_OBJECT = "{}".getBytes(StandardCharsets.UTF_8);

  private static final int MAX_REMEMBERED = 512;

  // Grammar and names are checked once for each address, not once for each request.
  private final Cache<String, Way> ways = Caffeine.newBuilder().maximumSize(10_000).build();

  private final NameResolver names;
  private final Access access;
  private final boolean pushes;
  private final ContentStore store;
  private final ProxyMetrics metrics;
  private final @Nullable AccessLog accessLog;
  private final ManifestHandler manifests;
  private final BlobHandler blobs;
  private final UploadHandler uploads;
  private final DiscoveryHandler discovery;
  private volatile boolean stopping;

  /**
   * @param pushes whether local repositories can be written
   * @param accessLog null for none
   */
  public RegistryHandler(
      NameResolver names,
      Access access,
      boolean pushes,
      ContentStore store,
      ContentCache cache,
      PullThrough pull,
      Uploads sessions,
      BufferBudget budget,
      ProxyMetrics metrics,
      @Nullable AccessLog accessLog) {
    this.names = names;
    this.access = access;
    this.pushes = pushes;
    this.store = store;
    this.metrics = metrics;
    this.accessLog = accessLog;
    this.manifests = new ManifestHandler(store, cache, pull, metrics);
    this.blobs = new BlobHandler(store, cache, pull, budget, metrics);
    this.uploads = new UploadHandler(store, sessions, names, access);
    this.discovery = new DiscoveryHandler(store, pull, access);
  }

  /** From now on {@code /readyz} says no. */
  public void stopping() {
    stopping = true;
  }

  @Override
  public void handle(HttpServerRequest request) {
    Exchange exchange =
        new Exchange(request, Objects.requireNonNull(Vertx.currentContext(), "no event loop"));
    try {
      if (!request.isEnded()
          && !request.method().equals(HttpMethod.GET)
          && !request.method().equals(HttpMethod.HEAD)) {
        request.pause();
      }
      route(exchange);
    } catch (RuntimeException e) {
      exchange.fail(e);
    }
  }

  private void route(Exchange exchange) {
    HttpServerRequest request = exchange.request();
    String uri = request.uri();
    Way known = uri == null ? null : ways.getIfPresent(uri);
    if (known != null) {
      follow(exchange, known);
      return;
    }
    String path = request.path();
    if (path == null || !path.startsWith("/v2")) {
      observe(exchange, "page");
      page(exchange, path == null ? "" : path);
      return;
    }
    Optional<DistributionPath> parsed;
    try {
      parsed = DistributionPath.parse(path);
    } catch (DistributionPath.BadPathException e) {
      observe(exchange, "bad");
      // A tag that cannot be is a tag that is not there.
      boolean reading = request.method().equals(HttpMethod.GET) || exchange.isHead();
      throw e.code() == ErrorCode.TAG_INVALID && reading
          ? new ApiException(ErrorCode.MANIFEST_UNKNOWN, "no such manifest")
          : e;
    }
    if (parsed.isEmpty()) {
      observe(exchange, "bad");
      throw new ApiException(ErrorCode.NAME_UNKNOWN, "no such address");
    }
    follow(exchange, new Way(parsed.get(), null));
  }

  /**
   * Where a request leads.
   *
   * @param place null where it was not looked up yet, or has none
   */
  private record Way(DistributionPath address, @Nullable RoutedRepository place) {}

  private void follow(Exchange exchange, Way way) {
    observe(exchange, way.address().kind());
    if (access.isOpen()) {
      dispatch(exchange, way);
    } else {
      identified(exchange, way);
    }
  }

  private void observe(Exchange exchange, String kind) {
    AccessLog log = accessLog;
    if (log != null) {
      log.begin(exchange);
    }
    exchange
        .response()
        .endHandler(
            unused -> {
              metrics.request(kind, exchange.response().getStatusCode());
              if (log != null) {
                log.end(exchange);
              }
            });
  }

  private void identified(Exchange exchange, Way way) {
    String header = exchange.request().getHeader(HttpHeaders.AUTHORIZATION);
    Optional<String> known = access.remembered(header);
    if (header == null || known.isPresent()) {
      known.ifPresent(exchange::user);
      dispatch(exchange, way);
      return;
    }
    exchange
        .onWorker(() -> access.prove(header))
        .onSuccess(
            user -> {
              if (user.isEmpty()) {
                challenge(exchange);
                return;
              }
              exchange.user(user.get());
              try {
                dispatch(exchange, way);
              } catch (RuntimeException e) {
                exchange.fail(e);
              }
            })
        .onFailure(exchange::fail);
  }

  private static void challenge(Exchange exchange) {
    exchange.header("WWW-Authenticate", "Basic realm=\"entrepot\"");
    exchange.fail(new ApiException(ErrorCode.UNAUTHORIZED, "a user name and password are needed"));
  }

  private void dispatch(Exchange exchange, Way way) {
    HttpMethod method = exchange.request().method();
    boolean reading = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
    // Not a switch: one over types is linked at run time, and every start would wait for that.
    if (way.address() instanceof DistributionPath.InRepository path) {
      RoutedRepository place = way.place() == null ? place(exchange, path) : way.place();
      inRepository(exchange, path, place, reading);
    } else if (way.address() instanceof DistributionPath.Base
        && !access.isOpen()
        && exchange.user() == null
        && !access.mayRead(null, "")) {
      // Clients learn here whether they have to log in.
      challenge(exchange);
    } else if (!reading) {
      throw unsupported(method);
    } else if (way.address() instanceof DistributionPath.Catalog) {
      discovery.catalog(exchange);
    } else {
      exchange.json(200, "application/json", EMPTY_OBJECT);
    }
  }

  private void inRepository(
      Exchange exchange,
      DistributionPath.InRepository path,
      RoutedRepository place,
      boolean reading) {
    if (place.namespace() != null) {
      exchange.header("OCI-Namespace", place.namespace());
    }
    boolean session = path instanceof DistributionPath.Upload;
    if (!access.isOpen() && !isAllowed(exchange, place, reading && !session)) {
      if (exchange.user() == null) {
        challenge(exchange);
      } else {
        exchange.fail(new ApiException(ErrorCode.DENIED, "not allowed in " + place.id()));
      }
      return;
    }
    if (!reading || session) {
      requireWritable(place);
    }
    switch (path) {
      case DistributionPath.Manifest manifest -> manifest(exchange, place, manifest);
      case DistributionPath.Blob blob -> blob(exchange, place, blob);
      case DistributionPath.Tags tags -> {
        requireReading(exchange);
        discovery.tags(exchange, place, tags);
      }
      case DistributionPath.Referrers referrers -> {
        requireReading(exchange);
        discovery.referrers(exchange, place, referrers.digest());
      }
      case DistributionPath.Uploads begin -> {
        if (!exchange.request().method().equals(HttpMethod.POST)) {
          throw unsupported(exchange.request().method());
        }
        uploads.begin(exchange, place, begin.name());
      }
      case DistributionPath.Upload upload -> upload(exchange, place, upload);
    }
  }

  private boolean isAllowed(Exchange exchange, RoutedRepository place, boolean reading) {
    String name = place.id().toString();
    return reading ? access.mayRead(exchange.user(), name) : access.mayWrite(exchange.user(), name);
  }

  private RoutedRepository place(Exchange exchange, DistributionPath.InRepository path) {
    RoutedRepository place = place(exchange, path.name());
    String uri = exchange.request().uri();
    // The place of another name for this registry itself depends on the Host header too.
    boolean always = place.namespace() == null || !place.id().isLocal();
    if (always && uri != null && uri.length() <= MAX_REMEMBERED) {
      ways.put(uri, new Way(path, place));
    }
    return place;
  }

  private RoutedRepository place(Exchange exchange, String name) {
    List<String> namespaces = exchange.queries("ns");
    if (namespaces.size() > 1) {
      throw new ApiException(ErrorCode.NAME_INVALID, "more than one ns");
    }
    String namespace = namespaces.isEmpty() ? null : namespaces.getFirst();
    String authority = namespace == null ? null : exchange.request().getHeader(HttpHeaders.HOST);
    try {
      return names
          .resolve(name, namespace, authority)
          .orElseThrow(
              () ->
                  new ApiException(
                      ErrorCode.NAME_UNKNOWN, "'" + namespace + "' is not configured here"));
    } catch (MalformedException e) {
      throw new ApiException(ErrorCode.NAME_INVALID, String.valueOf(e.getMessage()));
    }
  }

  private void requireWritable(RoutedRepository place) {
    if (!place.id().isLocal()) {
      throw new ApiException(
          ErrorCode.UNSUPPORTED,
          "%s is fetched from %s; push under a name of your own"
              .formatted(place.id(), place.id().upstream()));
    }
    if (!pushes) {
      throw new ApiException(ErrorCode.UNSUPPORTED, "this registry takes no pushes");
    }
  }

  private static void requireReading(Exchange exchange) {
    HttpMethod method = exchange.request().method();
    if (!method.equals(HttpMethod.GET) && !method.equals(HttpMethod.HEAD)) {
      throw unsupported(method);
    }
  }

  private static ApiException unsupported(HttpMethod method) {
    return new ApiException(ErrorCode.UNSUPPORTED, method + " is not possible here");
  }

  private void manifest(Exchange exchange, RoutedRepository place, DistributionPath.Manifest path) {
    HttpMethod method = exchange.request().method();
    if (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD)) {
      manifests.get(exchange, place, path);
    } else if (method.equals(HttpMethod.PUT)) {
      manifests.put(exchange, place, path);
    } else if (method.equals(HttpMethod.DELETE)) {
      manifests.delete(exchange, place, path);
    } else {
      throw unsupported(method);
    }
  }

  private void blob(Exchange exchange, RoutedRepository place, DistributionPath.Blob path) {
    HttpMethod method = exchange.request().method();
    if (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD)) {
      blobs.get(exchange, place, path.digest());
    } else if (method.equals(HttpMethod.DELETE)) {
      blobs.delete(exchange, place, path);
    } else {
      throw unsupported(method);
    }
  }

  private void upload(Exchange exchange, RoutedRepository place, DistributionPath.Upload path) {
    HttpMethod method = exchange.request().method();
    if (method.equals(HttpMethod.PATCH)) {
      uploads.append(exchange, place, path);
    } else if (method.equals(HttpMethod.PUT)) {
      uploads.finish(exchange, place, path);
    } else if (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD)) {
      uploads.state(exchange, place, path);
    } else if (method.equals(HttpMethod.DELETE)) {
      uploads.cancel(exchange, place, path);
    } else {
      throw unsupported(method);
    }
  }

  private void page(Exchange exchange, String path) {
    switch (path) {
      case "/livez" -> text(exchange, 200, "ok\n");
      case "/readyz" -> ready(exchange);
      case "/metrics" ->
          exchange
              .onWorker(metrics::scrape)
              .onSuccess(
                  text ->
                      exchange.json(
                          200,
                          "text/plain; version=0.0.4; charset=utf-8",
                          text.getBytes(StandardCharsets.UTF_8)))
              .onFailure(exchange::fail);
      case "/" -> text(exchange, 200, "Entrepot: an OCI registry. Its API begins at /v2/.\n");
      default -> exchange.fail(new ApiException(ErrorCode.NAME_UNKNOWN, "no such address"));
    }
  }

  private void ready(Exchange exchange) {
    if (stopping) {
      text(exchange, 503, "stopping\n");
      return;
    }
    exchange
        .onWorker(
            () -> {
              store.probe();
              return store.trouble();
            })
        .onSuccess(
            trouble -> {
              if (trouble.isEmpty()) {
                text(exchange, 200, "ready\n");
              } else {
                text(exchange, 503, trouble.get().getMessage() + "\n");
              }
            })
        .onFailure(exchange::fail);
  }

  private static void text(Exchange exchange, int status, String text) {
    exchange.json(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
  }
}
