package io.entrepot.gate.init;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Platform;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a registry says of an image.
 *
 * @param digest null where it could not be asked
 * @param artifact whether it is a chart or something else that does not run
 * @param list whether it is a manifest list; true where that is not known
 * @param platforms those that it says it has; null where that is not known
 * @param manifests how many manifests a copy of it reads; 0 where that is not known
 * @param bytes of what was seen, by digest
 * @param gone whether the registry says that it is not there
 * @param problem why nothing is known, or null
 */
record ImageFacts(
    @Nullable Digest digest,
    boolean artifact,
    boolean list,
    @Nullable List<Platform> platforms,
    int manifests,
    Map<Digest, Long> bytes,
    boolean gone,
    @Nullable String problem) {

  ImageFacts {
    bytes = Map.copyOf(bytes);
  }

  /** Nobody was asked. */
  static ImageFacts unasked() {
    return new ImageFacts(null, false, true, null, 0, Map.of(), false, null);
  }

  /** The registry gave no answer that says anything of the image. */
  static ImageFacts unknown(@Nullable Digest digest, String why) {
    return new ImageFacts(digest, false, true, null, 0, Map.of(), false, why);
  }

  /** The registry says that it is not there. */
  static ImageFacts absent() {
    return new ImageFacts(null, false, true, null, 0, Map.of(), true, null);
  }
}
