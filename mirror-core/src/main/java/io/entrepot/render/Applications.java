package io.entrepot.render;

import io.entrepot.render.RenderEntry.Helm;
import io.entrepot.render.RenderEntry.Kustomize;
import io.entrepot.render.RenderEntry.Manifests;
import io.entrepot.render.Rendering.Failure;
import io.entrepot.text.FilePosition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Argo CD's Applications: each source becomes an entry. */
final class Applications {

  private static final Set<String> KUSTOMIZE_KEYS =
      Set.of(
          "images",
          "namePrefix",
          "nameSuffix",
          "namespace",
          "patches",
          "components",
          "commonLabels",
          "commonAnnotations",
          "labels",
          "replicas");

  private final Sources sources;
  private final Clusters clusters;
  private final Environments environments;

  Applications(Sources sources, Clusters clusters, Environments environments) {
    this.sources = sources;
    this.clusters = clusters;
    this.environments = environments;
  }

  /** What an Application asks for in the targets that it is declared for. */
  List<Assignment> expand(Declaration declaration, Outcome outcome) {
    List<Assignment> found = new ArrayList<>();
    Object application = declaration.document();
    FilePosition where = declaration.position();
    List<String> into = declaration.targets();
    String name = declaration.name();
    String namespace = Plain.text(application, "spec", "destination", "namespace");
    String cluster = Plain.text(application, "spec", "destination", "name");
    if (cluster == null) {
      cluster = Plain.text(application, "spec", "destination", "server");
    }
    for (Object source : sourcesOf(application)) {
      String path = Plain.text(source, "path");
      String chart = Plain.text(source, "chart");
      if (path == null && chart == null) {
        // Only named by others as $ref.
        continue;
      }
      if (path != null && !sources.isDirectory(TreePath.tidy(path))) {
        for (String target : into) {
          outcome.failures.add(
              Failure.of(
                  target,
                  where,
                  "the application %s deploys %s of %s, which is not in the tree"
                      .formatted(name, path, Plain.text(source, "repoURL")),
                  "correct the path, or vendor what it needs: a target must render from the tree"
                      + " alone"));
        }
        continue;
      }
      for (String target : into) {
        found.add(
            new Assignment(
                target, clusters.of(target, cluster), entry(name, namespace, source, where)));
      }
    }
    return found;
  }

  private RenderEntry entry(
      String name, @Nullable String namespace, @Nullable Object source, FilePosition position) {
    String chart = Plain.text(source, "chart");
    String path = TreePath.tidy(String.valueOf(Plain.text(source, "path")));
    boolean helm =
        chart != null || sources.isFile(path + "/Chart.yaml") || Plain.at(source, "helm") != null;
    if (helm) {
      return helm(name, namespace, source, chart, path, position);
    }
    if (sources.kustomization(path) != null || Plain.at(source, "kustomize") != null) {
      Map<String, @Nullable Object> overlay = Plain.map(source, "kustomize");
      overlay.keySet().retainAll(KUSTOMIZE_KEYS);
      return new Kustomize(
          path, List.of(), namespace, KustomizeOverlay.of(overlay), new TreeMap<>(), position);
    }
    String include = Plain.text(source, "directory", "include");
    String between = Plain.flag(source, "directory", "recurse") ? "/**/" : "/";
    return new Manifests(
        List.of(path + between + (include == null ? "*.{yaml,yml,json}" : include)),
        namespace,
        position);
  }

  private Helm helm(
      String name,
      @Nullable String namespace,
      @Nullable Object source,
      @Nullable String chart,
      String path,
      FilePosition position) {
    List<String> values = new ArrayList<>();
    for (String file : Plain.texts(source, "helm", "valueFiles")) {
      if (file.startsWith("$")) {
        // $values/…: a source of the same tree under a name.
        values.add(TreePath.tidy(file.substring(file.indexOf('/') + 1)));
      } else if (file.startsWith("/")) {
        values.add(TreePath.tidy(file.substring(1)));
      } else {
        values.add(TreePath.tidy(chart == null ? path + "/" + file : file));
      }
    }
    TreeMap<String, String> parameters = new TreeMap<>();
    for (Object parameter : Plain.list(source, "helm", "parameters")) {
      String key = Plain.text(parameter, "name");
      if (key != null) {
        Object value = Plain.at(parameter, "value");
        parameters.put(key, value == null ? "" : value.toString());
      }
    }
    Object inline = Plain.at(source, "helm", "valuesObject");
    String text = Plain.text(source, "helm", "values");
    String repository = chart == null ? null : String.valueOf(Plain.text(source, "repoURL"));
    boolean oci = repository != null && !repository.contains("://");
    if (chart != null && repository != null && (oci || repository.startsWith("oci://"))) {
      chart = (oci ? "oci://" : "") + repository + "/" + chart;
      repository = null;
    }
    String release = Plain.text(source, "helm", "releaseName");
    String into = Plain.text(source, "helm", "namespace");
    return new Helm(
        chart == null ? path : chart,
        repository,
        Plain.text(source, "targetRevision"),
        release == null ? name : release,
        into == null ? namespace : into,
        values,
        inline != null ? JsonMapper.shared().writeValueAsString(inline) : text,
        parameters,
        Plain.flag(source, "helm", "ignoreMissingValueFiles"),
        position);
  }

  /** The targets that an application names, in its name, its destination or its paths. */
  List<String> targetsOf(@Nullable Object application) {
    List<String> words = new ArrayList<>();
    for (String[] way :
        new String[][] {
          {"metadata", "name"},
          {"spec", "destination", "name"},
          {"spec", "destination", "namespace"}
        }) {
      String word = Plain.text(application, way);
      if (word != null) {
        words.add(word);
      }
    }
    for (Object source : sourcesOf(application)) {
      String path = Plain.text(source, "path");
      if (path != null) {
        words.add(path);
      }
      words.addAll(Plain.texts(source, "helm", "valueFiles"));
    }
    return environments.within(words);
  }

  private static List<@Nullable Object> sourcesOf(@Nullable Object application) {
    List<@Nullable Object> all = Plain.list(application, "spec", "sources");
    Object one = Plain.at(application, "spec", "source");
    if (all.isEmpty() && one != null) {
      all.add(one);
    }
    return all;
  }
}
