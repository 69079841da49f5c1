package io.entrepot.render;

import io.entrepot.text.FilePosition;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Something that becomes Kubernetes objects. Paths are relative to the root of the tree, with
 * {@code /} between their parts.
 */
public sealed interface RenderEntry {

  /** The entry in a few words, for messages. */
  String name();

  /** Where the entry is written. */
  FilePosition position();

  /**
   * A Helm release.
   *
   * @param chart a directory or a packaged chart of the tree, or {@code oci://…} or a chart's name
   *     in {@code repository}
   * @param repository a chart repository's address, or null
   * @param version of a chart that is not in the tree, or null
   * @param values files, the last one wins
   * @param inline a YAML document of values that win over the files, or null
   * @param parameters single values that win over everything
   */
  record Helm(
      String chart,
      @Nullable String repository,
      @Nullable String version,
      String release,
      @Nullable String namespace,
      List<String> values,
      @Nullable String inline,
      SortedMap<String, String> parameters,
      boolean ignoreMissingValues,
      FilePosition position)
      implements RenderEntry {

    /** Copies. */
    public Helm {
      values = List.copyOf(values);
      parameters = new TreeMap<>(parameters);
    }

    /** Whether the chart lies in the tree. */
    public boolean isLocal() {
      return repository == null && !chart.startsWith("oci://");
    }

    /** The same with other values files. */
    Helm withValues(List<String> files) {
      return new Helm(
          chart,
          repository,
          version,
          release,
          namespace,
          files,
          inline,
          parameters,
          ignoreMissingValues,
          position);
    }

    @Override
    public String name() {
      return "helm release '%s' of %s".formatted(release, chart);
    }
  }

  /**
   * A directory with a kustomization.
   *
   * @param resources files and directories that make up the kustomization where the directory has
   *     none of its own, as Flux writes one; empty otherwise
   * @param namespace that objects without one get, or null
   * @param overlay more of a kustomization laid over it, as JSON (images, patches), or null
   * @param substitutions Flux's {@code postBuild.substitute}; empty for none
   */
  record Kustomize(
      String directory,
      List<String> resources,
      @Nullable String namespace,
      @Nullable String overlay,
      SortedMap<String, String> substitutions,
      FilePosition position)
      implements RenderEntry {

    /** Copies. */
    public Kustomize {
      resources = List.copyOf(resources);
      substitutions = new TreeMap<>(substitutions);
    }

    @Override
    public String name() {
      return "kustomization " + directory;
    }
  }

  /**
   * Files judged as they stand.
   *
   * @param globs {@code *} within a directory, {@code **} across
   * @param namespace that objects without one get, or null
   */
  record Manifests(List<String> globs, @Nullable String namespace, FilePosition position)
      implements RenderEntry {

    /** Copies. */
    public Manifests {
      globs = List.copyOf(globs);
    }

    @Override
    public String name() {
      return "manifests " + String.join(", ", globs);
    }
  }
}
