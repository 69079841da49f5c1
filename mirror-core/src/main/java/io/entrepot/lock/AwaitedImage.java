package io.entrepot.lock;

import io.entrepot.oci.ImageReference;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An entry of a lock file that has no digest yet: everything that its tag has had is too young.
 *
 * @param target where the copy will be, with a tag and without a digest; null where that is not
 *     said
 * @param waiting what the tag has had, oldest first; never empty
 */
public record AwaitedImage(@Nullable ImageReference target, List<Sight> waiting) {

  /** Sorts what waits. */
  public AwaitedImage {
    if (waiting.isEmpty()) {
      throw new IllegalArgumentException("nothing waits");
    }
    waiting = waiting.stream().sorted().distinct().toList();
  }
}
