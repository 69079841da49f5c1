package io.entrepot.proxy;

import io.entrepot.proxy.handler.ClientDisconnect;
import io.entrepot.proxy.handler.RegistryHandler;
import io.entrepot.proxy.handler.Warnings;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One event loop's listener; all share the port and the number of connections. */
final class Listener extends VerticleBase {

  private static final Logger LOG = System.getLogger(Listener.class.getName());

  private final HttpServerOptions options;
  private final RegistryHandler handler;
  private final ConnectionLimits limits;
  private final AtomicInteger open;
  private final AtomicInteger port;
  private final List<HttpServer> listeners;

  /** What is known of a connection. */
  private static final class Watched {
    private @Nullable HttpServerRequest last;
    private long quietSince;

    Watched(long now) {
      this.quietSince = now;
    }
  }

  private final Map<HttpConnection, Watched> connections = new HashMap<>();

  Listener(
      HttpServerOptions options,
      RegistryHandler handler,
      ConnectionLimits limits,
      AtomicInteger open,
      AtomicInteger port,
      List<HttpServer> listeners) {
    this.options = options;
    this.handler = handler;
    this.limits = limits;
    this.open = open;
    this.port = port;
    this.listeners = listeners;
  }

  private @Nullable HttpServer server;

  @Override
  public Future<?> start() {
    HttpServer created = vertx.createHttpServer(options);
    server = created;
    vertx.setPeriodic(Math.max(1, limits.head().toMillis() / 4), unused -> closeSilent());
    return created
        .requestHandler(
            request -> {
              Watched connection = connections.get(request.connection());
              if (connection != null) {
                connection.last = request;
              }
              handler.handle(request);
            })
        .connectionHandler(this::admit)
        .listen()
        .onSuccess(
            listening -> {
              port.set(listening.actualPort());
              listeners.add(listening);
            });
  }

  private void admit(HttpConnection connection) {
    // Without it Vert.x logs as its own error that a client went away.
    connection.exceptionHandler(
        cause ->
            LOG.log(
                ClientDisconnect.is(cause) || isNoHttp(cause) ? Level.DEBUG : Level.WARNING,
                "{0}: {1}",
                connection.remoteAddress(),
                Warnings.printable(String.valueOf(cause))));
    connection.closeHandler(
        unused -> {
          open.decrementAndGet();
          connections.remove(connection);
        });
    HeapContent.of(connection);
    connections.put(connection, new Watched(System.nanoTime()));
    if (open.incrementAndGet() > limits.connections()) {
      // Files are needed for the store too; who comes later finds a place when others left.
      LOG.log(Level.DEBUG, "{0}: too many connections", connection.remoteAddress());
      connection.close();
    }
  }

  /** Idle time does not count for who sends a byte now and then and never a whole head. */
  private void closeSilent() {
    long now = System.nanoTime();
    for (Map.Entry<HttpConnection, Watched> each : List.copyOf(connections.entrySet())) {
      Watched watched = each.getValue();
      HttpServerRequest last = watched.last;
      if (last != null) {
        if (last.version() == HttpVersion.HTTP_2 || !handler.isAnswered(last)) {
          continue;
        }
        // Answered by now: its next head is waited for, half as long again as its first.
        watched.last = null;
        watched.quietSince = now + limits.head().toNanos() / 2;
      } else if (now - watched.quietSince >= limits.head().toNanos()) {
        each.getKey().close();
      }
    }
  }

  /** What a client sent is no HTTP; it is not to fill the log with that. */
  private static boolean isNoHttp(Throwable cause) {
    // The second: TLS where plain text is spoken, as clients do that try both.
    return cause instanceof IllegalArgumentException || cause instanceof DecoderException;
  }

  @Override
  public Future<?> stop() {
    HttpServer running = server;
    return running == null ? Future.succeededFuture() : running.shutdown(10, TimeUnit.SECONDS);
  }
}
