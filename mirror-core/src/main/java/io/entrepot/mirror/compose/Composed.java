package io.entrepot.mirror.compose;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RawManifest;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A composed image.
 *
 * @param index the list
 * @param manifests of its platforms, in the order of the list
 * @param blobs configurations and new layers, as far as their bytes are needed
 * @param layers the new layer of each platform
 */
public record Composed(
    RawManifest index,
    List<RawManifest> manifests,
    Map<Digest, byte[]> blobs,
    SortedMap<Platform, Layer> layers) {

  /**
   * A new layer.
   *
   * @param diffId its digest before packing
   */
  public record Layer(Digest diffId, Descriptor descriptor) {}

  /** Copies the collections. */
  public Composed {
    manifests = List.copyOf(manifests);
    blobs = Map.copyOf(blobs);
    layers = Collections.unmodifiableSortedMap(new TreeMap<>(layers));
  }
}
