package io.entrepot.mirror;

import io.entrepot.mirror.MirrorStep.MergeList;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Index;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The list of referrers under a fallback tag of the target (distribution-spec 1.1, "Referrers tag
 * schema"). It has no compare-and-set, and other writers do lose entries on GHCR: so it is read,
 * written, and read again.
 */
final class FallbackTag {

  private static final int TRIES = 5;

  private final RegistryClient client;
  private final ImageReference image;
  private final ImageReference tag;
  private final Digest subject;

  /**
   * @param image for messages
   */
  FallbackTag(RegistryClient client, ImageReference image, ImageReference tag, Digest subject) {
    this.client = client;
    this.image = image;
    this.tag = tag;
    this.subject = subject;
  }

  /**
   * Adds what is not listed yet.
   *
   * @param sourceList the source's list, which is put as it is where the target lists nothing else
   */
  void merge(MergeList step, @Nullable RawManifest sourceList) {
    List<Descriptor> wanted = step.referrers();
    for (int attempt = 0; attempt < TRIES; attempt++) {
      List<Descriptor> listed = listed();
      if (containsAll(listed, wanted) && (sourceList == null || listed.size() > wanted.size())) {
        return;
      }
      put(
          sourceList != null && containsAll(wanted, listed)
              ? sourceList
              : Index.of(MediaType.OCI_INDEX, union(listed, wanted)));
      if (containsAll(listed(), wanted)) {
        return;
      }
    }
    throw new MirrorException(
        Side.TARGET,
        image,
        "list referrers under " + tag,
        "the tag lost what was written to it, %d times".formatted(TRIES),
        "somebody else writes it at the same time: run again",
        null);
  }

  private List<Descriptor> listed() {
    try {
      Optional<RawManifest> list = client.findManifest(tag).await();
      return list.flatMap(read -> ReferrerFinder.entries(subject, read)).orElse(List.of());
    } catch (RegistryException e) {
      throw MirrorException.of(Side.TARGET, image, "read " + tag, e);
    }
  }

  private void put(RawManifest list) {
    try {
      client.pushManifest(tag, list).await();
    } catch (RegistryException e) {
      throw MirrorException.of(Side.TARGET, image, "put manifest " + tag, e);
    }
  }

  /** Those that are listed, in their order, then those that are not yet. */
  static List<Descriptor> union(Collection<Descriptor> listed, Collection<Descriptor> added) {
    Map<Digest, Descriptor> all = new LinkedHashMap<>();
    listed.forEach(descriptor -> all.putIfAbsent(descriptor.digest(), descriptor));
    added.forEach(descriptor -> all.putIfAbsent(descriptor.digest(), descriptor));
    return List.copyOf(all.values());
  }

  private static boolean containsAll(List<Descriptor> list, List<Descriptor> wanted) {
    Set<Digest> digests = new HashSet<>();
    list.forEach(descriptor -> digests.add(descriptor.digest()));
    return wanted.stream().allMatch(descriptor -> digests.contains(descriptor.digest()));
  }
}
