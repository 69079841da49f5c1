package io.entrepot.mirror;

import io.entrepot.lock.LockFile;
import io.entrepot.oci.RegistryName;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a run did.
 *
 * @param images in the plan's order
 * @param requests by host and by verb and kind, since the client was made
 * @param pulls by registry from which was read
 * @param lock what is to be written: all that is known to be at the targets
 */
public record MirrorReport(
    List<ImageResult> images,
    SortedMap<String, SortedMap<String, Long>> requests,
    SortedMap<RegistryName, Pulls> pulls,
    LockFile lock) {

  /**
   * Manifests read from one registry.
   *
   * @param spent fetched by this run, its planning included
   * @param remainingBefore of the quota, or null where the registry has none
   * @param remainingAfter of the quota, or null where the registry has none
   */
  public record Pulls(
      int spent, @Nullable Integer remainingBefore, @Nullable Integer remainingAfter) {}

  /** Copies the collections. */
  public MirrorReport {
    images = List.copyOf(images);
    requests = Collections.unmodifiableSortedMap(new TreeMap<>(requests));
    pulls = Collections.unmodifiableSortedMap(new TreeMap<>(pulls));
  }

  /** Whether an image ended so. */
  public boolean any(ImageResult.Outcome outcome) {
    return images.stream().anyMatch(image -> image.outcome() == outcome);
  }
}
