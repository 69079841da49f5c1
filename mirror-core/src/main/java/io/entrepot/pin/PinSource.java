package io.entrepot.pin;

import io.entrepot.oci.ImageReference;
import io.entrepot.sites.Reading;
import java.util.Collection;
import java.util.Set;

/** Where digests come from: the lock file, or the registries. */
public interface PinSource {

  /** Whether answers come from elsewhere, so that asking for all of them at once pays. */
  boolean asks();

  /** Asks for many at once, ahead of {@link #resolve}; does nothing where that costs nothing. */
  void prepare(Collection<Reading> readings);

  /** Host, path, name and version of the charts of HTTP repositories of which it has copies. */
  default Set<ImageReference> indexedCharts() {
    return Set.of();
  }

  /** What an image or chart becomes. */
  Resolution resolve(Reading reading);
}
