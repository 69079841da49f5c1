package io.entrepot.gate.init;

import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An entry of the {@code mirror.yaml} that is written.
 *
 * @param source what is copied
 * @param artifact whether no platforms are asked
 * @param as a name of its own, or null
 * @param target the whole copy, where its tag is another one, or null
 * @param problem why it cannot be mirrored as it is, or null
 * @param waiver the platforms that a waiver would ask for; empty where no waiver helps
 */
record WrittenImage(
    FoundImage image,
    ImageReference source,
    boolean artifact,
    @Nullable String as,
    @Nullable ImageReference target,
    @Nullable String problem,
    List<Platform> waiver) {

  WrittenImage {
    waiver = List.copyOf(waiver);
  }

  boolean isPlain() {
    return !artifact && as == null && target == null && waiver.isEmpty();
  }
}
