package io.entrepot.proxy.pull;

import io.entrepot.oci.RawManifest;
import io.entrepot.store.StoredManifest;
import org.jspecify.annotations.Nullable;

/**
 * A manifest to be served.
 *
 * @param warning why it may be out of date, or null
 * @param unkept its bytes where the store could not take them, or null
 */
public record PulledManifest(
    StoredManifest manifest, @Nullable String warning, @Nullable RawManifest unkept) {

  PulledManifest(StoredManifest manifest, @Nullable String warning) {
    this(manifest, warning, null);
  }
}
