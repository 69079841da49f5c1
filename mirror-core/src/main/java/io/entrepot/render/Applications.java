package io.entrepot.render;

import io.entrepot.render.RenderEntry.Kustomize;
import io.entrepot.render.RenderEntry.Manifests;
import io.entrepot.render.Rendering.Failure;
import io.entrepot.render.Rendering.Unrendered;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Argo CD's Applications: each source becomes an entry. */
final class Applications {

  private static final Set<String> KUSTOMIZE_KEYS =
      Set.of(
          "images",
          "namePrefix",
          "nameSuffix",
          "namespace",
          "patches",
          "commonLabels",
          "commonAnnotations",
          "labels",
          "replicas");

  private final Sources sources;
  private final Clusters clusters;
  private final Environments environments;
  private final Repositories repositories;

  Applications(
      Sources sources, Clusters clusters, Environments environments, Repositories repositories) {
    this.sources = sources;
    this.clusters = clusters;
    this.environments = environments;
    this.repositories = repositories;
  }

  /** What an Application asks for in the targets that it is declared for. */
  List<Assignment> expand(Declaration declaration, Outcome outcome) {
    Object application = declaration.document();
    String cluster = Plain.text(application, "spec", "destination", "name");
    if (cluster == null) {
      cluster = Plain.text(application, "spec", "destination", "server");
    }
    List<Assignment> found = new ArrayList<>();
    for (Object source : sourcesOf(application)) {
      RenderEntry entry = entry(declaration, source, outcome);
      if (entry == null) {
        continue;
      }
      for (String target : declaration.targets()) {
        found.add(new Assignment(target, clusters.of(target, declaration.home(), cluster), entry));
      }
    }
    return found;
  }

  /** What a source asks for; null where nothing is to be rendered, or what it is is said. */
  private @Nullable RenderEntry entry(
      Declaration declaration, @Nullable Object source, Outcome outcome) {
    String path = Plain.text(source, "path");
    String chart = Plain.text(source, "chart");
    String url = Plain.text(source, "repoURL");
    if (path == null && chart == null) {
      // Only named by others as $ref.
      return null;
    }
    if (Plain.at(source, "plugin") != null) {
      for (String target : declaration.targets()) {
        outcome.unrendered.add(
            new Unrendered(
                target,
                declaration.title(),
                declaration.position(),
                "a plugin of Argo CD renders it, which only Argo CD can run"));
      }
      return null;
    }
    String base = path == null || url == null ? "" : repositories.base(url);
    if (base == null) {
      outcome.unrendered.addAll(NotAtHand.of(declaration, "%s of %s".formatted(path, url)));
      return null;
    }
    String directory = TreePath.below(base, String.valueOf(path));
    if (path != null && !sources.isDirectory(directory)) {
      for (String target : declaration.targets()) {
        outcome.failures.add(
            Failure.of(
                target,
                declaration.position(),
                "the application %s deploys %s of %s, which is not in the tree"
                    .formatted(declaration.name(), path, url),
                "correct the path, or vendor what it needs: a target must render from the tree"
                    + " alone"));
      }
      return null;
    }
    String namespace = Plain.text(declaration.document(), "spec", "destination", "namespace");
    boolean helm =
        chart != null
            || sources.isFile(TreePath.below(directory, "Chart.yaml"))
            || Plain.at(source, "helm") != null;
    if (helm) {
      return ApplicationCharts.helm(
          declaration, source, namespace, chart == null ? directory : null, this::refBase, outcome);
    }
    if (sources.kustomization(directory) != null || Plain.at(source, "kustomize") != null) {
      return kustomize(declaration, source, namespace, directory);
    }
    String include = Plain.text(source, "directory", "include");
    String exclude = Plain.text(source, "directory", "exclude");
    String between =
        (directory.isEmpty() ? "" : directory)
            + (Plain.flag(source, "directory", "recurse")
                ? (directory.isEmpty() ? "**/" : "/**/")
                : (directory.isEmpty() ? "" : "/"));
    return new Manifests(
        List.of(between + (include == null ? "*.{yaml,yml,json}" : include)),
        exclude == null ? List.of() : List.of(between + exclude),
        namespace,
        declaration.position());
  }

  private Kustomize kustomize(
      Declaration declaration,
      @Nullable Object source,
      @Nullable String namespace,
      String directory) {
    Map<String, @Nullable Object> overlay = Plain.map(source, "kustomize");
    List<String> components = new ArrayList<>();
    for (String component : Plain.texts(source, "kustomize", "components")) {
      String each = sources.shown(sources.resolve(TreePath.beside(directory, component)));
      if (sources.kustomization(each) != null
          || !Plain.flag(source, "kustomize", "ignoreMissingComponents")) {
        components.add(each);
      }
    }
    overlay.keySet().retainAll(KUSTOMIZE_KEYS);
    return new Kustomize(
        directory,
        List.of(),
        components,
        namespace,
        KustomizeOverlay.of(overlay),
        Substitution.NONE,
        true,
        declaration.position());
  }

  /**
   * Where the source that an application names {@code $ref} lies; null where it is not at hand. A
   * name that no source has means the tree.
   */
  private @Nullable String refBase(@Nullable Object application, String ref) {
    for (Object source : sourcesOf(application)) {
      String url = Plain.text(source, "repoURL");
      if (ref.equals(Plain.text(source, "ref")) && url != null) {
        return repositories.base(url);
      }
    }
    return "";
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

  /** The one source of an application, or its several. */
  static List<@Nullable Object> sourcesOf(@Nullable Object application) {
    List<@Nullable Object> all = Plain.list(application, "spec", "sources");
    Object one = Plain.at(application, "spec", "source");
    if (all.isEmpty() && one != null) {
      all.add(one);
    }
    return all;
  }
}
