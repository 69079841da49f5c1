package io.entrepot.lock;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Platform;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Why an image is here that no source has as it is, or that no entry names.
 *
 * @param from what it was made of, by reference: of a composed image or a republished chart
 * @param charts keys of the charts that start it, sorted
 * @param recipe a fingerprint of what a composed image is besides its sources
 * @param layers what a composed image adds to its base on each platform
 */
public record LockedOrigin(
    SortedMap<String, Digest> from,
    List<String> charts,
    Optional<Digest> recipe,
    SortedMap<Platform, Layer> layers) {

  /**
   * A layer that was packed here.
   *
   * @param diffId its digest before packing
   * @param digest as it lies at the target
   */
  public record Layer(Digest diffId, Digest digest) {}

  /** An image that an entry names and a source has. */
  public static final LockedOrigin NONE = of(Map.of(), List.of());

  /** Copies the map and sorts the list. */
  public LockedOrigin {
    from = Collections.unmodifiableSortedMap(new TreeMap<>(from));
    charts = charts.stream().sorted().distinct().toList();
    layers = Collections.unmodifiableSortedMap(new TreeMap<>(layers));
  }

  /** The same with other sources and other charts. */
  public LockedOrigin with(Map<String, Digest> otherFrom, List<String> otherCharts) {
    return new LockedOrigin(new TreeMap<>(otherFrom), otherCharts, recipe, layers);
  }

  /** An origin of these parts. */
  public static LockedOrigin of(Map<String, Digest> from, List<String> charts) {
    return new LockedOrigin(new TreeMap<>(from), charts, Optional.empty(), new TreeMap<>());
  }
}
