package io.entrepot.store;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RawManifest;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How manifests are described in a list of referrers; read from their bytes each time. */
final class ReferrerList {

  /** Characters of annotations that one entry of a list may have; beyond, it has none. */
  static final int MAX_ANNOTATIONS = 16 * 1024;

  private static final Logger LOG = System.getLogger(ReferrerList.class.getName());

  private final Contents contents;

  ReferrerList(Contents contents) {
    this.contents = contents;
  }

  /** A manifest as a list describes it; without its annotations where it cannot be read. */
  Descriptor describe(StoredManifest stored) {
    Manifest manifest = parse(stored).orElse(null);
    return new Descriptor(
        stored.mediaType(),
        stored.digest(),
        stored.size(),
        null,
        manifest == null ? null : artifactType(manifest),
        manifest == null ? Map.of() : capped(manifest.annotations()),
        List.of());
  }

  /** What an index lists, as the index behind a fallback tag does; empty for what is no index. */
  List<Descriptor> entries(StoredManifest stored) {
    if (!stored.mediaType().isIndex()) {
      return List.of();
    }
    return parse(stored)
        .map(
            manifest -> manifest instanceof Index index ? index.manifests() : List.<Descriptor>of())
        .orElse(List.of());
  }

  private Optional<Manifest> parse(StoredManifest stored) {
    Digest digest = stored.digest();
    Optional<byte[]> bytes = contents.readAll(digest, RawManifest.MAX_BYTES);
    try {
      return bytes.map(
          read -> RawManifest.of(stored.mediaType(), read, digest.algorithm()).parse());
    } catch (MalformedException e) {
      LOG.log(Level.WARNING, "manifest {0} cannot be read: {1}", digest, e.getMessage());
      return Optional.empty();
    }
  }

  // distribution-spec 1.1, "Listing Referrers": the configuration's type stands in.
  private static @Nullable String artifactType(Manifest manifest) {
    if (manifest.artifactType() != null) {
      return manifest.artifactType();
    }
    return manifest instanceof ImageManifest image && image.config() != null
        ? image.config().mediaType().value()
        : null;
  }

  private static Map<String, String> capped(Map<String, String> annotations) {
    long length = 0;
    for (Map.Entry<String, String> each : annotations.entrySet()) {
      length += each.getKey().length() + each.getValue().length();
    }
    return length > MAX_ANNOTATIONS ? Map.of() : annotations;
  }
}
