package io.entrepot.proxy.handler;

import io.entrepot.proxy.pull.ClientBody;
import io.entrepot.proxy.pull.SendRoom;
import io.entrepot.proxy.pull.StalledClientException;
import io.vertx.core.buffer.Buffer;

/** A long body in memory, sent piece by piece: its client may read nothing of it. */
final class HeldSend implements SendRoom.Sender {

  private final ClientBody body;
  private final Buffer bytes;
  private final Runnable onEnd;
  private int position;
  private int length;
  private boolean ended;

  /**
   * @param onEnd runs once, when the bytes are needed no longer
   */
  HeldSend(ClientBody body, Buffer bytes, Runnable onEnd) {
    this.body = body;
    this.bytes = bytes;
    this.onEnd = onEnd;
  }

  void start() {
    body.onClose(cause -> finish());
    next();
  }

  private void finish() {
    if (!ended) {
      ended = true;
      onEnd.run();
    }
  }

  private void next() {
    if (ended) {
      return;
    }
    if (body.isClosed()) {
      finish();
    } else if (position == bytes.length()) {
      finish();
      body.end();
    } else if (body.isFull()) {
      body.onDrain(unused -> next());
    } else {
      length = Math.min(SendRoom.piece(position), bytes.length() - position);
      if (body.take(this, length)) {
        piece();
      }
    }
  }

  private void piece() {
    Buffer piece = bytes.slice(position, position + length);
    position += length;
    body.write(piece)
        .onComplete(
            written -> {
              body.giveBack(this);
              body.execute(unused -> next());
            });
  }

  @Override
  public void go() {
    body.execute(
        unused -> {
          if (ended) {
            body.giveBack(this);
          } else {
            piece();
          }
        });
  }

  @Override
  public void giveUp() {
    body.execute(
        unused -> {
          finish();
          body.fail(new StalledClientException());
        });
  }
}
