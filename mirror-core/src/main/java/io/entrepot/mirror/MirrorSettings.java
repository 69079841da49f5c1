package io.entrepot.mirror;

import io.entrepot.oci.RegistryName;
import io.entrepot.registry.Upstream;
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

  public MirrorSettings {
    registries = Collections.unmodifiableSortedMap(new TreeMap<>(registries));
  }
}
