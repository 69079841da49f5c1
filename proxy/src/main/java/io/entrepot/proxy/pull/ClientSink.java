package io.entrepot.proxy.pull;

import io.entrepot.registry.ByteSink;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;

/** A client's body as a sink for bytes that come on another event loop. */
final class ClientSink implements ByteSink {

  private final ClientBody body;

  ClientSink(ClientBody body) {
    this.body = body;
  }

  @Override
  public Future<Void> write(Buffer bytes) {
    Promise<Void> written = Promise.promise();
    body.execute(unused -> body.write(bytes).onComplete(written));
    return written.future();
  }

  @Override
  public boolean isFull() {
    return body.isFull();
  }

  @Override
  public Future<Void> room() {
    Promise<Void> room = Promise.promise();
    body.execute(
        unused -> {
          if (body.isClosed() || !body.isFull()) {
            // It may have drained since the writer asked: nobody would call then.
            room.tryComplete();
            return;
          }
          body.onClose(room::tryFail);
          body.onDrain(drained -> room.tryComplete());
        });
    return room.future();
  }
}
