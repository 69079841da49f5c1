package io.entrepot.mirror;

import io.entrepot.config.SpecLoader;
import io.entrepot.oci.RegistryName;
import io.entrepot.registry.Upstream;
import io.entrepot.yaml.ConfigException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a {@code mirror.yaml} says.
 *
 * @param spec what to copy
 * @param registries how registries are reached; those not named are reached at their own address
 */
public record MirrorSettings(MirrorSpec spec, SortedMap<RegistryName, Upstream> registries) {

  /** Copies the map. */
  public MirrorSettings {
    registries = Collections.unmodifiableSortedMap(new TreeMap<>(registries));
  }

  /**
   * Loads a {@code mirror.yaml}.
   *
   * @throws ConfigException with everything that is wrong with it
   */
  public static MirrorSettings load(SpecLoader loader, Path file) {
    return loader.load(
        file, (document, directory) -> new MirrorSpecReader(document, directory).read());
  }
}
