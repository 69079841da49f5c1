package io.entrepot.mirror;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Index;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * Makes a manifest list of single-platform images, and the same bytes for the same parts every
 * time: entries are sorted by platform.
 *
 * <p>It is a Docker manifest list where all parts are Docker manifests, otherwise an OCI index,
 * which may hold both (image-spec 1.1, image-index.md).
 */
final class AssembledIndex {

  private AssembledIndex() {}

  /**
   * @param entries manifests, each with its platform
   */
  static RawManifest of(List<Descriptor> entries) {
    boolean docker =
        entries.stream().allMatch(entry -> entry.mediaType().equals(MediaType.DOCKER_MANIFEST));
    MediaType type = docker ? MediaType.DOCKER_LIST : MediaType.OCI_INDEX;
    return Index.of(
        type,
        entries.stream()
            .sorted(Comparator.comparing(entry -> Objects.requireNonNull(entry.platform())))
            .toList());
  }
}
