package io.entrepot.render;

import io.entrepot.concurrent.Parallel;
import io.entrepot.render.RenderEntry.Helm;
import io.entrepot.render.RenderEntry.Kustomize;
import io.entrepot.render.RenderEntry.Manifests;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Renders entries with the real helm and kustomize, several at once. Without {@code online} the
 * programs are given no way to the network.
 */
public final class Renderer {

  private static final int MAX_ROUNDS = 4;

  private final Sources sources;
  private final HelmReleases releases;
  private final KustomizeBuilds builds;
  private final StandingFiles standing;

  /**
   * @param online whether charts and bases may be fetched
   */
  public Renderer(Sources sources, RenderTools tools, boolean online) {
    this.sources = sources;
    ToolRunner runner = new ToolRunner(sources.root(), tools.timeout(), online);
    this.releases = new HelmReleases(sources, new HelmTemplate(runner, tools.helm()), online);
    this.builds = new KustomizeBuilds(sources, new KustomizeBuild(runner, tools), online);
    this.standing = new StandingFiles(sources);
  }

  /**
   * Renders what the targets name, and what Argo CD and Flux would find in the tree.
   *
   * @param argocd globs of files with Applications and ApplicationSets
   * @param flux globs of files with Kustomizations and HelmReleases
   */
  public Rendering render(List<RenderTarget> targets, List<String> argocd, List<String> flux) {
    Outcome outcome = new Outcome();
    List<Assignment> work = new ArrayList<>();
    for (RenderTarget target : targets) {
      for (RenderTarget.Entry each : target.entries()) {
        String cluster = each.cluster() == null ? target.cluster() : each.cluster();
        work.add(new Assignment(target.name(), cluster, each.entry()));
      }
    }
    Discovery discovery = new Discovery(sources, targets, !argocd.isEmpty(), !flux.isEmpty());
    work.addAll(discovery.inFiles(argocd, flux, outcome));
    Set<Assignment> done = new HashSet<>();
    for (int round = 0; round < MAX_ROUNDS && !work.isEmpty(); round++) {
      List<Assignment> fresh = work.stream().filter(done::add).toList();
      int before = outcome.objects.size();
      Parallel.map(fresh, this::render).forEach(outcome::add);
      List<KubernetesObject> made =
          List.copyOf(outcome.objects.subList(before, outcome.objects.size()));
      work = discovery.inObjects(made, outcome);
    }
    return outcome.finished();
  }

  private Outcome render(Assignment work) {
    try {
      return switch (work.entry()) {
        case Helm helm -> releases.render(work, helm);
        case Kustomize kustomize -> builds.render(work, kustomize);
        case Manifests manifests -> standing.read(work, manifests);
      };
    } catch (IOException e) {
      throw new UncheckedIOException("%s: %s".formatted(work.entry().name(), e.getMessage()), e);
    }
  }
}
