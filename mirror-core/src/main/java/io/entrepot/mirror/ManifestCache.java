package io.entrepot.mirror;

import io.entrepot.oci.Digest;
import io.entrepot.oci.RawManifest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Manifests that were read in this run, so that images which share them read them once; the least
 * recently used give way. A digest's bytes are the same in every registry.
 */
final class ManifestCache {

  /** Some thousands of manifests of usual size. */
  private static final long MAX_BYTES = 8L * 1024 * 1024;

  private final Map<Digest, RawManifest> manifests = new LinkedHashMap<>(64, 0.75f, true);
  private long bytes;

  synchronized Optional<RawManifest> find(Digest digest) {
    return Optional.ofNullable(manifests.get(digest));
  }

  synchronized void put(RawManifest manifest) {
    if (manifests.putIfAbsent(manifest.digest(), manifest) != null) {
      return;
    }
    bytes += manifest.size();
    var oldest = manifests.values().iterator();
    while (bytes > MAX_BYTES && oldest.hasNext()) {
      bytes -= oldest.next().size();
      oldest.remove();
    }
  }
}
