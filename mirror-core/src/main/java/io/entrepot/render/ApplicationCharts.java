package io.entrepot.render;

import io.entrepot.render.RenderEntry.Helm;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Argo CD's {@code helm:} of a source, as its repository server hands it to helm. */
final class ApplicationCharts {

  private ApplicationCharts() {}

  /**
   * The release of a source; null where a file of its values is not at hand, which is said.
   *
   * @param directory where the chart lies, or null for one of a chart repository
   * @param refs where the source of an application lies that is named so, null where it is not at
   *     hand
   */
  static @Nullable Helm helm(
      Declaration declaration,
      @Nullable Object source,
      @Nullable String namespace,
      @Nullable String directory,
      BiFunction<@Nullable Object, String, @Nullable String> refs,
      Outcome outcome) {
    List<String> values = new ArrayList<>();
    for (String file : Plain.texts(source, "helm", "valueFiles")) {
      String path = file(declaration, directory, file, refs);
      if (path == null) {
        outcome.unrendered.addAll(NotAtHand.of(declaration, "the repository of " + file));
        return null;
      }
      values.add(path);
    }
    TreeMap<String, String> files = new TreeMap<>();
    for (Object parameter : Plain.list(source, "helm", "fileParameters")) {
      String key = Plain.text(parameter, "name");
      String given = Plain.text(parameter, "path");
      String path = given == null ? null : file(declaration, directory, given, refs);
      if (key != null && path != null) {
        files.put(key, path);
      }
    }
    Object inline = Plain.at(source, "helm", "valuesObject");
    String text = Plain.text(source, "helm", "values");
    String release = Plain.text(source, "helm", "releaseName");
    String into = Plain.text(source, "helm", "namespace");
    String chart = directory;
    String repository = null;
    if (chart == null) {
      chart = String.valueOf(Plain.text(source, "chart"));
      repository = String.valueOf(Plain.text(source, "repoURL"));
      boolean bare = !repository.contains("://");
      if (bare || repository.startsWith("oci://")) {
        chart = (bare ? "oci://" : "") + repository + "/" + chart;
        repository = null;
      }
    }
    return new Helm(
        chart,
        repository,
        Plain.text(source, "targetRevision"),
        release == null ? declaration.name() : release,
        into == null ? namespace : into,
        values,
        inline != null ? JsonMapper.shared().writeValueAsString(inline) : text,
        options(source, files),
        Plain.flag(source, "helm", "ignoreMissingValueFiles"),
        declaration.position());
  }

  private static HelmOptions options(@Nullable Object source, SortedMap<String, String> files) {
    TreeMap<String, String> set = new TreeMap<>();
    TreeMap<String, String> strings = new TreeMap<>();
    for (Object parameter : Plain.list(source, "helm", "parameters")) {
      String key = Plain.text(parameter, "name");
      Object value = Plain.at(parameter, "value");
      if (key != null) {
        (Plain.flag(parameter, "forceString") ? strings : set)
            .put(key, value == null ? "" : value.toString());
      }
    }
    return new HelmOptions(
        set,
        strings,
        files,
        Plain.text(source, "helm", "kubeVersion"),
        Plain.texts(source, "helm", "apiVersions"),
        !Plain.flag(source, "helm", "skipCrds"),
        !Plain.flag(source, "helm", "skipSchemaValidation"),
        List.of());
  }

  /** A file that an application names; null where its repository is not at hand. */
  private static @Nullable String file(
      Declaration declaration,
      @Nullable String directory,
      String file,
      BiFunction<@Nullable Object, String, @Nullable String> refs) {
    if (file.startsWith("https://") || file.startsWith("http://")) {
      return file;
    }
    int slash = file.indexOf('/');
    if (file.startsWith("$") && slash > 0) {
      String base = refs.apply(declaration.document(), file.substring(1, slash));
      return base == null ? null : TreePath.below(base, file.substring(slash + 1));
    }
    if (file.startsWith("/")) {
      return TreePath.tidy(file);
    }
    boolean absolute = directory != null && directory.startsWith("/");
    String below = TreePath.tidy(directory == null ? file : directory + "/" + file);
    return absolute ? "/" + below : below;
  }
}
