package io.entrepot.registry;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/**
 * Where bytes go, one piece after the other, with back-pressure. Nobody ends a sink: the end of a
 * transfer is told by the future of the transfer.
 *
 * <p>One writer calls it, on one event loop. The futures may complete on any thread.
 */
public interface ByteSink {

  /**
   * Takes a piece. The writer goes on at once unless the sink {@link #isFull}.
   *
   * @return done when the piece is taken; fails where the sink takes no more, which ends the
   *     transfer with that failure
   */
  Future<Void> write(Buffer bytes);

  /** Whether the writer waits for {@link #room} before the next piece. */
  boolean isFull();

  /** Done when the sink has room again; fails when it will take no more. */
  Future<Void> room();
}
