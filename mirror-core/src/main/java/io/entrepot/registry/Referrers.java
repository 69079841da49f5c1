package io.entrepot.registry;

import io.entrepot.oci.Descriptor;
import java.util.List;

/**
 * What refers to a digest.
 *
 * @param api whether the registry has the referrers API; false when the list came from the fallback
 *     tag
 */
public record Referrers(List<Descriptor> descriptors, boolean api) {

  /** Copies the list. */
  public Referrers {
    descriptors = List.copyOf(descriptors);
  }

  /** About how many bytes of the heap it takes. */
  public long heapBytes() {
    return 512 + descriptors.stream().mapToLong(Referrers::heapBytes).sum();
  }

  static long heapBytes(Descriptor descriptor) {
    return 512
        + descriptor.annotations().entrySet().stream()
            .mapToLong(each -> 128L + each.getKey().length() + each.getValue().length())
            .sum()
        + descriptor.urls().stream().mapToLong(url -> 64L + url.length()).sum();
  }
}
