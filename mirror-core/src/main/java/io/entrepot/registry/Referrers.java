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
}
