package io.entrepot.render;

import io.entrepot.concurrent.Parallel;
import io.entrepot.concurrent.StepListener;
import io.entrepot.render.RenderEntry.Helm;
import io.entrepot.render.RenderEntry.Kustomize;
import io.entrepot.render.RenderEntry.Manifests;
import io.entrepot.render.Rendering.Unrendered;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Renders entries with the real helm and kustomize, several at once. Unless it is online, the
 * programs are given no way to the network.
 */
public final class Renderer {

  private static final int MAX_ROUNDS = 6;

  private final Sources sources;
  private final RenderSettings settings;
  private final HelmReleases releases;
  private final KustomizeBuilds builds;
  private final StandingFiles standing;
  private final StepListener steps;
  private final Map<String, String> versions = new HashMap<>();

  /** Renders what lies in {@code sources}. */
  public Renderer(Sources sources, RenderSettings settings) {
    this(sources, settings, StepListener.SILENT);
  }

  /**
   * @param steps told of each entry that is rendered
   */
  public Renderer(Sources sources, RenderSettings settings, StepListener steps) {
    this.steps = steps;
    this.sources = sources;
    this.settings = settings;
    RenderTools tools = settings.tools();
    ToolRunner runner = new ToolRunner(sources.root(), tools.timeout(), settings.online());
    KustomizeBuild build = new KustomizeBuild(runner, tools);
    this.releases =
        new HelmReleases(
            sources,
            new HelmTemplate(runner, tools.helm()),
            new PostRendering(build),
            settings.online());
    this.builds = new KustomizeBuilds(sources, build, settings.online());
    this.standing = new StandingFiles(sources);
  }

  /** Renders what the targets name, and what Argo CD and Flux would find in the tree. */
  public Rendering render(List<RenderTarget> targets) {
    Outcome outcome = new Outcome();
    List<Assignment> work = new ArrayList<>();
    for (RenderTarget target : targets) {
      if (target.kubernetes() != null) {
        versions.put(target.name(), target.kubernetes());
      }
      for (RenderTarget.Entry each : target.entries()) {
        String cluster = each.cluster() == null ? target.cluster() : each.cluster();
        work.add(new Assignment(target.name(), cluster, each.entry()));
      }
    }
    Discovery discovery = new Discovery(sources, targets, settings);
    work.addAll(discovery.inFiles(outcome));
    AtomicInteger done = new AtomicInteger();
    int all = 0;
    Set<Assignment> seen = new HashSet<>();
    for (int round = 0; round < MAX_ROUNDS && !work.isEmpty(); round++) {
      List<Assignment> fresh = work.stream().filter(seen::add).toList();
      int before = outcome.objects.size();
      all += fresh.size();
      int known = all;
      Parallel.map(
              fresh,
              entry -> {
                Outcome rendered = render(entry);
                steps.step("rendering", done.incrementAndGet(), known);
                return rendered;
              })
          .forEach(outcome::add);
      List<KubernetesObject> made =
          List.copyOf(outcome.objects.subList(before, outcome.objects.size()));
      work = discovery.inObjects(made, outcome);
    }
    for (Assignment left : work) {
      if (seen.add(left)) {
        outcome.unrendered.add(
            new Unrendered(
                left.target(),
                left.entry().name(),
                left.entry().position(),
                "it is asked for by something that is asked for by others, more than %d deep"
                    .formatted(MAX_ROUNDS)));
      }
    }
    return outcome.finished();
  }

  private Outcome release(Assignment work, Helm helm) throws IOException {
    Outcome outcome = releases.render(work, helm.on(versions.get(work.target())));
    if (!helm.isLocal()) {
      boolean rendered = outcome.failures.isEmpty() && outcome.unrendered.isEmpty();
      outcome.charts.add(new Rendering.RemoteChart(work.target(), helm, rendered));
    }
    return outcome;
  }

  /** Renders one entry. */
  Outcome render(Assignment work) {
    try {
      return switch (work.entry()) {
        case Helm helm -> release(work, helm);
        case Kustomize kustomize -> builds.render(work, kustomize);
        case Manifests manifests -> standing.read(work, manifests);
      };
    } catch (IOException e) {
      throw new UncheckedIOException("%s: %s".formatted(work.entry().name(), e.getMessage()), e);
    }
  }
}
