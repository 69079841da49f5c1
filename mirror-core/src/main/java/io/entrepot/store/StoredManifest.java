package io.entrepot.store;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import org.jspecify.annotations.Nullable;

/**
 * A manifest that a repository knows. Its annotations stay on disk: they may be megabytes.
 *
 * @param size bytes
 * @param subject what it makes statements about, or null
 */
public record StoredManifest(
    Digest digest, MediaType mediaType, long size, @Nullable Digest subject) {

  /** What is remembered of a manifest. */
  public static StoredManifest of(RawManifest raw, Manifest manifest) {
    Descriptor subject = manifest.subject();
    return new StoredManifest(
        raw.digest(), raw.mediaType(), raw.size(), subject == null ? null : subject.digest());
  }
}
