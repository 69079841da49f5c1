package io.entrepot.registry;

import io.vertx.core.Future;

/**
 * Content that can be sent, and sent again from a position when a connection breaks.
 *
 * <p>Implementations verify what they read, where they can.
 */
@FunctionalInterface
public interface BlobSource {

  /**
   * Streams the content from {@code offset} to the end into {@code sink}.
   *
   * @return done when the last byte was written; the sink is not ended
   */
  Future<Void> sendTo(long offset, BlobSink sink);
}
