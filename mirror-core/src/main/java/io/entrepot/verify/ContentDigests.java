package io.entrepot.verify;

import io.entrepot.concurrent.Parallel;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RawManifest;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Every digest that an image leads to: children, configurations and layers. */
public final class ContentDigests {

  /** Lists within lists; real ones have one level. */
  private static final int MAX_DEPTH = 4;

  private ContentDigests() {}

  /**
   * The digests below a manifest, without its own. Manifests are fetched, blobs are not. Blocks.
   *
   * @throws MalformedException for a manifest that cannot be read, and for lists that do not end
   * @throws io.entrepot.registry.RegistryException when a manifest cannot be had
   */
  public static Set<Digest> of(RawManifest root, ImageContent content) {
    return below(root, content, 0);
  }

  private static Set<Digest> below(RawManifest manifest, ImageContent content, int depth) {
    Set<Digest> digests = new HashSet<>();
    switch (manifest.parse()) {
      case ImageManifest image -> image.children().forEach(child -> digests.add(child.digest()));
      case Index index -> {
        if (depth == MAX_DEPTH) {
          throw new MalformedException(
              "lists within lists, more than %d deep".formatted(MAX_DEPTH));
        }
        List<Descriptor> entries = index.manifests();
        entries.forEach(entry -> digests.add(entry.digest()));
        Parallel.map(entries, entry -> below(content.manifest(entry), content, depth + 1))
            .forEach(digests::addAll);
      }
    }
    return digests;
  }
}
