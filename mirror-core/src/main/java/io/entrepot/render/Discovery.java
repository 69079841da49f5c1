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
  private final Clusters clusters;
  private final List<String> targets;
  private final RenderSettings settings;
  private final boolean argocd;
  private final boolean flux;
  private final Environments environments;
  private final Repositories repositories;
  private final FluxSources fluxSources;
  private final ConfigMaps configMaps = new ConfigMaps();
  private final Applications applications;
  private final ApplicationSets applicationSets;
  private final FluxKustomizations kustomizations;
  private final FluxReleases releases;
  private final ClusterDirectories directories = new ClusterDirectories();
  private final Set<String> seen = new HashSet<>();
  private final Set<String> named = new HashSet<>();

  Discovery(Sources sources, List<RenderTarget> targets, RenderSettings settings) {
    this.clusters = new Clusters(targets);
    this.sources = sources;
    this.targets = clusters.targets();
    this.settings = settings;
    this.argocd = !settings.argocd().isEmpty();
    this.flux = !settings.flux().isEmpty();
    this.environments = new Environments(this.targets);
    this.repositories = new Repositories(sources, settings.remotes(), settings.checkouts());
    this.fluxSources = new FluxSources(sources, repositories);
    this.applications = new Applications(sources, clusters, environments, repositories);
    this.applicationSets = new ApplicationSets(sources, environments, repositories, applications);
    this.kustomizations = new FluxKustomizations(sources, clusters, fluxSources, configMaps);
    this.releases = new FluxReleases(clusters, fluxSources, configMaps);
    for (RenderTarget target : targets) {
      target.entries().forEach(each -> named.add(rendered(target.name(), each.entry())));
    }
  }

  /** What the files that fit the globs ask to deploy. */
  List<Assignment> inFiles(Outcome outcome) {
    Set<String> files = new TreeSet<>();
    try {
      for (String glob : settings.argocd()) {
        files.addAll(matching(glob, "argocd", outcome));
      }
      for (String glob : settings.flux()) {
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
    for (SourceFile file : readable) {
      file.documents().forEach(this::learn);
      if (file.documents().stream().anyMatch(each -> flux && isFlux(each))) {
        directories.learn(file.path(), targets);
      }
    }
    for (SourceFile file : readable) {
      for (SourceNode document : file.documents()) {
        configMaps.remember(environments.ofPath(file.path()), document);
        String kind = Nodes.text(document, "kind");
        String name = Nodes.text(document, "metadata", "name");
        if (kind != null && name != null) {
          outcome.written.add(
              new Rendering.Written(kind, Nodes.text(document, "metadata", "namespace"), name));
        }
      }
    }
    List<Assignment> found = new ArrayList<>();
    for (SourceFile file : readable) {
      for (SourceNode document : file.documents()) {
        if (deploys(document)) {
          List<String> into = environments.ofPath(file.path());
          String namespace = Nodes.text(document, "metadata", "namespace");
          into.forEach(target -> seen.add(key(target, document, namespace)));
          FilePosition position = FilePosition.of(file.path(), document.line());
          outcome.deployers.add(new Rendering.Deployer(document, file.path(), position, into));
          found.addAll(expanded(document, position, into, outcome));
        }
      }
    }
    return found;
  }

  /** Expands what a file declares; in a directory of one of several clusters it stays there. */
  private List<Assignment> expanded(
      SourceNode document, FilePosition position, List<String> into, Outcome outcome) {
    String directory = isFlux(document) ? directories.of(position.file()) : null;
    if (directory == null) {
      return expand(new Declaration(Nodes.plain(document), position, into, null), outcome);
    }
    List<Assignment> found = new ArrayList<>();
    for (String target : into) {
      String home = clusters.beside(target, directory);
      found.addAll(
          expand(new Declaration(Nodes.plain(document), position, List.of(target), home), outcome));
    }
    return found;
  }

  /** What rendered objects ask to deploy, each in its own target. */
  List<Assignment> inObjects(List<KubernetesObject> objects, Outcome outcome) {
    List<Assignment> found = new ArrayList<>();
    if (!argocd && !flux && !settings.follow()) {
      return found;
    }
    for (KubernetesObject object : objects) {
      fluxSources.remember(object.root());
      configMaps.remember(List.of(object.origin().target()), object.root());
    }
    objects.forEach(object -> learn(object.root()));
    for (KubernetesObject object : objects) {
      String target = object.origin().target();
      String cluster = object.origin().cluster();
      // What the files say already is not rendered twice; two clusters may ask for the same.
      boolean own = cluster.equals(clusters.of(target, null, null));
      String place = own ? target : target + " " + cluster;
      if (isFollowed(object.root())
          && (!own || !seen.contains(key(target, object.root(), null)))
          && seen.add(key(place, object.root(), object.namespace()))) {
        Declaration declaration =
            new Declaration(
                Nodes.plain(object.root()),
                object.position(),
                List.of(target),
                own ? null : cluster);
        outcome.deployers.add(
            new Rendering.Deployer(
                object.root(),
                object.origin().standing() ? object.origin().file() : null,
                object.position(),
                List.of(target)));
        for (Assignment work : expand(declaration, outcome)) {
          // What a target names itself is not rendered a second time.
          if (deploys(object.root()) || !named.contains(rendered(target, work.entry()))) {
            found.add(work);
          }
        }
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

  /** Whether a document of a file that is discovered asks to deploy something. */
  private boolean deploys(SourceNode document) {
    return (argocd && isArgo(document)) || (flux && isFlux(document));
  }

  /** Whether a rendered object asks to deploy something. */
  private boolean isFollowed(SourceNode document) {
    return settings.follow() ? isArgo(document) || isFlux(document) : deploys(document);
  }

  static boolean isArgo(SourceNode document) {
    String kind = String.valueOf(Nodes.text(document, "kind"));
    return String.valueOf(Nodes.text(document, "apiVersion")).startsWith("argoproj.io/")
        && (kind.equals("Application") || kind.equals("ApplicationSet"));
  }

  static boolean isFlux(SourceNode document) {
    String version = String.valueOf(Nodes.text(document, "apiVersion"));
    String kind = String.valueOf(Nodes.text(document, "kind"));
    return (version.startsWith("kustomize.toolkit.fluxcd.io/") && kind.equals("Kustomization"))
        || (version.startsWith("helm.toolkit.fluxcd.io/") && kind.equals("HelmRelease"));
  }

  /** Remembers from which repositories a document deploys which paths. */
  private void learn(SourceNode document) {
    if (isArgo(document)) {
      Object plain = Nodes.plain(document);
      Object template = Plain.at(plain, "spec", "template");
      for (Object source : Applications.sourcesOf(template == null ? plain : template)) {
        repositories.learn(Plain.text(source, "repoURL"), Plain.text(source, "path"));
      }
    } else if (isFlux(document)) {
      Object plain = Nodes.plain(document);
      Object spec = Plain.at(plain, "spec", "chart", "spec");
      Object from = spec == null ? Plain.at(plain, "spec") : spec;
      String path = Plain.text(from, spec == null ? "path" : "chart");
      if ("GitRepository".equals(Plain.text(from, "sourceRef", "kind"))) {
        repositories.learn(
            fluxSources.url("GitRepository", Plain.text(from, "sourceRef", "name")), path);
      }
    }
  }

  /** What an entry of a target renders. */
  private static String rendered(String target, RenderEntry entry) {
    String path =
        switch (entry) {
          case RenderEntry.Helm helm -> helm.chart() + " " + helm.release();
          case RenderEntry.Kustomize kustomize -> kustomize.directory();
          case RenderEntry.Manifests manifests -> String.join(" ", manifests.globs());
        };
    return target + " " + path;
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
      case "Kustomization" -> kustomizations.expand(declaration, outcome);
      default -> releases.expand(declaration, outcome);
    };
  }
}
