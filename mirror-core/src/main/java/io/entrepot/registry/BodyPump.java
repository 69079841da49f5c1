package io.entrepot.registry;

import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.time.Duration;

/**
 * Moves the body of one response into a sink, with back-pressure and limits.
 *
 * <p>Everything happens on the response's context. Whatever goes wrong, the response is reset, so
 * that a half-read connection is not used again.
 */
final class BodyPump {

  /** Looks at every buffer before it is written. */
  @FunctionalInterface
  interface Inspector {
    /** Gives what to write of a buffer; throws {@link RegistryException} to stop. */
    Buffer inspect(Buffer buffer);
  }

  private final Vertx vertx;
  private final Context context;
  private final HttpClientResponse response;
  private final ByteSink sink;
  private final Inspector inspector;
  private final Duration idleTimeout;
  private final long minimumRate;
  private final Promise<Void> done = Promise.promise();

  private long received;
  private long waitingForSink;
  private boolean paused;
  private long timer;

  private BodyPump(
      Vertx vertx,
      HttpClientResponse response,
      ByteSink sink,
      Inspector inspector,
      ClientSettings settings) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.response = response;
    this.sink = sink;
    this.inspector = inspector;
    this.idleTimeout = settings.timeouts().idle();
    this.minimumRate = settings.minimumRate();
  }

  /**
   * Pumps until the body ends.
   *
   * @param response paused, with no byte read yet
   * @return done after the last write was accepted; fails with the reset, the sink's error, the
   *     inspector's, or a {@link StalledException}
   */
  static Future<Void> run(
      Vertx vertx,
      HttpClientResponse response,
      ByteSink sink,
      Inspector inspector,
      ClientSettings settings) {
    BodyPump pump = new BodyPump(vertx, response, sink, inspector, settings);
    pump.start();
    return pump.done.future();
  }

  /** No or too few bytes came for too long. */
  static final class StalledException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StalledException(String message) {
      super(message);
    }
  }

  /** The receiving end failed; asking the upstream again would not help. */
  static final class SinkFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SinkFailure(Throwable cause) {
      super(cause);
    }
  }

  private void start() {
    watch(0, 0);
    response.exceptionHandler(this::fail);
    response.endHandler(end -> succeed());
    response.handler(this::accept);
    response.resume();
  }

  private void accept(Buffer buffer) {
    if (done.future().isComplete()) {
      return;
    }
    received += buffer.length();
    Buffer checked;
    try {
      checked = inspector.inspect(buffer);
    } catch (RegistryException e) {
      fail(e);
      return;
    }
    if (checked.length() == 0) {
      return;
    }
    Future<Void> accepted = sink.write(checked);
    if (!accepted.succeeded()) {
      accepted.onFailure(cause -> context.runOnContext(turn -> fail(new SinkFailure(cause))));
    }
    if (!done.future().isComplete() && sink.isFull()) {
      paused = true;
      response.pause();
      sink.room().onComplete(room -> context.runOnContext(turn -> goOn(room)));
    }
  }

  private void goOn(AsyncResult<Void> room) {
    paused = false;
    if (room.failed()) {
      fail(new SinkFailure(room.cause()));
    } else if (!done.future().isComplete()) {
      response.resume();
    }
  }

  /** A slow sink is not the upstream's fault: time spent waiting for it does not count. */
  private void watch(long receivedBefore, long stuckRounds) {
    timer =
        vertx.setTimer(
            Math.max(1, idleTimeout.toMillis()),
            fired -> {
              if (done.future().isComplete()) {
                return;
              }
              if (paused) {
                waitingForSink++;
                watch(received, stuckRounds);
                return;
              }
              long came = received - receivedBefore;
              long wanted =
                  waitingForSink > 0 ? 1 : Math.max(1, minimumRate * idleTimeout.toSeconds());
              waitingForSink = 0;
              if (came == 0) {
                fail(new StalledException("no byte for " + idleTimeout.toSeconds() + " s"));
              } else if (came < wanted && stuckRounds >= 1) {
                fail(
                    new StalledException(
                        "only %d bytes in %d s".formatted(came, idleTimeout.toSeconds())));
              } else {
                watch(received, came < wanted ? stuckRounds + 1 : 0);
              }
            });
  }

  private void succeed() {
    vertx.cancelTimer(timer);
    done.tryComplete();
  }

  private void fail(Throwable cause) {
    vertx.cancelTimer(timer);
    if (done.tryFail(cause)) {
      Answer.abandon(response);
    }
  }
}
