package io.entrepot.registry;

/**
 * Where a blob goes, once it is known how long it is.
 *
 * <p>Whoever asked for the transfer keeps what was written when its future succeeds, and discards
 * it when the future fails.
 */
@FunctionalInterface
public interface BlobSink {

  /**
   * Called once, as soon as the upstream's headers are in and before the first byte.
   *
   * @param start what is about to come
   */
  ByteSink open(BlobStart start);

  /**
   * What the upstream's headers said.
   *
   * @param length bytes that will come
   * @param total bytes of the whole blob
   */
  record BlobStart(long length, long total) {}
}
