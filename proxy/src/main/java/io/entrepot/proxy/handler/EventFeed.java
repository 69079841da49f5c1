package io.entrepot.proxy.handler;

import io.entrepot.proxy.page.Changes;
import io.entrepot.proxy.pull.ClientBody;
import io.entrepot.registry.ErrorCode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Tells open pages what has changed (server-sent events). An event is a name alone: whoever wants
 * to know more asks, with the rights it has. Nothing runs while nobody listens.
 */
final class EventFeed {

  /** Streams that are open at a time. */
  private static final int MOST = 256;

  private static final long LOOK_MILLIS = 2_000;

  /** Proxies cut what is silent for a minute. */
  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(15);

  private static final Buffer HELLO = Buffer.buffer("retry: 5000\n\n");
  private static final Buffer COMMENT = Buffer.buffer(":\n\n");

  private final Vertx vertx;
  private final Changes changes;
  private final Set<ClientBody> listeners = ConcurrentHashMap.newKeySet();
  private boolean running;
  private boolean ended;
  private long told = System.nanoTime();

  EventFeed(Vertx vertx, Changes changes) {
    this.vertx = vertx;
    this.changes = changes;
  }

  /** The stream for one more listener. */
  Future<Response> answer(Visit visit) {
    if (listeners.size() >= MOST) {
      return Future.succeededFuture(
          new Response.Failure(
              ErrorCode.UNAVAILABLE,
              503,
              "too many pages listen",
              Duration.ofMinutes(1),
              List.of()));
    }
    return Future.succeededFuture(new Response.Events(this::join));
  }

  private synchronized void join(ClientBody listener) {
    if (ended) {
      listener.end();
      return;
    }
    listener.onClose(cause -> listeners.remove(listener));
    listeners.add(listener);
    listener.write(HELLO);
    if (!running) {
      running = true;
      changes.look();
      vertx.setPeriodic(LOOK_MILLIS, this::look);
    }
  }

  private synchronized void look(long timer) {
    listeners.removeIf(ClientBody::isClosed);
    if (listeners.isEmpty()) {
      vertx.cancelTimer(timer);
      running = false;
      return;
    }
    StringBuilder text = new StringBuilder();
    changes.look().forEach(name -> text.append("event: ").append(name).append("\ndata: 1\n\n"));
    if (!text.isEmpty()) {
      tell(Buffer.buffer(text.toString()));
    } else if (System.nanoTime() - told >= SILENCE_NANOS) {
      tell(COMMENT);
    }
  }

  private void tell(Buffer text) {
    told = System.nanoTime();
    for (ClientBody listener : listeners) {
      listener.execute(
          unused -> {
            // Who does not read misses an event and is told of the next.
            if (!listener.isClosed() && !listener.isFull()) {
              listener.write(text);
            }
          });
    }
  }

  /** Ends all streams; the server stops. */
  synchronized void end() {
    ended = true;
    for (ClientBody listener : listeners) {
      listener.execute(
          unused -> {
            if (!listener.isClosed()) {
              listener.end();
            }
          });
    }
    listeners.clear();
  }
}
