package io.entrepot.cli.command;

import io.entrepot.notify.Event;
import io.entrepot.notify.EventKind;
import io.entrepot.notify.Notifier;
import io.entrepot.notify.RunEvents;
import io.entrepot.notify.Sink;
import io.entrepot.notify.StoreEvents;
import io.entrepot.proxy.ProxyServer;
import io.entrepot.proxy.ProxySettings;
import io.entrepot.proxy.admission.Withheld;
import io.entrepot.proxy.schedule.MirrorRun;
import io.entrepot.proxy.schedule.RunResult;
import io.entrepot.store.Store;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/** Who is told what a command or the server found. */
final class Notifications {

  private static final Duration LOOK = Duration.ofSeconds(10);

  private Notifications() {}

  // ---- of a command -------------------------------------------------------------------------

  /**
   * Tells of one run of the mirror, and sends what earlier runs could not. A sink that is down is a
   * warning, never a failure of the run.
   *
   * @param report in the shape of {@code mirror --report}
   * @param check whether nothing was to be changed: then nothing is remembered either
   */
  static void ofRun(
      Invocation context, List<Sink> sinks, Path configuration, JsonNode report, boolean check) {
    if (sinks.isEmpty()) {
      return;
    }
    Path kept = directory(context);
    RunEvents events =
        check
            ? RunEvents.stateless()
            : RunEvents.remembering(
                kept.resolve("told-%08x.json".formatted(configuration.toString().hashCode())));
    try (Session session = Session.open(context, Map.of());
        Notifier notifier = notifier(context, session.vertx(), sinks, kept, "")) {
      notifier.tell(events.of(report, Instant.now()));
      for (Notifier.Delivery delivery : notifier.deliver()) {
        if (!delivery.problem().isEmpty()) {
          context
              .console()
              .warn("%s is not told: %s".formatted(delivery.sink(), delivery.problem()));
        }
      }
    } catch (IOException e) {
      context.console().warn("nobody is told: " + e.getMessage());
    }
  }

  /** Sends one message to each sink. */
  static List<Notifier.Delivery> test(Invocation context, List<Sink> sinks, String publicUrl) {
    try (Session session = Session.open(context, Map.of());
        Notifier notifier =
            notifier(context, session.vertx(), sinks, directory(context), publicUrl)) {
      return notifier.test();
    }
  }

  private static Path directory(Invocation context) {
    return context.caches().resolve("entrepot-notify");
  }

  // ---- of the server ------------------------------------------------------------------------

  /** The sinks of a server, and what was told of its mirrors. */
  static final class OfServer implements AutoCloseable {

    private final Invocation context;
    private final Notifier notifier;
    private final Path kept;
    private final Thread delivery;
    private final Thread watch;

    private OfServer(
        Invocation context,
        Notifier notifier,
        Path kept,
        Store store,
        Supplier<List<Withheld>> refused) {
      this.context = context;
      this.notifier = notifier;
      this.kept = kept;
      this.delivery = Thread.ofVirtual().name("notify").start(notifier::run);
      this.watch = Thread.ofVirtual().name("notify-store").start(() -> watch(store, refused));
    }

    /** Looks at the store and at what is refused until it is interrupted. */
    private void watch(Store store, Supplier<List<Withheld>> refused) {
      StoreEvents events = new StoreEvents(store.quarantine().corruptions());
      RefusalEvents refusals = new RefusalEvents();
      try {
        while (true) {
          Thread.sleep(LOOK);
          List<Event> found =
              new ArrayList<>(
                  events.look(
                      store.disk().trouble().map(each -> String.valueOf(each.getMessage())),
                      store.quarantine().corruptions(),
                      Instant.now()));
          found.addAll(refusals.look(refused.get(), Instant.now()));
          if (!found.isEmpty()) {
            tell(found);
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void tell(List<Event> events) {
      try {
        notifier.tell(events);
      } catch (UncheckedIOException e) {
        // A full disk is told of all the same where a log is read.
        context.console().warn("nobody is told: " + e.getMessage());
      }
    }

    static OfServer start(
        Invocation context, Vertx vertx, ProxySettings settings, ProxyServer server) {
      Path kept = settings.storage().directory().resolve("notify");
      URI page = settings.page().publicUrl();
      return new OfServer(
          context,
          notifier(context, vertx, settings.sinks(), kept, page == null ? "" : page.toString()),
          kept,
          server.store(),
          server.admission()::refused);
    }

    /** Tells of a run that ended. */
    void ran(MirrorRun run) {
      String name = run.job().name();
      List<Event> events = new ArrayList<>();
      try {
        switch (run.result()) {
          case RunResult.Done done ->
              events.addAll(
                  RunEvents.remembering(kept.resolve("told-" + name + ".json"))
                      .of(done.report(), run.ended()));
          case RunResult.Broken(var reason) ->
              events.add(Event.ofServer(EventKind.FAILED, run.ended(), "mirror " + name, reason));
        }
        if (!run.handover().isEmpty()) {
          events.add(
              Event.ofServer(EventKind.FAILED, run.ended(), "mirror " + name, run.handover()));
        }
        tell(events);
      } catch (IOException e) {
        context.console().warn("nobody is told of mirror %s: %s".formatted(name, e.getMessage()));
      }
    }

    @Override
    public void close() {
      delivery.interrupt();
      watch.interrupt();
      notifier.close();
    }
  }

  private static Notifier notifier(
      Invocation context, Vertx vertx, List<Sink> sinks, Path kept, String publicUrl) {
    return new Notifier(
        vertx, sinks, kept, publicUrl, host(), Clock.systemUTC(), context.console()::warn);
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "entrepot";
    }
  }
}
