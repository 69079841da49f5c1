package io.entrepot.registry;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;

/**
 * Where a blob's bytes go.
 *
 * <p>The stream is written with back-pressure on one event loop and is never ended by the client:
 * the caller ends it when the future of the transfer succeeds, and discards what was written when
 * it fails.
 */
@FunctionalInterface
public interface BlobSink {

  /**
   * Called once, as soon as the upstream's headers are in and before the first byte.
   *
   * @param start what is about to come
   */
  WriteStream<Buffer> open(BlobStart start);

  /**
   * What the upstream's headers said.
   *
   * @param length bytes that will come
   * @param total bytes of the whole blob
   */
  record BlobStart(long length, long total) {}
}
