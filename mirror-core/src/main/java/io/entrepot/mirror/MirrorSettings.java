package io.entrepot.mirror;

import io.entrepot.mirror.charts.ChartEntry;
import io.entrepot.notify.Sink;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.registry.Upstream;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a {@code mirror.yaml} says.
 *
 * @param spec what to copy
 * @param registries how registries are reached; those not named are reached at their own address
 * @param defaults for images that no entry names
 * @param charts with the images that they start
 * @param keep patterns of tags that are never pruned
 * @param sinks who is told of what a run found
 */
public record MirrorSettings(
    MirrorSpec spec,
    SortedMap<RegistryName, Upstream> registries,
    ImageDefaults defaults,
    List<ChartEntry> charts,
    List<String> keep,
    List<Sink> sinks) {

  public MirrorSettings {
    registries = Collections.unmodifiableSortedMap(new TreeMap<>(registries));
    charts = List.copyOf(charts);
    keep = List.copyOf(keep);
    sinks = List.copyOf(sinks);
  }

  /** The repository below which copies go; empty where each entry says its own. */
  public Optional<Repository> target() {
    return defaults.target();
  }
}
