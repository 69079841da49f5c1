package io.entrepot.mirror.charts;

import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One entry of {@code charts:}.
 *
 * @param version an exact one, or a range as Helm reads it
 * @param newest so many versions of the range, the highest first
 * @param values files, the last one wins
 * @param target where the chart goes; its last part is the chart's name
 * @param release what the templates are told
 * @param accept images that are found but unsure, and are started
 * @param refuse images that are not mirrored, with the reason
 * @param where file and line, for messages
 */
public record ChartEntry(
    ChartAddress chart,
    String version,
    int newest,
    List<Path> values,
    Repository target,
    Release release,
    Set<ImageReference> accept,
    Map<ImageReference, String> refuse,
    String where) {

  /** Copies the collections. */
  public ChartEntry {
    values = List.copyOf(values);
    accept = Set.copyOf(accept);
    refuse = Map.copyOf(refuse);
  }

  /**
   * For what a chart is rendered.
   *
   * @param name of the release; the chart's where it is empty
   * @param kubeVersion of the cluster; what helm was built with where it is empty
   * @param apiVersions of the cluster, beside Kubernetes' own
   */
  public record Release(
      Optional<String> name,
      String namespace,
      Optional<String> kubeVersion,
      List<String> apiVersions) {

    /** Copies the list. */
    public Release {
      apiVersions = List.copyOf(apiVersions);
    }
  }
}
