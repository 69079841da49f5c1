package io.entrepot.mirror.charts;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.RawManifest;
import io.vertx.core.buffer.Buffer;
import java.util.Map;

/**
 * One version of a chart, fetched.
 *
 * @param reference host, path, name and version: its key in a lock
 * @param manifest as it is, or is to be, in a registry
 * @param archive the package, byte for byte
 * @param blobs those of the manifest that are at hand
 * @param from the package's address and digest, where it was made an artifact here
 */
public record PackedChart(
    ImageReference reference,
    RawManifest manifest,
    Buffer archive,
    Map<Digest, Buffer> blobs,
    Map<String, Digest> from) {

  /** Copies the map. */
  public PackedChart {
    blobs = Map.copyOf(blobs);
    from = Map.copyOf(from);
  }
}
