package io.entrepot.render;

import io.entrepot.concurrent.Parallel;
import io.entrepot.render.RenderEntry.Helm;
import io.entrepot.render.RenderEntry.Kustomize;
import io.entrepot.render.Sources.SourceFile;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a tree holds that can be deployed, found without a configuration: what Argo CD and Flux are
 * told, overlays, charts and manifests, and the environments that its paths name.
 */
public final class TreeSurvey {

  /** Directories below which each name is an environment. */
  private static final Pattern ENVIRONMENT =
      Pattern.compile(
          "(?:^|/)(?:env|envs|environments?|clusters?|overlays?)/([A-Za-z0-9][A-Za-z0-9_.-]*?)(?:\\.ya?ml)?(?=/|$)");

  /** Directories of which nothing is deployed. */
  private static final Pattern ASIDE =
      Pattern.compile(
          "(?:^|/)(?:docs?|examples?|samples?|tests?|testdata|fixtures|ci|hack|node_modules)/");

  private static final Set<String> NO_ENVIRONMENTS =
      Set.of("kustomization", "readme", "values", "chart", "templates", "charts");

  private final Sources sources;
  private final List<SourceFile> files = new ArrayList<>();
  private final Set<String> kustomizations = new TreeSet<>();
  private final Set<String> charts = new TreeSet<>();
  private final Set<String> argocd = new TreeSet<>();
  private final Set<String> flux = new TreeSet<>();
  private final Set<String> environments = new TreeSet<>();
  private final Set<String> destinations = new TreeSet<>();

  private TreeSurvey(Sources sources) {
    this.sources = sources;
  }

  /** Looks through all YAML files of a tree. */
  public static TreeSurvey of(Sources sources) {
    TreeSurvey survey = new TreeSurvey(sources);
    List<String> paths;
    try {
      paths = sources.matching(".");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (String path : paths) {
      String name = name(path);
      if (name.equals("Chart.yaml")) {
        survey.charts.add(directory(path));
      } else if (name.equals("kustomization.yaml") || name.equals("kustomization.yml")) {
        survey.kustomizations.add(directory(path));
      }
    }
    List<String> deployable =
        paths.stream()
            .filter(path -> !ASIDE.matcher(path).find() && !survey.inChart(path))
            .toList();
    for (SourceFile file : Parallel.map(deployable, sources::file)) {
      if (!OwnFile.is(name(file.path()), file.documents())) {
        survey.look(file);
      }
    }
    return survey;
  }

  /** Files with Argo CD's Applications and ApplicationSets. */
  public List<String> argocd() {
    return patterns(argocd);
  }

  /** Files with Flux's Kustomizations and HelmReleases. */
  public List<String> flux() {
    return patterns(flux);
  }

  /** The environments that paths name, or else destinations; empty where none is named. */
  public List<String> environments() {
    Set<String> all = new TreeSet<>(environments);
    all.addAll(destinations);
    return List.copyOf(all);
  }

  /** Whether the tree holds any YAML that may be deployed. */
  public boolean isEmpty() {
    return files.isEmpty() && charts.isEmpty();
  }

  /**
   * Kustomizations that are no part of another one, and charts, which nothing that was rendered
   * used.
   */
  public List<RenderEntry> unused(Rendering done) {
    Set<String> used = new TreeSet<>();
    for (KubernetesObject object : done.objects()) {
      used.addAll(directories(object.origin().entry()));
    }
    done.charts().forEach(chart -> used.addAll(directories(chart.release())));
    Set<String> parts = new TreeSet<>();
    kustomizations.forEach(each -> parts.addAll(parts(each)));
    List<RenderEntry> entries = new ArrayList<>();
    for (String each : kustomizations) {
      if (!ASIDE.matcher(each + "/").find()
          && !parts.contains(each)
          && !used.contains(each)
          && !inChart(each + "/kustomization.yaml")
          && !isComponent(each)) {
        entries.add(Kustomize.of(each, null, FilePosition.of(fileOf(each))));
      }
    }
    Set<String> drawn = new TreeSet<>(parts);
    drawn.addAll(used);
    for (String each : charts) {
      if (!ASIDE.matcher(each + "/").find()
          && !drawn.contains(each)
          && !each.isEmpty()
          && !isSubchart(each)
          && !isLibrary(each)) {
        entries.add(
            new Helm(
                each,
                null,
                null,
                name(each).toLowerCase(Locale.ROOT),
                null,
                List.of(),
                null,
                HelmOptions.NONE,
                false,
                FilePosition.of(each + "/Chart.yaml")));
      }
    }
    return entries;
  }

  /** Files with objects of Kubernetes that nothing which was rendered used. */
  public List<String> unusedManifests(Collection<Rendering> done) {
    Set<String> used = new TreeSet<>();
    for (Rendering rendering : done) {
      for (KubernetesObject object : rendering.objects()) {
        used.addAll(object.origin().searched());
        if (object.origin().file() != null) {
          used.add(object.origin().file());
        }
      }
    }
    for (String each : kustomizations) {
      used.addAll(parts(each));
      used.add(fileOf(each));
    }
    return files.stream()
        .filter(file -> !used.contains(file.path()))
        .filter(file -> used.stream().noneMatch(each -> below(file.path(), each)))
        .filter(file -> file.documents().stream().anyMatch(TreeSurvey::isObject))
        .map(SourceFile::path)
        .toList();
  }

  private static boolean below(String path, String directory) {
    return !directory.isEmpty() && path.startsWith(directory + "/");
  }

  private void look(SourceFile file) {
    files.add(file);
    Matcher matcher = ENVIRONMENT.matcher(file.path());
    while (matcher.find()) {
      String name = matcher.group(1);
      String lower = name.toLowerCase(Locale.ROOT);
      if (!Environments.isShared(lower) && !NO_ENVIRONMENTS.contains(lower)) {
        environments.add(name);
      }
    }
    for (SourceNode document : file.documents()) {
      if (Discovery.isArgo(document)) {
        argocd.add(file.path());
        for (String[] way :
            new String[][] {
              {"spec", "destination", "name"}, {"spec", "template", "spec", "destination", "name"}
            }) {
          String destination = Nodes.text(document, way);
          if (destination != null
              && !destination.equals("in-cluster")
              && destination.matches("[A-Za-z0-9][A-Za-z0-9_.-]*")) {
            destinations.add(destination);
          }
        }
      } else if (Discovery.isFlux(document)) {
        flux.add(file.path());
      }
    }
  }

  /** Whether a file belongs to a chart of the tree. */
  private boolean inChart(String path) {
    for (String at = directory(path); !at.isEmpty(); at = directory(at)) {
      if (charts.contains(at)) {
        return true;
      }
    }
    return false;
  }

  private boolean isSubchart(String chart) {
    return inChart(chart);
  }

  private boolean isLibrary(String chart) {
    return sources.file(chart + "/Chart.yaml").documents().stream()
        .anyMatch(document -> "library".equals(Nodes.text(document, "type")));
  }

  private boolean isComponent(String directory) {
    return sources.file(fileOf(directory)).documents().stream()
        .anyMatch(document -> "Component".equals(Nodes.text(document, "kind")));
  }

  private String fileOf(String directory) {
    String file = sources.kustomization(directory);
    return file == null ? directory : file;
  }

  /** The files and directories that a kustomization names. */
  private Set<String> parts(String directory) {
    Set<String> parts = new TreeSet<>();
    for (SourceNode document : sources.file(fileOf(directory)).documents()) {
      for (String key :
          List.of("resources", "bases", "components", "crds", "patchesStrategicMerge")) {
        Nodes.items(document, key).forEach(item -> add(parts, directory, Nodes.text(item)));
      }
      for (String key : List.of("patches", "patchesJson6902", "replacements")) {
        Nodes.mappings(document, key)
            .forEach(patch -> add(parts, directory, Nodes.text(patch, "path")));
      }
      Nodes.mappings(document, "helmCharts")
          .forEach(
              chart -> {
                add(parts, directory, Nodes.text(chart, "valuesFile"));
                add(parts, directory, "charts/" + Nodes.text(chart, "name"));
              });
    }
    return parts;
  }

  private void add(Set<String> parts, String directory, @Nullable String path) {
    if (path != null && !path.contains("://") && !path.contains("\n")) {
      parts.add(sources.shown(sources.resolve(TreePath.beside(directory, path))));
    }
  }

  private Set<String> directories(RenderEntry entry) {
    Set<String> used = new TreeSet<>();
    switch (entry) {
      case Kustomize kustomize -> {
        used.add(kustomize.directory());
        used.addAll(kustomize.resources());
        used.addAll(kustomize.components());
      }
      case Helm helm -> used.add(helm.chart());
      case RenderEntry.Manifests _ -> {}
    }
    return used;
  }

  /**
   * Patterns that fit these files: a directory's, where every file of it can be read, so that files
   * which come later are found as well.
   */
  private List<String> patterns(Set<String> found) {
    Map<String, List<String>> byDirectory = new LinkedHashMap<>();
    found.forEach(
        file -> byDirectory.computeIfAbsent(directory(file), _ -> new ArrayList<>()).add(file));
    List<String> patterns = new ArrayList<>();
    byDirectory.forEach(
        (directory, own) -> {
          boolean readable =
              files.stream()
                  .filter(file -> directory(file.path()).equals(directory))
                  .allMatch(file -> file.problem() == null);
          if (readable && own.size() > 1) {
            patterns.add((directory.isEmpty() ? "" : directory + "/") + "*.{yaml,yml}");
          } else {
            patterns.addAll(own);
          }
        });
    return patterns;
  }

  private static boolean isObject(SourceNode document) {
    String version = Nodes.text(document, "apiVersion");
    String kind = Nodes.text(document, "kind");
    return version != null
        && kind != null
        && !version.startsWith("kustomize.config.k8s.io/")
        && !Discovery.isArgo(document)
        && !Discovery.isFlux(document);
  }

  private static String directory(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "" : path.substring(0, slash);
  }

  private static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
