package io.entrepot.cli.command;

import io.entrepot.proxy.ProxyServer;
import io.entrepot.proxy.ProxySettings;
import io.entrepot.proxy.hook.ChangedImage;
import io.entrepot.proxy.schedule.MirrorJob;
import io.entrepot.proxy.schedule.MirrorWork;
import io.entrepot.proxy.schedule.Scheduler;
import io.entrepot.registry.ClientSettings;
import io.entrepot.registry.Network;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.Upstreams;
import io.entrepot.registry.auth.CredentialSources;
import io.entrepot.registry.auth.SecretFile;
import io.entrepot.store.StoreException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The registry of one command, and the event loops under it. */
final class Serving implements AutoCloseable {

  static {
    EventLoops.settle();
  }

  /** Event loops that {@link #prepare} began to make; they are given away once. */
  private static final AtomicReference<@Nullable FutureTask<Vertx>> PREPARED =
      new AtomicReference<>();

  private final Vertx vertx;
  private final ProxyServer server;
  private final Optional<Scheduler> mirrors;
  private final ServedMirrors served;
  private final Optional<Notifications.OfServer> notifications;

  private Serving(
      Vertx vertx,
      ProxyServer server,
      Optional<Scheduler> mirrors,
      ServedMirrors served,
      Optional<Notifications.OfServer> notifications) {
    this.vertx = vertx;
    this.server = server;
    this.mirrors = mirrors;
    this.served = served;
    this.notifications = notifications;
  }

  /**
   * Begins to make event loops on another thread, while this one reads the settings: that saves 16
   * ms of the start. For a process that certainly starts a registry.
   */
  static void prepare() {
    FutureTask<Vertx> loops = new FutureTask<>(Serving::eventLoops);
    PREPARED.set(loops);
    Thread.ofPlatform().daemon().name("prepare").start(loops);
  }

  private static Vertx eventLoops() {
    return Vertx.vertx(ProxyServer.vertxOptions());
  }

  private static Vertx preparedOrNew() {
    FutureTask<Vertx> prepared = PREPARED.getAndSet(null);
    if (prepared == null) {
      return eventLoops();
    }
    try {
      return prepared.get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException("no event loops", e);
    }
  }

  /**
   * Starts a registry.
   *
   * @throws UsageException where the settings, the port or the store do not allow it
   */
  static Serving start(Invocation context, ProxySettings settings) {
    warnOfOpenSecrets(settings, context.console()::warn);
    Network network = Network.fromEnvironment(context.environment());
    Vertx vertx = preparedOrNew();
    boolean started = false;
    try {
      ScheduledMirrors work = new ScheduledMirrors(context, vertx, settings.pulling().upstreams());
      work.check(settings.mirrors());
      ProxyServer server =
          ProxyServer.start(
                  vertx,
                  settings,
                  loops -> client(context, settings.pulling(), network, loops),
                  context.console()::result)
              .await();
      started = true;
      Optional<Notifications.OfServer> told =
          settings.sinks().isEmpty()
              ? Optional.empty()
              : Optional.of(Notifications.OfServer.start(context, vertx, settings, server));
      Optional<Scheduler> mirrors = scheduler(settings, work, told);
      mirrors.ifPresent(running -> server.listener(images -> look(running, work, images)));
      ServedMirrors served = new ServedMirrors(vertx, work.turn());
      server.mirrors(served);
      return new Serving(vertx, server, mirrors, served, told);
    } catch (IllegalArgumentException | StoreException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    } catch (Exception e) {
      throw asUsage(settings, e);
    } finally {
      if (!started) {
        EventLoops.end(vertx);
      }
    }
  }

  private static Optional<Scheduler> scheduler(
      ProxySettings settings, MirrorWork work, Optional<Notifications.OfServer> told) {
    if (settings.mirrors().isEmpty()) {
      return Optional.empty();
    }
    Scheduler scheduler =
        new Scheduler(
            settings.mirrors(),
            work,
            settings.storage().directory().resolve("mirrors"),
            Clock.systemUTC(),
            ThreadLocalRandom.current()::nextDouble,
            run -> told.ifPresent(each -> each.ran(run)));
    scheduler.start();
    return Optional.of(scheduler);
  }

  /** Looks at the entries that an upstream names; what no mirror has is nobody's business. */
  private static void look(Scheduler mirrors, ScheduledMirrors work, List<ChangedImage> images) {
    for (ChangedImage image : images) {
      for (MirrorJob job : mirrors.jobs()) {
        work.entry(job, image).ifPresent(only -> mirrors.look(job, only));
      }
    }
  }

  private static RegistryClient client(
      Invocation context, ProxySettings.Pulling pulling, Network network, Vertx vertx) {
    return new RegistryClient(
        vertx,
        ClientSettings.DEFAULTS.impatient(),
        network,
        CredentialSources.standard(
            context.environment(), context.home(), Map.of(), context.console()::warn),
        Upstreams.configured(pulling.upstreams()).withCopies(pulling.copies()::of));
  }

  private static void warnOfOpenSecrets(ProxySettings settings, Consumer<String> warnings) {
    ProxySettings.Tls tls = settings.listening().tls();
    if (tls != null) {
      SecretFile.warning(tls.key(), "the certificate's key").ifPresent(warnings);
    }
    Path users = settings.guard().users();
    if (users != null) {
      SecretFile.warning(users, "the users' hashed passwords").ifPresent(warnings);
    }
  }

  /** Futures throw what failed, checked or not. */
  private static RuntimeException asUsage(ProxySettings settings, Exception failure) {
    // The native transport has an exception of its own in place of BindException.
    if (failure instanceof IOException) {
      return new UsageException(
          "cannot listen on %s:%d: %s; is another registry running there? --listen takes another"
              .formatted(
                  settings.listening().host(), settings.listening().port(), failure.getMessage()));
    }
    return failure instanceof RuntimeException unchecked
        ? unchecked
        : new IllegalStateException(failure);
  }

  ProxyServer server() {
    return server;
  }

  @Override
  public void close() {
    // Both at once: a process that is told to go has some ten seconds.
    Future<Void> stopped = server.stop();
    served.stop();
    mirrors.ifPresent(Scheduler::stop);
    stopped.await();
    notifications.ifPresent(Notifications.OfServer::close);
    EventLoops.end(vertx);
  }
}
