package io.entrepot.render;

import io.entrepot.text.FilePosition;
import java.nio.file.Path;
import java.util.List;
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
   * @param options everything else
   */
  record Helm(
      String chart,
      @Nullable String repository,
      @Nullable String version,
      String release,
      @Nullable String namespace,
      List<String> values,
      @Nullable String inline,
      HelmOptions options,
      boolean ignoreMissingValues,
      FilePosition position)
      implements RenderEntry {

    /** Copies. */
    public Helm {
      values = List.copyOf(values);
    }

    /** Whether the chart lies in the tree. */
    public boolean isLocal() {
      return repository == null && !chart.startsWith("oci://");
    }

    /** The same with other values files. */
    Helm withValues(List<String> files) {
      return with(chart, files, options);
    }

    /** The same of a copy of its chart. */
    Helm of(Path copy) {
      return with(copy.toString(), values, options);
    }

    /** The same for a cluster of this version, where the release itself says none. */
    Helm on(@Nullable String kubernetes) {
      return with(chart, values, options.on(kubernetes));
    }

    private Helm with(String otherChart, List<String> files, HelmOptions others) {
      return new Helm(
          otherChart,
          repository,
          version,
          release,
          namespace,
          files,
          inline,
          others,
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
   * @param components directories of components laid over it
   * @param namespace that objects without one get, or null
   * @param overlay more of a kustomization laid over it, as JSON (images, patches), or null
   * @param restricted whether files outside of the directory are refused, as kustomize does by
   *     itself and Flux does not
   */
  record Kustomize(
      String directory,
      List<String> resources,
      List<String> components,
      @Nullable String namespace,
      @Nullable String overlay,
      Substitution substitution,
      boolean restricted,
      FilePosition position)
      implements RenderEntry {

    /** Copies. */
    public Kustomize {
      resources = List.copyOf(resources);
      components = List.copyOf(components);
    }

    /** A directory's own kustomization with nothing laid over it. */
    public static Kustomize of(
        String directory, @Nullable String namespace, FilePosition position) {
      return new Kustomize(
          directory, List.of(), List.of(), namespace, null, Substitution.NONE, true, position);
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
   * @param excluded globs of files that are left out
   * @param namespace that objects without one get, or null
   */
  record Manifests(
      List<String> globs, List<String> excluded, @Nullable String namespace, FilePosition position)
      implements RenderEntry {

    /** Copies. */
    public Manifests {
      globs = List.copyOf(globs);
      excluded = List.copyOf(excluded);
    }

    /** All files that fit. */
    public Manifests(List<String> globs, @Nullable String namespace, FilePosition position) {
      this(globs, List.of(), namespace, position);
    }

    @Override
    public String name() {
      return "manifests " + String.join(", ", globs);
    }
  }
}
