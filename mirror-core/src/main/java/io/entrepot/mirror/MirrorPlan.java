package io.entrepot.mirror;

import io.entrepot.lock.LockFile;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.RegistryName;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a run would do, image by image.
 *
 * @param images in the file's order; tags are expanded
 * @param quotas of the registries that count pulls
 * @param lock what former runs left behind; empty where there was none
 * @param kept the targets of images that no entry asks for and that are looked at all the same: the
 *     lock does not take them
 */
public record MirrorPlan(
    List<PlannedImage> images,
    SortedMap<RegistryName, Quota> quotas,
    LockFile lock,
    Set<ImageReference> kept) {

  /**
   * The pulls of one registry.
   *
   * @param remaining as the registry said while planning
   * @param keep left to others
   * @param planned spent by this plan, as far as that can be known beforehand
   */
  public record Quota(int remaining, int keep, int planned) {

    /** What a run may spend. */
    public int available() {
      return Math.max(0, remaining - keep);
    }
  }

  /** Copies the collections. */
  public MirrorPlan {
    images = List.copyOf(images);
    quotas = Collections.unmodifiableSortedMap(new TreeMap<>(quotas));
    kept = Set.copyOf(kept);
  }

  /** The same with other images. */
  MirrorPlan with(List<PlannedImage> others) {
    return new MirrorPlan(others, quotas, lock, kept);
  }

  /** The images whose source or target is not as the last run left it. */
  public List<PlannedImage> changes() {
    return images.stream()
        .filter(
            image ->
                image.waits()
                    || (image.verdict() != PlannedImage.Verdict.UNCHANGED
                        && image.verdict() != PlannedImage.Verdict.CONFIRM))
        .toList();
  }

  /** Bytes that would be read at the sources, as far as they are known. */
  public long bytes() {
    return images.stream().mapToLong(image -> image.cost().bytes()).sum();
  }

  /** Whether {@link #bytes} is all of it. */
  public boolean bytesKnown() {
    return images.stream().allMatch(image -> image.cost().bytesKnown());
  }

  /** Counted pulls that would be spent. */
  public int pulls() {
    return quotas.values().stream().mapToInt(Quota::planned).sum();
  }
}
