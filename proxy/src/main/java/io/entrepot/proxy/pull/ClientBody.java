package io.entrepot.proxy.pull;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;

/**
 * The body of one client's response as a sink: bytes go in, the socket is out of sight.
 *
 * <p>Every method save {@link #execute} is called on the client's own context, and calls back
 * there.
 */
public interface ClientBody {

  /** Runs something on the client's context; from any thread. */
  void execute(Handler<Void> task);

  /** Whether the client has left. */
  boolean isClosed();

  /** Whether so much waits to be sent that the writer should wait for {@link #onDrain}. */
  boolean isFull();

  /** Calls once, when there is room again; a client that takes nothing for long is cut. */
  void onDrain(Handler<Void> task);

  /** Calls when the client leaves before the end; maybe more than once. */
  void onClose(Handler<Throwable> task);

  /** Sends the head now, however long the first byte may take. */
  void begin();

  /**
   * Takes a place for a piece among all that are on their way to clients.
   *
   * @return false where there is none; the sender is told when it has one
   */
  boolean take(SendRoom.Sender sender, long length);

  /** Gives the place back, if the sender has one. */
  void giveBack(SendRoom.Sender sender);

  /** Sends bytes; done when the socket has taken them or the client has left. */
  Future<Void> write(Buffer bytes);

  /** Ends the response. */
  void end();

  /** Cuts the response: what was sent is not to be taken for the whole. */
  void fail(Throwable cause);
}
