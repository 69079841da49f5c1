package io.entrepot.render;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of helm beside the files with values.
 *
 * @param set single values that win over everything, typed as helm types them; a comma in one is a
 *     comma
 * @param strings the same, always text
 * @param files values whose text is in files, by key
 * @param kubeVersion what the chart is told of the cluster, or null for what helm was built with
 * @param apiVersions those that the chart is told the cluster has, beside Kubernetes' own
 * @param crds whether the chart's {@code crds/} are printed
 * @param schema whether the chart's values.schema.json is held against the values
 * @param overlays kustomizations as JSON, laid one after the other over what helm prints
 */
public record HelmOptions(
    SortedMap<String, String> set,
    SortedMap<String, String> strings,
    SortedMap<String, String> files,
    @Nullable String kubeVersion,
    List<String> apiVersions,
    boolean crds,
    boolean schema,
    List<String> overlays) {

  /** Nothing but what the chart and its values say. */
  public static final HelmOptions NONE = of(new TreeMap<>());

  /** Copies. */
  public HelmOptions {
    set = new TreeMap<>(set);
    strings = new TreeMap<>(strings);
    files = new TreeMap<>(files);
    apiVersions = List.copyOf(apiVersions);
    overlays = List.copyOf(overlays);
  }

  /** Single values and nothing else. */
  public static HelmOptions of(SortedMap<String, String> set) {
    return new HelmOptions(
        set, new TreeMap<>(), new TreeMap<>(), null, List.of(), true, true, List.of());
  }

  /** The same with these kustomizations laid over. */
  HelmOptions withOverlays(List<String> more) {
    return new HelmOptions(set, strings, files, kubeVersion, apiVersions, crds, schema, more);
  }

  /** The same for a cluster of this version, where none is said. */
  HelmOptions on(@Nullable String version) {
    return kubeVersion != null || version == null
        ? this
        : new HelmOptions(set, strings, files, version, apiVersions, crds, schema, overlays);
  }

  /** Whether single values are given. */
  boolean hasValues() {
    return !set.isEmpty() || !strings.isEmpty() || !files.isEmpty();
  }
}
