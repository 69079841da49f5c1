package io.entrepot.store;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A manifest that a repository knows.
 *
 * @param children what it needs
 * @param subject what it makes statements about, or null
 * @param descriptor how a list of referrers describes it
 */
public record StoredManifest(
    Digest digest,
    MediaType mediaType,
    long size,
    List<Descriptor> children,
    @Nullable Digest subject,
    Descriptor descriptor) {

  /** Copies the list. */
  public StoredManifest {
    children = List.copyOf(children);
  }

  static StoredManifest of(RawManifest raw, Manifest manifest) {
    Descriptor subject = manifest.subject();
    return new StoredManifest(
        raw.digest(),
        raw.mediaType(),
        raw.size(),
        manifest.children(),
        subject == null ? null : subject.digest(),
        new Descriptor(
            raw.mediaType(),
            raw.digest(),
            raw.size(),
            null,
            artifactType(manifest),
            manifest.annotations(),
            List.of()));
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
}
