package io.entrepot.proxy.handler;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.entrepot.oci.MalformedException;
import io.entrepot.proxy.admission.Admission;
import io.entrepot.proxy.hook.Hooks;
import io.entrepot.proxy.local.Uploads;
import io.entrepot.proxy.login.PullRate;
import io.entrepot.proxy.metrics.ProxyMetrics;
import io.entrepot.proxy.pull.BufferBudget;
import io.entrepot.proxy.pull.PullThrough;
import io.entrepot.proxy.route.DistributionPath;
import io.entrepot.proxy.route.NameResolver;
import io.entrepot.proxy.route.RoutedRepository;
import io.entrepot.registry.ErrorCode;
import io.entrepot.store.RepositoryId;
import io.entrepot.store.Store;
import io.vertx.core.Future;
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

  private static final Future<Response> EMPTY_OBJECT =
      Future.succeededFuture(
          Response.Document.json("{}".getBytes(StandardCharsets.UTF_8), List.of()));

  private static final int MAX_REMEMBERED = 512;

  // Grammar and names are checked once for each address, not once for each request.
  private final Cache<String, Way> ways = Caffeine.newBuilder().maximumSize(10_000).build();

  private final NameResolver names;
  private final Access access;
  private final Identification identification;
  private final @Nullable AnonymousPulls anonymousPulls;
  private final BrowserGuard guard;
  private final boolean pushes;
  private final StatusPages pages;
  private final @Nullable PageDoor page;
  private final ResponseWriter writer;
  private final Delivery delivery;
  private final @Nullable HookDoor hooks;
  private final Admission admission;
  private final ManifestHandler manifests;
  private final BlobHandler blobs;
  private final UploadHandler uploads;
  private final DiscoveryHandler discovery;

  /**
   * @param pushes whether local repositories can be written
   * @param admission says what may be given and pushed
   * @param accessLog null for none
   * @param page null for none
   * @param hooks what upstreams call, or null for none
   */
  public RegistryHandler(
      NameResolver names,
      Access access,
      BrowserGuard guard,
      boolean pushes,
      Store store,
      ContentCache cache,
      PullThrough pull,
      Uploads sessions,
      Admission admission,
      BufferBudget budget,
      ProxyMetrics metrics,
      @Nullable AccessLog accessLog,
      @Nullable PageSettings page,
      @Nullable Hooks hooks) {
    this.names = names;
    this.access = access;
    this.identification = new Identification(access, metrics);
    PullRate rate = access.anonymousPulls();
    this.anonymousPulls =
        rate == null
            ? null
            : new AnonymousPulls(rate, metrics::anonymousPullRefused, Ticker.systemTicker());
    this.guard = guard;
    this.pushes = pushes;
    this.manifests = new ManifestHandler(store, cache, pull, admission, metrics);
    this.blobs = new BlobHandler(store, cache, pull, metrics);
    this.uploads = new UploadHandler(store, sessions, names, access, pull, admission);
    this.admission = admission;
    this.hooks = hooks == null ? null : new HookDoor(hooks);
    this.pages = new StatusPages(store, metrics);
    this.writer = new ResponseWriter(store, budget, metrics, accessLog);
    this.delivery = new Delivery(writer);
    this.page = page == null ? null : new PageDoor(page, identification, access, writer, delivery);
    this.discovery = new DiscoveryHandler(store, pull, access);
  }

  /** From now on {@code /readyz} says no. */
  public void stopping() {
    pages.stopping();
    if (page != null) {
      page.end();
    }
  }

  /** Whether nothing more is sent for a request. */
  public boolean isAnswered(HttpServerRequest request) {
    return ResponseWriter.isEnded(request);
  }

  @Override
  public void handle(HttpServerRequest request) {
    if (page != null && page.leadsTo(request)) {
      page.handle(request);
      return;
    }
    Exchange exchange =
        new Exchange(request, Objects.requireNonNull(Vertx.currentContext(), "no event loop"));
    Future<Response> answer;
    try {
      if (!request.isEnded() && !exchange.isReading()) {
        request.pause();
      }
      answer = route(exchange);
    } catch (RuntimeException e) {
      answer = Future.failedFuture(e);
    }
    delivery.deliver(exchange, answer);
  }

  private Future<Response> route(Exchange exchange) {
    HttpServerRequest request = exchange.request();
    String uri = request.uri();
    String path = request.path();
    HookDoor door = hooks;
    if (door != null && path != null && path.startsWith(HookDoor.PREFIX)) {
      writer.observe(exchange, "page");
      return door.answer(exchange, path);
    }
    checkOrigin(exchange);
    Way known = uri == null ? null : ways.getIfPresent(uri);
    if (known != null) {
      return follow(exchange, known);
    }
    if (path == null || !path.startsWith("/v2")) {
      writer.observe(exchange, "page");
      return pages.page(exchange, path == null ? "" : path);
    }
    Optional<DistributionPath> parsed;
    try {
      parsed = DistributionPath.parse(path);
    } catch (DistributionPath.BadPathException e) {
      writer.observe(exchange, "bad");
      // A tag that cannot be is a tag that is not there.
      throw e.code() == ErrorCode.TAG_INVALID && exchange.isReading()
          ? new ApiException(ErrorCode.MANIFEST_UNKNOWN, "no such manifest")
          : e;
    }
    if (parsed.isEmpty()) {
      writer.observe(exchange, "bad");
      throw new ApiException(ErrorCode.NAME_UNKNOWN, "no such address");
    }
    return follow(exchange, new Way(parsed.get(), null));
  }

  private void checkOrigin(Exchange exchange) {
    try {
      if (access.isOpen()) {
        guard.check(exchange);
      } else {
        guard.checkSite(exchange);
      }
    } catch (ApiException e) {
      writer.observe(exchange, "bad");
      throw e;
    }
  }

  /**
   * Where a request leads.
   *
   * @param place null where it was not looked up yet, or has none
   */
  private record Way(DistributionPath address, @Nullable RoutedRepository place) {}

  private Future<Response> follow(Exchange exchange, Way way) {
    writer.observe(exchange, way.address().kind());
    return access.isOpen() ? dispatch(exchange, way) : identified(exchange, way);
  }

  private Future<Response> identified(Exchange exchange, Way way) {
    Future<Void> proof = identification.begin(exchange);
    return proof == null
        ? dispatch(exchange, way)
        : proof.compose(proven -> dispatch(exchange, way));
  }

  private Future<Response> dispatch(Exchange exchange, Way way) {
    return switch (way.address()) {
      case DistributionPath.InRepository path ->
          inRepository(exchange, path, way.place() == null ? place(exchange, path) : way.place());
      case DistributionPath.Base base -> {
        identification.requireSomebody(exchange);
        requireReading(exchange);
        yield EMPTY_OBJECT;
      }
      case DistributionPath.Catalog catalog -> {
        requireReading(exchange);
        yield discovery.catalog(exchange);
      }
    };
  }

  private Future<Response> inRepository(
      Exchange exchange, DistributionPath.InRepository path, RoutedRepository place) {
    exchange.namespace(place.namespace());
    boolean writing = !exchange.isReading() || path instanceof DistributionPath.Upload;
    if (!access.isOpen() && !isAllowed(exchange, path, place, !writing)) {
      throw exchange.user() == null
          ? Identification.challenge()
          : new ApiException(ErrorCode.DENIED, "not allowed in " + place.id());
    }
    if (writing) {
      requireWritable(place);
    }
    return answer(exchange, path, readable(exchange, place));
  }

  /** What comes from another name needs that name's rights too. */
  private RoutedRepository readable(Exchange exchange, RoutedRepository place) {
    RepositoryId fallback = place.fallback();
    return fallback == null
            || access.isOpen()
            || access.mayRead(exchange.user(), fallback.toString())
        ? place
        : new RoutedRepository(place.id(), null, place.namespace());
  }

  private Future<Response> answer(
      Exchange exchange, DistributionPath.InRepository path, RoutedRepository place) {
    return switch (path) {
      case DistributionPath.Manifest manifest -> manifest(exchange, place, manifest);
      case DistributionPath.Blob blob -> blob(exchange, place, blob);
      case DistributionPath.Tags tags -> {
        requireReading(exchange);
        yield discovery.tags(exchange, place, tags);
      }
      case DistributionPath.Referrers referrers -> {
        requireReading(exchange);
        yield admission
            .referrers(source(place), referrers.digest())
            .compose(admitted -> discovery.referrers(exchange, place, referrers.digest()));
      }
      case DistributionPath.Uploads begin -> {
        if (!exchange.request().method().equals(HttpMethod.POST)) {
          throw unsupported(exchange, "POST");
        }
        admission.requirePushable(place.id(), exchange.query("mount"));
        admission.requirePushable(place.id(), exchange.query("digest"));
        yield uploads.begin(exchange, place, begin.name());
      }
      case DistributionPath.Upload upload -> upload(exchange, place, upload);
    };
  }

  private boolean isAllowed(
      Exchange exchange,
      DistributionPath.InRepository path,
      RoutedRepository place,
      boolean reading) {
    String name = place.id().toString();
    if (reading) {
      return access.mayRead(exchange.user(), name);
    }
    // An upload that is given up is nothing that was there.
    boolean removing =
        exchange.request().method().equals(HttpMethod.DELETE)
            && !(path instanceof DistributionPath.Upload);
    return removing
        ? access.mayDelete(exchange.user(), name)
        : access.mayWrite(exchange.user(), name);
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
    String authority = namespace == null ? null : exchange.header(HttpHeaders.HOST);
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
    if (!exchange.isReading()) {
      throw unsupported(exchange, "GET, HEAD");
    }
  }

  /**
   * @param allowed the methods that are possible (RFC 9110, section 15.5.6)
   */
  private static ApiException unsupported(Exchange exchange, String allowed) {
    return new ApiException(
        ErrorCode.UNSUPPORTED,
        ErrorCode.UNSUPPORTED.status(),
        exchange.request().method() + " is not possible here",
        List.of(new Header("Allow", allowed)));
  }

  private Future<Response> manifest(
      Exchange exchange, RoutedRepository place, DistributionPath.Manifest path) {
    HttpMethod method = exchange.request().method();
    if (exchange.isReading()) {
      AnonymousPulls limit = anonymousPulls;
      if (limit != null && exchange.user() == null && method.equals(HttpMethod.GET)) {
        limit.count(Identification.address(exchange));
      }
      return manifests.get(exchange, place, path);
    } else if (method.equals(HttpMethod.PUT)) {
      return manifests.put(exchange, place, path);
    } else if (method.equals(HttpMethod.DELETE)) {
      return manifests.delete(exchange, place, path);
    }
    throw unsupported(exchange, "GET, HEAD, PUT, DELETE");
  }

  private Future<Response> blob(
      Exchange exchange, RoutedRepository place, DistributionPath.Blob path) {
    if (exchange.isReading()) {
      RepositoryId source = source(place);
      return admission.admitsBlob(source, path.digest())
          ? blobs.get(exchange, place, path.digest())
          : admission
              .blob(source, path.digest())
              .compose(admitted -> blobs.get(exchange, place, path.digest()));
    } else if (exchange.request().method().equals(HttpMethod.DELETE)) {
      return blobs.delete(exchange, place, path);
    }
    throw unsupported(exchange, "GET, HEAD, DELETE");
  }

  /** Whose policy counts: a local repository that may be answered for by an upstream is its. */
  private static RepositoryId source(RoutedRepository place) {
    RepositoryId fallback = place.fallback();
    return fallback == null ? place.id() : fallback;
  }

  private Future<Response> upload(
      Exchange exchange, RoutedRepository place, DistributionPath.Upload path) {
    HttpMethod method = exchange.request().method();
    if (method.equals(HttpMethod.PATCH)) {
      return uploads.append(exchange, place, path);
    } else if (method.equals(HttpMethod.PUT)) {
      admission.requirePushable(place.id(), exchange.query("digest"));
      return uploads.finish(exchange, place, path);
    } else if (exchange.isReading()) {
      return uploads.state(exchange, place, path);
    } else if (method.equals(HttpMethod.DELETE)) {
      return uploads.cancel(exchange, place, path);
    }
    throw unsupported(exchange, "GET, HEAD, PATCH, PUT, DELETE");
  }
}
