package io.entrepot.registry;

import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RegistryName;
import io.entrepot.registry.RegistryRequest.RequestBody;
import io.entrepot.registry.auth.AuthException;
import io.entrepot.registry.auth.Authorizer;
import io.entrepot.registry.auth.CredentialSource;
import io.entrepot.registry.auth.Origin;
import io.entrepot.registry.auth.Scope;
import io.entrepot.registry.auth.Secret;
import io.entrepot.registry.auth.TokenAnswer;
import io.entrepot.registry.auth.TokenRequest;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future.State;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests: authorization, our own redirect loop, limits of time and size, pauses a registry
 * asked for, and counting.
 *
 * <p>The rule of credentials (design, rule 2) is kept in one place, {@link #exchange}: the
 * authorization of a request is attached while the hop's origin is the request's own, and to no
 * other hop.
 */
final class Transport implements AutoCloseable {

  private static final int MAX_REDIRECTS = 8;
  private static final int MAX_TOKEN_BYTES = 1024 * 1024;
  private static final int LATE_ANSWER_MILLIS = 500;
  private static final int WRITE_QUEUE_BYTES = 512 * 1024;
  private static final String USER_AGENT = "entrepot/0.1";
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  private final Vertx vertx;

  /** Made while the command goes on, on a thread that is nobody's verticle: it outlives those. */
  private final CompletableFuture<HttpClient> http;

  private final ClientSettings settings;
  private final ForwardProxies proxies;
  private final Authorizer authorizer;
  private final Clock clock;
  private final Upstreams upstreams;
  private final RequestCounts counts = new RequestCounts();
  private final RequestCounts answers = new RequestCounts();
  private final Map<RegistryName, RateLimit> rateLimits = new ConcurrentHashMap<>();
  private final Map<Origin, Long> notBefore = new ConcurrentHashMap<>();
  private final Map<Path, ClientSSLOptions> trust = new ConcurrentHashMap<>();

  /** Endpoints that the configuration spells with http: credentials may go there unencrypted. */
  private final Set<Origin> plainOrigins = ConcurrentHashMap.newKeySet();

  /**
   * @param credentials asked for registries without credentials in their configuration
   */
  Transport(
      Vertx vertx,
      ClientSettings settings,
      ForwardProxies proxies,
      CredentialSource credentials,
      Upstreams upstreams,
      Clock clock) {
    this.vertx = vertx;
    this.settings = settings;
    this.proxies = proxies;
    this.clock = clock;
    this.http =
        CompletableFuture.supplyAsync(
            () -> vertx.createHttpClient(clientOptions(settings), poolOptions(settings)),
            Thread::startVirtualThread);
    this.upstreams = upstreams;
    CredentialSource configured =
        registry -> Optional.ofNullable(upstreams.of(registry).credentials());
    this.authorizer =
        new Authorizer(
            vertx,
            configured.or(credentials),
            registry -> upstreams.of(registry).tokenRealms(),
            plainOrigins::contains,
            this::requestToken);
  }

  private static HttpClientOptions clientOptions(ClientSettings settings) {
    return new HttpClientOptions()
        .setProtocolVersion(HttpVersion.HTTP_2)
        .setUseAlpn(true)
        .setHttp2ClearTextUpgrade(false)
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
        .setReceiveBufferSize(1024 * 1024)
        .setTcpNoDelay(true)
        .setTcpKeepAlive(true);
  }

  private static PoolOptions poolOptions(ClientSettings settings) {
    return new PoolOptions()
        .setHttp1MaxSize(settings.connectionsPerHost())
        .setHttp2MaxSize(2)
        .setMaxWaitQueueSize(10_000);
  }

  RequestCounts counts() {
    return counts;
  }

  /** By registry and status; {@code none} stands for no answer. */
  RequestCounts answers() {
    return answers;
  }

  Optional<RateLimit> rateLimit(RegistryName registry) {
    return Optional.ofNullable(rateLimits.get(registry));
  }

  ClientSettings settings() {
    return settings;
  }

  Vertx vertx() {
    return vertx;
  }

  @Override
  public void close() {
    var unused = http.thenAccept(HttpClient::close);
  }

  /**
   * An answer whose status was expected.
   *
   * @param response paused; must be read or reset before the handler's future completes
   */
  record Answer(HttpClientResponse response, Target target) {
    int status() {
      return response.statusCode();
    }

    @Nullable String header(String name) {
      return response.getHeader(name);
    }
  }

  /** Sends once, follows redirects, renews an authorization once. No retry. */
  <T> Future<T> send(RegistryRequest request, Function<Answer, Future<T>> handler) {
    Origin origin = request.target().origin();
    if (request.authorized() && !origin.isSecure()) {
      plainOrigins.add(origin);
    }
    return waitUntilWelcome(origin)
        .compose(
            welcome ->
                request.authorized()
                    ? authorizer.authorization(origin, request.account(), request.scope())
                    : Future.succeededFuture(Optional.empty()))
        .recover(cause -> Future.failedFuture(explain(request, cause)))
        .compose(
            secret ->
                exchange(request, request.target(), secret, request.authorized(), 0, handler));
  }

  /**
   * Sends until it works or trying again makes no sense: transient failures only, full-jitter
   * backoff, the registry's own {@code Retry-After} first.
   */
  <T> Future<T> retry(Supplier<Future<T>> attempt) {
    return retry(attempt, 1);
  }

  private <T> Future<T> retry(Supplier<Future<T>> attempt, int number) {
    return attempt
        .get()
        .recover(
            cause -> {
              if (number >= settings.attempts() || !worthRepeating(cause)) {
                return Future.failedFuture(cause);
              }
              return pause(number, cause).compose(waited -> retry(attempt, number + 1));
            });
  }

  /** Whether the same request, sent again soon, may fare better. */
  boolean worthRepeating(Throwable cause) {
    if (!(cause instanceof RegistryException failure)) {
      return false;
    }
    if (failure.code() == ErrorCode.PULL_LIMIT) {
      return false;
    }
    Duration asked = failure.retryAfter();
    return failure.temporary()
        && (asked == null || asked.compareTo(settings.backoff().retryAfter()) <= 0);
  }

  /** Waits before try number {@code number} + 1. */
  Future<Void> pause(int number, Throwable cause) {
    Duration asked = cause instanceof RegistryException failure ? failure.retryAfter() : null;
    long bound =
        Math.min(
            settings.backoff().cap().toMillis(),
            settings.backoff().base().toMillis() << Math.min(number - 1, 16));
    long jitter = ThreadLocalRandom.current().nextLong(Math.max(1, bound) + 1);
    return sleep(asked == null ? jitter : asked.toMillis() + jitter / 4);
  }

  private Future<Void> sleep(long millis) {
    return millis <= 0 ? Future.succeededFuture() : vertx.timer(millis).mapEmpty();
  }

  /**
   * Ends an answer of which no more is wanted. A connection of HTTP/1 is closed: one whose answer
   * was reset after all of it had come went back to the pool of Vert.x 5.2 twice, and a later
   * request on it could wait for ever.
   */
  static void abandon(HttpClientResponse response) {
    if (response.version() == HttpVersion.HTTP_2) {
      response.request().reset();
    } else {
      response.request().connection().close();
    }
  }

  /** Whether a registry asked for a pause that is not over. */
  boolean isPaused(Origin origin) {
    Long until = notBefore.get(origin);
    return until != null && until - System.nanoTime() > 0;
  }

  /** A 429 is meant for the whole host, not for one request. */
  private Future<Void> waitUntilWelcome(Origin origin) {
    Long until = notBefore.get(origin);
    if (until == null) {
      return Future.succeededFuture();
    }
    long millis = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
    if (millis <= 0) {
      notBefore.remove(origin, until);
      return Future.succeededFuture();
    }
    return sleep(Math.min(millis, settings.backoff().retryAfter().toMillis()));
  }

  private <T> Future<T> exchange(
      RegistryRequest request,
      Target target,
      Optional<Secret> authorization,
      boolean mayRenew,
      int hops,
      Function<Answer, Future<T>> handler) {
    boolean own = target.origin().equals(request.target().origin());
    return connectAddress(request, target)
        .compose(address -> open(request, target, address, own ? authorization : Optional.empty()))
        .onFailure(cause -> answers.add(request.registry().value(), "none"))
        .compose(
            response -> {
              answers.add(request.registry().value(), Integer.toString(response.statusCode()));
              noteRateLimit(request, response);
              int status = response.statusCode();
              if (status < 200) {
                // Taken for the last answer by the codec: the real one follows on this connection.
                abandon(response);
                return Future.failedFuture(
                    request
                        .failure(ErrorCode.CORRUPT, "an interim answer that is not understood")
                        .withStatus(status));
              }
              if (request.expected().contains(status)) {
                return handler.apply(new Answer(response, target));
              }
              String location = response.getHeader("Location");
              if (request.followRedirects() && REDIRECTS.contains(status) && location != null) {
                return redirect(
                    request, target, location, response, authorization, mayRenew, hops, handler);
              }
              return readError(response)
                  .compose(
                      body -> {
                        if (status == 401 && own && mayRenew) {
                          return renew(request, response, authorization, body, hops, handler);
                        }
                        return Future.failedFuture(refused(request, response, body));
                      });
            });
  }

  private <T> Future<T> redirect(
      RegistryRequest request,
      Target from,
      String location,
      HttpClientResponse response,
      Optional<Secret> authorization,
      boolean mayRenew,
      int hops,
      Function<Answer, Future<T>> handler) {
    if (hops >= MAX_REDIRECTS) {
      abandon(response);
      return Future.failedFuture(
          refusal(request, "more than %d redirects".formatted(MAX_REDIRECTS), null));
    }
    Target to;
    try {
      to = from.resolve(location);
    } catch (MalformedException e) {
      abandon(response);
      return Future.failedFuture(refusal(request, "redirected to " + e.getMessage(), e));
    }
    if (from.origin().isSecure() && !to.origin().isSecure()) {
      abandon(response);
      return Future.failedFuture(
          refusal(request, "redirected from https to " + to.origin() + ", not followed", null));
    }
    // Read to its end, so that the next blob finds the connection open.
    return discard(response)
        .compose(read -> exchange(request, to, authorization, mayRenew, hops + 1, handler));
  }

  private <T> Future<T> renew(
      RegistryRequest request,
      HttpClientResponse response,
      Optional<Secret> rejected,
      byte[] body,
      int hops,
      Function<Answer, Future<T>> handler) {
    Origin origin = request.target().origin();
    return authorizer
        .renew(
            origin,
            request.account(),
            request.scope(),
            response.headers().getAll("WWW-Authenticate"),
            rejected)
        .recover(cause -> Future.failedFuture(explain(request, cause)))
        .compose(
            renewed ->
                renewed.isEmpty()
                    ? Future.failedFuture(refused(request, response, body))
                    : exchange(request, request.target(), renewed, false, hops, handler));
  }

  /**
   * Where to connect, when that is not a host of the configuration. A redirect or an upload may
   * lead to any public host, but not from a public registry into the network of the one who runs
   * this program (SSRF). The address that was checked is the one dialled.
   */
  private Future<Optional<SocketAddress>> connectAddress(RegistryRequest request, Target target) {
    Origin origin = target.origin();
    List<String> known =
        request.upstream().endpoints().stream().map(endpoint -> endpoint.origin().host()).toList();
    if (known.contains(origin.host()) || proxies.select(origin) != null) {
      return Future.succeededFuture(Optional.empty());
    }
    return vertx
        .executeBlocking(
            () -> {
              InetAddress address = InetAddress.getByName(origin.host());
              if (AddressRange.isInternal(address) && !anyInternal(known)) {
                throw refusal(
                    request, "led to %s, an address inside this network".formatted(origin), null);
              }
              return Optional.of(
                  SocketAddress.inetSocketAddress(origin.port(), address.getHostAddress()));
            },
            false)
        .recover(
            cause ->
                Future.failedFuture(
                    cause instanceof UnknownHostException
                        ? unreachable(request, target, cause)
                        : cause));
  }

  private static boolean anyInternal(List<String> hosts) throws UnknownHostException {
    for (String host : hosts) {
      if (AddressRange.isInternal(InetAddress.getByName(host))) {
        return true;
      }
    }
    return false;
  }

  private Future<HttpClientResponse> open(
      RegistryRequest request,
      Target target,
      Optional<SocketAddress> address,
      Optional<Secret> authorization) {
    RequestOptions options = options(request, target, address);
    authorization.ifPresent(secret -> options.putHeader("Authorization", secret.reveal()));
    counts.add(target.origin().authority(), request.verbAndKind());
    return http()
        .compose(client -> client.request(options))
        .compose(opened -> dispatch(opened, request))
        .recover(
            cause ->
                Future.failedFuture(
                    cause instanceof RegistryException || cause instanceof SourceFailure
                        ? cause
                        : unreachable(request, target, cause)));
  }

  private Future<HttpClient> http() {
    return http.state() == State.SUCCESS
        ? Future.succeededFuture(http.resultNow())
        : Future.fromCompletionStage(http, vertx.getOrCreateContext());
  }

  private RequestOptions options(
      RegistryRequest request, Target target, Optional<SocketAddress> address) {
    Origin origin = target.origin();
    String host = origin.host();
    RequestOptions options =
        new RequestOptions()
            .setMethod(request.method())
            .setHost(host.startsWith("[") ? host.substring(1, host.length() - 1) : host)
            .setPort(origin.port())
            .setSsl(origin.isSecure())
            .setURI(target.pathAndQuery())
            .setFollowRedirects(false)
            .setConnectTimeout(settings.timeouts().connect().toMillis())
            .setIdleTimeout(0)
            .setProtocolVersion(origin.isSecure() ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1_1);
    address.ifPresent(options::setServer);
    ProxyOptions proxy = proxies.select(origin);
    if (proxy != null) {
      options.setProxyOptions(proxy);
    }
    Path ca = request.upstream().ca();
    if (ca != null && origin.isSecure()) {
      options.setSslOptions(trust.computeIfAbsent(ca, ExtraTrust::options));
    }
    MultiMap headers = MultiMap.caseInsensitiveMultiMap().addAll(request.headers());
    headers.set("User-Agent", USER_AGENT);
    options.setHeaders(headers);
    return options;
  }

  private Future<HttpClientResponse> dispatch(HttpClientRequest client, RegistryRequest request) {
    // Paused before anything else can run: a body that arrives while nobody listens is lost.
    Future<HttpClientResponse> response = client.response().map(HttpClientResponse::pause);
    Duration limit = request.commit() ? settings.timeouts().commit() : settings.timeouts().answer();
    switch (request.body()) {
      case null -> {
        client.end();
        return answerWithin(limit, client, response);
      }
      case RequestBody.Bytes bytes -> {
        client.end(bytes.buffer());
        return answerWithin(limit, client, response);
      }
      case RequestBody.Stream stream -> {
        return stream(client, response, stream, limit);
      }
    }
  }

  private Future<HttpClientResponse> answerWithin(
      Duration limit, HttpClientRequest client, Future<HttpClientResponse> response) {
    Promise<HttpClientResponse> promise = Promise.promise();
    long timer =
        vertx.setTimer(
            limit.toMillis(),
            fired -> {
              if (promise.tryFail(
                  new TimeoutException("no answer within " + limit.toSeconds() + " s"))) {
                client.reset();
              }
            });
    response.onComplete(
        result -> {
          vertx.cancelTimer(timer);
          if (result.succeeded()) {
            promise.tryComplete(result.result());
          } else {
            promise.tryFail(result.cause());
          }
        });
    return promise.future();
  }

  private Future<HttpClientResponse> stream(
      HttpClientRequest client,
      Future<HttpClientResponse> response,
      RequestBody.Stream body,
      Duration limit) {
    client.headers().set("Content-Length", Long.toString(body.length()));
    client.setWriteQueueMaxSize(WRITE_QUEUE_BYTES);
    RequestSink sink = new RequestSink(client);
    Promise<HttpClientResponse> promise = Promise.promise();
    client.exceptionHandler(
        cause -> {
          sink.cancel(cause);
          failUnlessAnswered(promise, cause);
        });
    response.onComplete(
        result -> {
          if (result.succeeded()) {
            promise.tryComplete(result.result());
          } else {
            promise.tryFail(result.cause());
          }
          // An answer before the whole body was sent is a refusal: stop sending. A quick registry
          // also answers between the last byte and our noticing that it was the last.
          if (result.failed() || sink.written() < body.length()) {
            sink.cancel(new IllegalStateException("answered before the body was sent"));
          }
        });
    watchSending(client, sink, promise, -1);
    body.source()
        .sendTo(body.offset(), start -> sink)
        .onComplete(
            sent -> {
              if (promise.future().isComplete()) {
                if (sent.succeeded() && response.succeeded()) {
                  client.end();
                }
                return;
              }
              Throwable refused = sink.failure();
              if (refused != null) {
                failUnlessAnswered(promise, refused);
                return;
              }
              if (sent.failed()) {
                if (promise.tryFail(new SourceFailure(sent.cause()))) {
                  client.reset();
                }
                return;
              }
              client.end();
              answerWithin(limit, client, response)
                  .onSuccess(promise::tryComplete)
                  .onFailure(promise::tryFail);
            });
    return promise.future();
  }

  /** A connection closed under the body often holds the answer that says why: let it come first. */
  private void failUnlessAnswered(Promise<HttpClientResponse> promise, Throwable cause) {
    vertx.setTimer(LATE_ANSWER_MILLIS, fired -> promise.tryFail(cause));
  }

  /** A target that takes nothing for too long is given up; one that waits for the source is not. */
  private void watchSending(
      HttpClientRequest client,
      RequestSink sink,
      Promise<HttpClientResponse> promise,
      long writtenBefore) {
    vertx.setTimer(
        settings.timeouts().idle().toMillis(),
        fired -> {
          if (promise.future().isComplete()) {
            return;
          }
          if (sink.isFull() && sink.written() == writtenBefore) {
            TimeoutException stuck =
                new TimeoutException(
                    "took no byte for " + settings.timeouts().idle().toSeconds() + " s");
            sink.cancel(stuck);
            if (promise.tryFail(stuck)) {
              client.reset();
            }
            return;
          }
          watchSending(client, sink, promise, sink.written());
        });
  }

  /** The source of an upload failed, not its target. */
  static final class SourceFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SourceFailure(Throwable cause) {
      super(cause);
    }
  }

  /** Reads a body into memory. */
  Future<byte[]> read(RegistryRequest request, HttpClientResponse response, int limit) {
    String length = response.getHeader("Content-Length");
    if (length != null
        && length.matches("[0-9]+")
        && Long.parseLong(length.substring(0, Math.min(18, length.length()))) > limit) {
      abandon(response);
      return Future.failedFuture(tooLong(request, limit));
    }
    MemorySink sink = new MemorySink();
    long[] total = new long[1];
    return BodyPump.run(
            vertx,
            response,
            sink,
            buffer -> {
              total[0] += buffer.length();
              if (total[0] > limit) {
                throw tooLong(request, limit);
              }
              return buffer;
            },
            settings)
        .recover(cause -> Future.failedFuture(broken(request, cause)))
        .map(read -> sink.bytes());
  }

  /** Reads and forgets a small body, so that the connection can be used again. */
  Future<Void> discard(HttpClientResponse response) {
    return readError(response).mapEmpty();
  }

  private Future<byte[]> readError(HttpClientResponse response) {
    MemorySink sink = new MemorySink();
    long[] room = {ErrorAnswer.MAX_BYTES};
    return BodyPump.run(
            vertx,
            response,
            sink,
            buffer -> {
              if (buffer.length() > room[0]) {
                throw RegistryException.of(ErrorCode.UNKNOWN, "error body too long");
              }
              room[0] -= buffer.length();
              return buffer;
            },
            settings)
        .otherwiseEmpty()
        .map(read -> sink.bytes());
  }

  /** A body that broke off. */
  RegistryException broken(RegistryRequest request, Throwable cause) {
    if (cause instanceof RegistryException failure) {
      return failure;
    }
    ErrorCode code =
        cause instanceof BodyPump.StalledException ? ErrorCode.TIMEOUT : ErrorCode.UNREACHABLE;
    return request.failure(code, "the body broke off: " + words(cause)).withCause(cause);
  }

  RegistryException refusal(RegistryRequest request, String message, @Nullable Throwable cause) {
    return request.failure(ErrorCode.REFUSED, message).withCause(cause);
  }

  private static RegistryException tooLong(RegistryRequest request, int limit) {
    return request.failure(
        ErrorCode.SIZE_INVALID, "the answer is longer than %d bytes".formatted(limit));
  }

  private RegistryException refused(
      RegistryRequest request, HttpClientResponse response, byte[] body) {
    RegistryException failure =
        ErrorAnswer.of(request, response.statusCode(), response.headers(), body, clock);
    Duration retryAfter = failure.retryAfter();
    if (failure.code() == ErrorCode.TOOMANYREQUESTS && retryAfter != null) {
      long until =
          System.nanoTime()
              + Math.min(retryAfter.toNanos(), settings.backoff().retryAfter().toNanos());
      notBefore.merge(request.target().origin(), until, Math::max);
    }
    return failure;
  }

  private static RegistryException unreachable(
      RegistryRequest request, Target target, Throwable cause) {
    boolean timeout = cause instanceof TimeoutException;
    String where =
        target.origin().equals(request.target().origin())
            ? ""
            : " (redirected to " + target.origin() + ")";
    if (hasCause(cause, CertificateException.class)
        || hasCause(cause, CertPathBuilderException.class)) {
      return request
          .failure(
              ErrorCode.REFUSED, "its certificate is not trusted" + where + ": " + words(cause))
          .withRemedy(
              "if it is of your own authority, give registries: %s: ca: with a PEM file"
                  .formatted(request.registry()))
          .withCause(cause);
    }
    return request
        .failure(
            timeout ? ErrorCode.TIMEOUT : ErrorCode.UNREACHABLE,
            (timeout ? "timed out" : "cannot reach it") + where + ": " + words(cause))
        .withCause(cause);
  }

  private static boolean hasCause(Throwable cause, Class<? extends Throwable> type) {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (type.isInstance(each)) {
        return true;
      }
    }
    return false;
  }

  private RegistryException explain(RegistryRequest request, Throwable cause) {
    if (cause instanceof RegistryException failure) {
      return failure;
    }
    if (cause instanceof AuthException auth) {
      return request
          .failure(
              switch (auth.reason()) {
                case REALM_REFUSED, INSECURE -> ErrorCode.REFUSED;
                case CREDENTIALS_REFUSED, CREDENTIALS_UNAVAILABLE, NOT_UNDERSTOOD ->
                    ErrorCode.UNAUTHORIZED;
              },
              Objects.requireNonNullElse(auth.getMessage(), "not authorized"))
          .withStatus(auth.status())
          .withRemedy(auth.remedy())
          .withCause(auth);
    }
    return request.failure(ErrorCode.UNKNOWN, words(cause)).withCause(cause);
  }

  /** The most telling message of a chain of causes. */
  private static String words(Throwable cause) {
    String message = null;
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each.getMessage() != null && !each.getMessage().isBlank()) {
        message = each.getMessage();
      }
    }
    return message == null ? cause.getClass().getSimpleName() : message;
  }

  private void noteRateLimit(RegistryRequest request, HttpClientResponse response) {
    RateLimit.parse(
            response.getHeader("ratelimit-limit"),
            response.getHeader("ratelimit-remaining"),
            response.getHeader("docker-ratelimit-source"))
        .ifPresent(limit -> rateLimits.put(request.registry(), limit));
  }

  /** The authorizer's way to a token realm: no redirects, no authorization but the given one. */
  Future<TokenAnswer> requestToken(TokenRequest token) {
    String path = token.uri().getRawPath();
    String query = token.uri().getRawQuery();
    Target target =
        new Target(
            token.origin(),
            (path == null || path.isEmpty() ? "/" : path) + (query == null ? "" : "?" + query));
    RegistryRequest bare =
        RegistryRequest.of(
                HttpMethod.valueOf(token.method()),
                "token",
                upstreams.of(token.origin().registryName()),
                target,
                Scope.NONE,
                200,
                201,
                400,
                401,
                403,
                404,
                405)
            .anonymous()
            .withoutRedirects();
    RegistryRequest request =
        token
            .form()
            .map(
                form ->
                    bare.header("Content-Type", "application/x-www-form-urlencoded")
                        .body(new RequestBody.Bytes(Buffer.buffer(form.reveal()))))
            .orElse(bare);
    return retry(
        () ->
            waitUntilWelcome(token.origin())
                .compose(
                    welcome ->
                        exchange(
                            request,
                            target,
                            token.authorization(),
                            false,
                            0,
                            answer ->
                                read(request, answer.response(), MAX_TOKEN_BYTES)
                                    .map(
                                        body ->
                                            new TokenAnswer(
                                                answer.status(), Buffer.buffer(body))))));
  }
}
