package io.entrepot.pin;

import io.entrepot.oci.RegistryName;
import io.entrepot.registry.Upstream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A {@code pin.yaml}.
 *
 * @param lock where the lock file is, or null where the file does not say
 * @param registries those that are configured
 */
public record PinSettings(
    PinRules rules, @Nullable Path lock, SortedMap<RegistryName, Upstream> registries) {

  /** Copies the map. */
  public PinSettings {
    registries = Collections.unmodifiableSortedMap(new TreeMap<>(registries));
  }

  /** The same with other rules. */
  public PinSettings with(PinRules other) {
    return new PinSettings(other, lock, registries);
  }

  /** What holds without a {@code pin.yaml}. */
  public static PinSettings usual() {
    return new PinSettings(PinRules.DEFAULT, null, new TreeMap<>());
  }
}
