package io.entrepot.pods;

import java.util.List;

/**
 * What a list of pods says of one cluster.
 *
 * @param cluster its name
 * @param complete whether the list has no further pages
 * @param warnings what could not be read in it, each named
 */
public record PodList(
    String cluster, List<RunningContainer> containers, boolean complete, List<String> warnings) {

  /** Copies. */
  public PodList {
    containers = List.copyOf(containers);
    warnings = List.copyOf(warnings);
  }
}
