package io.entrepot.proxy;

import io.entrepot.proxy.admission.Admission;
import io.entrepot.proxy.admission.PolicySettings;
import io.entrepot.proxy.handler.Access;
import io.entrepot.proxy.handler.AccessLog;
import io.entrepot.proxy.handler.BrowserGuard;
import io.entrepot.proxy.handler.ClientDisconnect;
import io.entrepot.proxy.handler.ContentCache;
import io.entrepot.proxy.handler.PageSettings;
import io.entrepot.proxy.handler.RegistryHandler;
import io.entrepot.proxy.hook.HookListener;
import io.entrepot.proxy.hook.Hooks;
import io.entrepot.proxy.local.Uploads;
import io.entrepot.proxy.metrics.ProxyMetrics;
import io.entrepot.proxy.page.Sources;
import io.entrepot.proxy.pull.BufferBudget;
import io.entrepot.proxy.pull.Freshness;
import io.entrepot.proxy.pull.PullThrough;
import io.entrepot.proxy.pull.Workers;
import io.entrepot.proxy.route.NameResolver;
import io.entrepot.proxy.schedule.MirrorJob;
import io.entrepot.registry.RegistryClient;
import io.entrepot.store.Eviction;
import io.entrepot.store.Store;
import io.entrepot.store.StoreException;
import io.entrepot.yaml.ConfigException;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The running registry: its store, its upstreams and its listening sockets. */
public final class ProxyServer {

  private static final Logger LOG = System.getLogger(ProxyServer.class.getName());

  /** Bytes on their way between network and disk; the rest of the heap is for everything else. */
  private static final long BUFFERS = 24L << 20;

  private static final Duration SETTLING = Duration.ofSeconds(5);
  private static final long HOUSEKEEPING_MILLIS = TimeUnit.MINUTES.toMillis(10);
  private static final long REREAD_MILLIS = TimeUnit.SECONDS.toMillis(5);
  private static final long HISTORY_MILLIS = TimeUnit.SECONDS.toMillis(20);

  private final Vertx vertx;
  private final ProxySettings settings;
  private final Store store;
  private final Eviction eviction;
  private final RegistryClient client;
  private final ExecutorService workers;
  private final Admission admission;
  private final @Nullable PolicyFile policy;
  private final @Nullable Hooks hooks;
  private final Uploads uploads;
  private final PullThrough pull;
  private final ProxyMetrics metrics;
  private final RegistryHandler handler;
  private final StoreControl control;
  private final ConnectionLimits limits;
  private final TlsCertificates certificates;
  private final UserFile users;
  private final List<HttpServer> listeners = new CopyOnWriteArrayList<>();
  private final AtomicInteger port = new AtomicInteger();
  private final AtomicReference<String> deployment = new AtomicReference<>("");
  private final List<Long> timers = new CopyOnWriteArrayList<>();
  private final AtomicReference<@Nullable Future<Void>> stopped = new AtomicReference<>();

  private ProxyServer(
      Vertx vertx,
      ProxySettings settings,
      Store store,
      RegistryClient client,
      TlsCertificates certificates,
      UserFile users,
      Freshness freshness,
      ConnectionLimits limits,
      @Nullable Consumer<String> accessLines) {
    this.vertx = vertx;
    this.settings = settings;
    this.certificates = certificates;
    this.users = users;
    this.limits = limits;
    this.store = store;
    this.eviction = new Eviction(store, settings.storage().maxSize());
    this.client = client;
    this.workers =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("store-", 0).factory());
    this.metrics =
        new ProxyMetrics(store, eviction, client, settings.pulling().upstreams().keySet());
    BufferBudget budget = new BufferBudget(BUFFERS);
    this.uploads = new Uploads(new Workers(workers), store, budget);
    this.pull =
        PullThrough.of(
            vertx,
            client,
            store,
            new Workers(workers),
            freshness,
            eviction,
            !users.access().isOpen(),
            settings.pulling().copies(),
            budget,
            metrics);
    this.admission =
        Admission.to(
            store,
            pull,
            client,
            new Workers(workers),
            settings.pulling().copies(),
            settings.policy().map(PolicySettings::clock).orElseGet(Clock::systemUTC),
            metrics);
    this.policy = settings.policy().map(each -> PolicyFile.obey(each, admission)).orElse(null);
    this.hooks =
        settings
            .hooks()
            .map(secrets -> new Hooks(secrets, store.root().resolve("hooks"), Clock.systemUTC()))
            .orElse(null);
    AccessLog.Format format = settings.accessLog();
    this.handler =
        new RegistryHandler(
            new NameResolver(
                settings.pulling().upstreams().keySet(),
                ServedNames.of(settings),
                settings.pulling().defaultUpstream()),
            users.access(),
            new BrowserGuard(
                !ServedNames.isLoopback(settings.listening().host()), ServedNames.hosts(settings)),
            settings.pushes(),
            store,
            new ContentCache(store),
            pull,
            uploads,
            admission,
            budget,
            metrics,
            format == AccessLog.Format.NONE || accessLines == null
                ? null
                : new AccessLog(format, accessLines, Clock.system(ZoneId.systemDefault())),
            hasPage(settings, users.access()) ? page() : null,
            hooks);
    this.control = new StoreControl(store, settings.storage().maxSize(), this::localUrl);
  }

  /** Options under which the server is fast: native transport where there is one. */
  public static VertxOptions vertxOptions() {
    return new VertxOptions()
        .setPreferNativeTransport(true)
        .setEventLoopPoolSize(Math.max(2, Runtime.getRuntime().availableProcessors()));
  }

  /**
   * Starts a registry. Reads files, so this is not called on an event loop. What the settings do
   * not allow is found before the store is touched.
   *
   * @param clients makes a client that knows the same upstreams; it is closed with the registry
   * @param accessLines takes the lines of the access log, or null
   * @throws IllegalArgumentException where the settings would expose it to strangers
   * @throws StoreException where the store cannot be used
   */
  public static Future<ProxyServer> start(
      Vertx vertx,
      ProxySettings settings,
      Function<Vertx, RegistryClient> clients,
      @Nullable Consumer<String> accessLines) {
    return start(
        vertx,
        settings,
        clients,
        Freshness.of(settings.pulling().tagFreshness()),
        ConnectionLimits.usual(),
        accessLines);
  }

  static Future<ProxyServer> start(
      Vertx vertx,
      ProxySettings settings,
      Function<Vertx, RegistryClient> clients,
      Freshness freshness,
      ConnectionLimits limits,
      @Nullable Consumer<String> accessLines) {
    UserFile users = UserFile.read(vertx, settings.guard());
    TlsCertificates certificates = TlsCertificates.read(vertx, settings.listening());
    requireUsersUnlessLoopback(settings, users);
    ClientDisconnect.quieten();
    Store store = Store.open(settings.storage().directory());
    try {
      RegistryClient client = clients.apply(vertx);
      ProxyServer server =
          new ProxyServer(
              vertx, settings, store, client, certificates, users, freshness, limits, accessLines);
      return server
          .listen()
          .map(server)
          .onFailure(
              cause -> {
                server.workers.close();
                client.close();
                store.close();
              });
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private static void requireUsersUnlessLoopback(ProxySettings settings, UserFile users) {
    if (users.access().isOpen()
        && !settings.listening().anonymous()
        && !ServedNames.isLoopback(settings.listening().host())) {
      throw new IllegalArgumentException(
          "listening on %s lets everybody who reaches it pull and push: name users in proxy.yaml, or say that this is meant with --anonymous (anonymous: true in proxy.yaml)"
              .formatted(settings.listening().host()));
    }
  }

  private static boolean hasPage(ProxySettings settings, Access access) {
    Boolean wanted = settings.page().wanted();
    return wanted == null
        ? ServedNames.isLoopback(settings.listening().host()) || !access.isOpen()
        : wanted;
  }

  private PageSettings page() {
    return new PageSettings(
        new Sources(
            store,
            eviction,
            settings.storage().maxSize(),
            client,
            settings.pulling().upstreams(),
            pull,
            metrics,
            settings.pulling().copies(),
            admission,
            settings.storage().directory().resolve("mirrors"),
            settings.mirrors().stream().map(MirrorJob::name).collect(Collectors.toSet()),
            Instant.now()),
        new BrowserGuard(false, ServedNames.hosts(settings)),
        settings.page().publicUrl(),
        vertx);
  }

  private Future<Void> listen() {
    HttpServerOptions options =
        ListenOptions.of(settings.listening(), limits, certificates.first());
    int loops = Math.max(2, Runtime.getRuntime().availableProcessors());
    AtomicInteger open = new AtomicInteger();
    return vertx
        .deployVerticle(
            () -> new Listener(options, handler, limits, open, port, listeners),
            new DeploymentOptions().setInstances(loops))
        .onSuccess(
            id -> {
              deployment.set(id);
              control.start();
              // What the first manifest will need, while nobody waits for it yet.
              workers.execute(JsonMapper::shared);
              timers.add(vertx.setPeriodic(HISTORY_MILLIS, unused -> metrics.history()));
              timers.add(
                  vertx.setPeriodic(
                      HOUSEKEEPING_MILLIS, unused -> workers.execute(this::housekeep)));
              timers.add(
                  vertx.setPeriodic(REREAD_MILLIS, unused -> workers.execute(this::readAgain)));
              LOG.log(Level.DEBUG, "listening on {0}", address());
            })
        .mapEmpty();
  }

  private void housekeep() {
    try {
      uploads.purge();
      eviction.enforce();
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "housekeeping failed", e);
    }
  }

  /** Looks whether files that were read at the start have changed; blocks. */
  synchronized void readAgain() {
    certificates.refresh(this::show);
    users.refresh();
    if (policy != null) {
      policy.refresh();
    }
    try {
      if (settings.pulling().copies().refresh()) {
        LOG.log(Level.INFO, "a lock file changed and was read again");
      }
    } catch (ConfigException e) {
      LOG.log(Level.WARNING, "a lock file changed; the former one counts: {0}", e.getMessage());
    }
  }

  /** Connections that are open keep the certificate they were shown. */
  private void show(KeyCertOptions certificate) {
    ServerSSLOptions options = new ServerSSLOptions().setKeyCertOptions(certificate);
    for (HttpServer listener : listeners) {
      listener
          .updateSSLOptions(options)
          .onFailure(cause -> LOG.log(Level.ERROR, "the new certificate is not shown", cause));
    }
  }

  /** The port that was bound. */
  public int port() {
    return port.get();
  }

  /** {@code host:port}. */
  public String address() {
    return settings.listening().host() + ":" + port();
  }

  /** Where a client on this machine finds it: {@code http://host:port}. */
  public String localUrl() {
    String host = settings.listening().host();
    boolean everywhere = host.equals("0.0.0.0") || host.equals("::");
    String reachable = everywhere ? "127.0.0.1" : host.contains(":") ? "[" + host + "]" : host;
    return (settings.listening().tls() == null ? "http://" : "https://") + reachable + ":" + port();
  }

  /** How much the store keeps. */
  Eviction eviction() {
    return eviction;
  }

  /** From now on somebody is told what upstreams say that has changed. */
  public void listener(HookListener listener) {
    if (hooks != null) {
      hooks.listener(listener);
    }
  }

  /** From now on mirrors that are asked for by the control socket are run. */
  public void mirrors(UnaryOperator<ObjectNode> runner) {
    control.mirrors(runner);
  }

  /** What its policy makes of what is asked for. */
  public Admission admission() {
    return admission;
  }

  /** The store. */
  public Store store() {
    return store;
  }

  /** What is fetched from elsewhere. */
  PullThrough pull() {
    return pull;
  }

  /** What is being pushed. */
  Uploads uploads() {
    return uploads;
  }

  /**
   * Stops taking requests, lets those that run end within ten seconds and what is being fetched
   * come into the store within five more, then gives the store back and closes the client. Vert.x
   * stays the caller's. A second call waits for the first.
   */
  public Future<Void> stop() {
    return stop(SETTLING);
  }

  Future<Void> stop(Duration settling) {
    Promise<Void> promise = Promise.promise();
    Future<Void> earlier = stopped.compareAndExchange(null, promise.future());
    if (earlier != null) {
      return earlier;
    }
    handler.stopping();
    timers.forEach(vertx::cancelTimer);
    vertx
        .undeploy(deployment.get())
        .transform(silent -> settled(settling))
        .onComplete(
            // Waits for file work, so not on an event loop.
            settled -> Thread.ofVirtual().name("stop").start(() -> release(promise)));
    return promise.future();
  }

  private void release(Promise<Void> promise) {
    try {
      workers.close();
      admission.close();
      control.close();
      closeClient();
      uploads.suspend();
      store.close();
      promise.complete();
    } catch (RuntimeException e) {
      promise.fail(e);
    }
  }

  /** Its connections end before the event loops that they run on. */
  private void closeClient() {
    try {
      client.shutdown().await(SETTLING.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      LOG.log(Level.DEBUG, "connections to upstreams are still open", e);
    }
  }

  private Future<Void> settled(Duration limit) {
    Promise<Void> promise = Promise.promise();
    long timer =
        vertx.setTimer(
            limit.toMillis(),
            unused -> {
              if (promise.tryComplete()) {
                LOG.log(Level.WARNING, "{0} fetches are given up", pull.blobs().fillCount());
              }
            });
    pull.settled().onComplete(_ -> vertx.cancelTimer(timer)).onComplete(_ -> promise.tryComplete());
    return promise.future();
  }
}
