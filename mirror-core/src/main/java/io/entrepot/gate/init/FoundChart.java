package io.entrepot.gate.init;

import io.entrepot.oci.Repository;
import io.entrepot.render.RenderEntry;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A chart that does not lie in the tree. */
final class FoundChart {

  private static final Pattern VERSION =
      Pattern.compile("[0-9A-Za-z.*^~<>=|, +-]*[0-9*][0-9A-Za-z.*^~<>=|, +-]*");

  private final String chart;
  private final @Nullable String repository;
  private final String version;
  private final List<RenderEntry.Helm> releases = new ArrayList<>();
  private final Set<List<String>> values = new LinkedHashSet<>();
  private boolean unrendered;

  /**
   * @param chart {@code oci://…}, or a name in {@code repository}
   * @param version as written; null for the newest
   */
  FoundChart(String chart, @Nullable String repository, @Nullable String version) {
    this.chart = chart;
    this.repository = repository;
    // A word such as HEAD is no version: the newest is meant.
    this.version = version == null || !VERSION.matcher(version).matches() ? "*" : version;
  }

  /**
   * @param files those of the release's values files that are there
   */
  void usedBy(RenderEntry.Helm release, List<String> files, boolean rendered) {
    releases.add(release);
    values.add(List.copyOf(files));
    unrendered |= !rendered;
  }

  String chart() {
    return chart;
  }

  @Nullable String repository() {
    return repository;
  }

  String version() {
    return version;
  }

  /** The last part of its name. */
  String name() {
    return chart.substring(chart.lastIndexOf('/') + 1);
  }

  /** What tells one from another. */
  String key() {
    return (repository == null ? "" : repository + " ") + chart + " " + version;
  }

  /** Whether it comes from that repository of a registry. */
  boolean isRepository(Repository other) {
    return repository == null
        && chart.startsWith("oci://")
        && chart.substring("oci://".length()).endsWith(other.path());
  }

  /** Whether some release of it was not rendered. */
  boolean isUnrendered() {
    return unrendered || releases.isEmpty();
  }

  /** Where it is asked for first; empty where that is not known. */
  String where() {
    return releases.isEmpty() ? "" : releases.getFirst().position().toString();
  }

  /** The values files of its release, where there is one only and these lie in the tree. */
  List<String> values() {
    return values.size() == 1 ? values.iterator().next() : List.of();
  }
}
