package io.entrepot.gate.init;

import io.entrepot.oci.Repository;
import io.entrepot.render.RenderEntry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A chart that does not lie in the tree. */
final class FoundChart {

  private final String chart;
  private final @Nullable String repository;
  private final String version;
  private final List<RenderEntry.Helm> releases = new ArrayList<>();
  private boolean unrendered;

  /**
   * @param chart {@code oci://…}, or a name in {@code repository}
   * @param version as written; null for the newest
   */
  FoundChart(String chart, @Nullable String repository, @Nullable String version) {
    this.chart = chart;
    this.repository = repository;
    this.version = version == null || version.isBlank() ? "*" : version;
  }

  void usedBy(RenderEntry.Helm release, boolean rendered) {
    releases.add(release);
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
    List<List<String>> different =
        releases.stream().map(RenderEntry.Helm::values).distinct().toList();
    return different.size() == 1
            && different.getFirst().stream().noneMatch(file -> file.contains("://"))
        ? different.getFirst()
        : List.of();
  }
}
