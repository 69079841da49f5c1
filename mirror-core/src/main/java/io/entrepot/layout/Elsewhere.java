package io.entrepot.layout;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the side for which a layout is written has already, so that it is left out. Safe for many
 * threads.
 */
public final class Elsewhere {

  private final Map<ImageReference, Digest> tags = new ConcurrentHashMap<>();
  private final Map<Digest, Descriptor> manifests = new ConcurrentHashMap<>();
  private final Set<Digest> blobs = ConcurrentHashMap.newKeySet();

  /** A tag there, with what it means. */
  public void tag(ImageReference target, Digest digest) {
    tags.put(target, digest);
  }

  /** A manifest there. */
  public void manifest(Descriptor manifest) {
    manifests.put(manifest.digest(), manifest);
  }

  /** A blob there. */
  public void blob(Digest digest) {
    blobs.add(digest);
  }

  Optional<Digest> tag(ImageReference target) {
    return Optional.ofNullable(tags.get(target));
  }

  Optional<Descriptor> manifest(Digest digest) {
    return Optional.ofNullable(manifests.get(digest));
  }

  boolean hasBlob(Digest digest) {
    return blobs.contains(digest);
  }
}
