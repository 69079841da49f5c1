package io.entrepot.mirror;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Index;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The list of referrers under a fallback tag (distribution-spec 1.1, "Referrers tag schema"). */
final class FallbackIndex {

  private FallbackIndex() {}

  /** Those that are listed, in their order, then those that are not yet. */
  static RawManifest merge(Collection<Descriptor> listed, Collection<Descriptor> added) {
    Map<Digest, Descriptor> all = new LinkedHashMap<>();
    listed.forEach(descriptor -> all.putIfAbsent(descriptor.digest(), descriptor));
    added.forEach(descriptor -> all.putIfAbsent(descriptor.digest(), descriptor));
    return Index.of(MediaType.OCI_INDEX, List.copyOf(all.values()));
  }
}
