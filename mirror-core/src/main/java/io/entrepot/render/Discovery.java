package io.entrepot.render;

import io.entrepot.concurrent.Parallel;
import io.entrepot.render.Rendering.Failure;
import io.entrepot.render.Rendering.Unrendered;
import io.entrepot.render.Sources.SourceFile;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds what Argo CD and Flux would deploy: Applications and ApplicationSets, Kustomizations and
 * HelmReleases, in files and in what was rendered (an application of applications).
 */
final class Discovery {

  private final Sources sources;
  private final List<String> targets;
  private final boolean argocd;
  private final boolean flux;
  private final Environments environments;
  private final FluxSources fluxSources = new FluxSources();
  private final ConfigMaps configMaps = new ConfigMaps();
  private final Applications applications;
  private final ApplicationSets applicationSets;
  private final FluxKustomizations kustomizations;
  private final FluxReleases releases;
  private final Set<String> seen = new HashSet<>();

  Discovery(Sources sources, List<RenderTarget> targets, boolean argocd, boolean flux) {
    Clusters clusters = new Clusters(targets);
    this.sources = sources;
    this.targets = clusters.targets();
    this.argocd = argocd;
    this.flux = flux;
    this.environments = new Environments(this.targets);
    this.applications = new Applications(sources, clusters, environments);
    this.applicationSets = new ApplicationSets(sources, environments, applications);
    this.kustomizations = new FluxKustomizations(sources, clusters, configMaps);
    this.releases = new FluxReleases(clusters, fluxSources, configMaps);
  }

  /** What the files that fit the globs ask to deploy. */
  List<Assignment> inFiles(List<String> argocdGlobs, List<String> fluxGlobs, Outcome outcome) {
    Set<String> files = new TreeSet<>();
    try {
      for (String glob : argocdGlobs) {
        files.addAll(matching(glob, "argocd", outcome));
      }
      for (String glob : fluxGlobs) {
        files.addAll(matching(glob, "flux", outcome));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<SourceFile> readable = new ArrayList<>();
    for (SourceFile file : Parallel.map(files, sources::file)) {
      if (file.problem() == null) {
        readable.add(file);
      } else {
        for (String target : targets) {
          if (file.isTemplate()) {
            outcome.unrendered.add(
                new Unrendered(
                    target,
                    file.path(),
                    null,
                    "a template and no YAML; render its chart, or leave it out of discover"));
            continue;
          }
          outcome.failures.add(
              Failure.of(
                  target,
                  FilePosition.of(file.path(), file.line()),
                  "not readable as YAML: " + file.problem(),
                  "correct the file"));
        }
      }
    }
    for (SourceFile file : readable) {
      for (SourceNode document : file.documents()) {
        fluxSources.remember(document);
        if (deploys(document)) {
          environments.learn(file.path());
        }
      }
    }
    for (SourceFile file : flux ? readable : List.<SourceFile>of()) {
      for (SourceNode document : file.documents()) {
        configMaps.remember(environments.ofPath(file.path()), document);
      }
    }
    List<Assignment> found = new ArrayList<>();
    for (SourceFile file : readable) {
      for (SourceNode document : file.documents()) {
        if (deploys(document)) {
          List<String> into = environments.ofPath(file.path());
          String namespace = Nodes.text(document, "metadata", "namespace");
          into.forEach(target -> seen.add(key(target, document, namespace)));
          found.addAll(
              expand(
                  new Declaration(
                      Nodes.plain(document), FilePosition.of(file.path(), document.line()), into),
                  outcome));
        }
      }
    }
    return found;
  }

  /** What rendered objects ask to deploy, each in its own target. */
  List<Assignment> inObjects(List<KubernetesObject> objects, Outcome outcome) {
    List<Assignment> found = new ArrayList<>();
    if (!argocd && !flux) {
      return found;
    }
    for (KubernetesObject object : objects) {
      if (object.kind().startsWith("OCIRepository")) {
        fluxSources.remember(object.root());
      }
      configMaps.remember(List.of(object.origin().target()), object.root());
    }
    for (KubernetesObject object : objects) {
      String target = object.origin().target();
      // What the files say already is not rendered twice.
      if (deploys(object.root())
          && !seen.contains(key(target, object.root(), null))
          && seen.add(key(target, object.root(), object.namespace()))) {
        found.addAll(
            expand(
                new Declaration(Nodes.plain(object.root()), object.position(), List.of(target)),
                outcome));
      }
    }
    return found;
  }

  private List<String> matching(String glob, String kind, Outcome outcome) throws IOException {
    List<String> found = sources.matching(glob);
    if (found.isEmpty()) {
      for (String target : targets) {
        outcome.failures.add(
            Failure.of(
                target,
                null,
                "discover.%s: no file fits %s".formatted(kind, glob),
                "correct the pattern in check.yaml"));
      }
    }
    return found;
  }

  private static String key(String target, SourceNode document, @Nullable String namespace) {
    return "%s %s %s/%s"
        .formatted(
            target,
            Nodes.text(document, "kind"),
            namespace,
            Nodes.text(document, "metadata", "name"));
  }

  private boolean deploys(SourceNode document) {
    String version = Nodes.text(document, "apiVersion");
    String kind = Nodes.text(document, "kind");
    if (version == null || kind == null) {
      return false;
    }
    if (version.startsWith("argoproj.io/")) {
      return argocd && (kind.equals("Application") || kind.equals("ApplicationSet"));
    }
    return flux
        && ((version.startsWith("kustomize.toolkit.fluxcd.io/") && kind.equals("Kustomization"))
            || (version.startsWith("helm.toolkit.fluxcd.io/") && kind.equals("HelmRelease")));
  }

  private List<Assignment> expand(Declaration declaration, Outcome outcome) {
    return switch (declaration.kind()) {
      case "Application" -> {
        List<String> named = applications.targetsOf(declaration.document());
        List<String> into =
            named.isEmpty()
                ? declaration.targets()
                : Environments.inBoth(named, declaration.targets());
        yield applications.expand(declaration.in(into), outcome);
      }
      case "ApplicationSet" -> applicationSets.expand(declaration, outcome);
      case "Kustomization" -> kustomizations.expand(declaration);
      default -> releases.expand(declaration, outcome);
    };
  }
}
