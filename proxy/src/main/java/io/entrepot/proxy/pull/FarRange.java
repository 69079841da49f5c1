package io.entrepot.proxy.pull;

import io.entrepot.oci.RegistryName;
import io.entrepot.registry.ByteRange;
import io.entrepot.registry.ByteSink;
import io.entrepot.registry.RegistryClient;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A part of a blob that the running fetch will not reach for long: straight from upstream, in
 * turns.
 *
 * <p>Few read so from one upstream at a time. While others wait, a turn is short, and shorter for
 * who takes nothing; then the client waits for its next turn, or for the fetch to come near. So a
 * client that reads nothing holds up nobody, and one that reads is never left standing.
 *
 * @param fill the running fetch, retained for the client until it has all or has left
 * @param turns who may read from upstream beside the fetch
 */
record FarRange(Vertx vertx, RegistryClient client, BlobFill fill, FetchSlots turns)
    implements LiveBody {

  /** How far ahead of a fetch a range may begin and still wait for it, in bytes. */
  static final long FAR_AHEAD = 64L << 20;

  private static final Duration TURN = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  @Override
  public void follow(ClientBody body, long from, long end) {
    new Client(body, from, end).start();
  }

  @Override
  public void release() {
    fill.release();
  }

  private RegistryName upstream() {
    return UpstreamRepository.of(fill.repository()).registry();
  }

  /** A turn that is over; what was not written is asked for again. */
  private static final class TurnOverException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TurnOverException() {
      super("others wait", null, false, false);
    }
  }

  /** Everything happens on the client's context, save what the registry client asks the sink. */
  private final class Client implements ByteSink {
    private final ClientBody body;
    private final long end;
    private long position;
    private long turnBegan;
    private boolean reading;
    private boolean over;
    private boolean done;
    private @Nullable Promise<Void> room;

    Client(ClientBody body, long from, long end) {
      this.body = body;
      this.position = from;
      this.end = end;
    }

    void start() {
      body.onClose(cause -> left());
      // Clients give up on headers that do not come, however long the body may take.
      body.begin();
      goOn();
    }

    private void left() {
      if (!done && !reading) {
        release();
      }
      Promise<Void> waiting = room;
      if (waiting != null) {
        waiting.tryFail(new ClosedChannelException());
      }
    }

    private void release() {
      done = true;
      fill.release();
    }

    private void goOn() {
      if (done) {
        return;
      }
      if (body.isClosed()) {
        release();
      } else if (position >= end) {
        release();
        body.end();
      } else if (isNear()) {
        done = true;
        new FillReader(fill, body, position, end).start();
      } else if (body.isFull()) {
        // No turn before its client takes something.
        body.onDrain(unused -> goOn());
      } else {
        turns.acquire(upstream()).onComplete(turn -> body.execute(unused -> begin()));
      }
    }

    /** Whether the fetch is the way: what it does not keep it must not hold for a turn. */
    private boolean isNear() {
      return position <= fill.received() + FAR_AHEAD || !fill.isKept() || fill.failure() != null;
    }

    private void begin() {
      if (done || body.isClosed() || isNear()) {
        turns.release(upstream());
        goOn();
        return;
      }
      reading = true;
      over = false;
      turnBegan = System.nanoTime();
      client
          .fetchBlob(
              UpstreamRepository.of(fill.repository()),
              fill.digest(),
              new ByteRange(position, end - 1),
              start -> this)
          .onComplete(result -> body.execute(unused -> ended(result)));
    }

    private void ended(AsyncResult<Void> result) {
      reading = false;
      turns.release(upstream());
      if (result.succeeded() || over || body.isClosed()) {
        goOn();
      } else {
        release();
        body.fail(result.cause());
      }
    }

    private boolean isOver(Duration limit) {
      over =
          over
              || (turns.isContended(upstream()) && System.nanoTime() - turnBegan > limit.toNanos());
      return over;
    }

    @Override
    public Future<Void> write(Buffer bytes) {
      Promise<Void> written = Promise.promise();
      body.execute(
          unused -> {
            if (isOver(TURN)) {
              written.fail(new TurnOverException());
            } else {
              position += bytes.length();
              body.write(bytes).onComplete(written);
            }
          });
      return written.future();
    }

    @Override
    public boolean isFull() {
      return body.isFull();
    }

    @Override
    public Future<Void> room() {
      Promise<Void> promise = Promise.promise();
      body.execute(
          unused -> {
            if (body.isClosed()) {
              promise.fail(new ClosedChannelException());
            } else if (!body.isFull()) {
              // It may have drained since the writer asked: nobody would call then.
              promise.complete();
            } else {
              room = promise;
              body.onDrain(drained -> promise.tryComplete());
              watch(promise);
            }
          });
      return promise.future();
    }

    private void watch(Promise<Void> waiting) {
      vertx.setTimer(
          PATIENCE.toMillis(),
          unused ->
              body.execute(
                  looked -> {
                    if (waiting.future().isComplete()) {
                      return;
                    }
                    if (isOver(PATIENCE)) {
                      waiting.tryFail(new TurnOverException());
                    } else {
                      watch(waiting);
                    }
                  }));
    }
  }
}
