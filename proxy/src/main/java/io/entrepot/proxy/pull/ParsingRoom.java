package io.entrepot.proxy.pull;

import io.entrepot.oci.Manifest;
import io.entrepot.oci.RawManifest;
import java.util.concurrent.Semaphore;

/**
 * Room in the heap for manifests that are being parsed: what is read of one may take several times
 * its bytes, so no more is parsed at a time than one manifest of the largest size.
 */
public final class ParsingRoom {

  private final Semaphore bytes = new Semaphore(RawManifest.MAX_BYTES, true);

  /** Parses a manifest, after those that came before; blocks. */
  public Manifest parse(RawManifest raw) {
    int size = Math.min(RawManifest.MAX_BYTES, raw.size());
    bytes.acquireUninterruptibly(size);
    try {
      return raw.parse();
    } finally {
      bytes.release(size);
    }
  }
}
