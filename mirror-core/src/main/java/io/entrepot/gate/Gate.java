package io.entrepot.gate;

import io.entrepot.concurrent.StepListener;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.registry.RegistryClient;
import io.entrepot.render.Environments;
import io.entrepot.render.GitRemotes;
import io.entrepot.render.RenderEntry;
import io.entrepot.render.RenderSettings;
import io.entrepot.render.RenderTarget;
import io.entrepot.render.Renderer;
import io.entrepot.render.Rendering;
import io.entrepot.render.Sources;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.ConfigException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Judges a tree. Blocks; for main and virtual threads. */
public final class Gate {

  private final List<Judgement> judgements;
  private final Supplier<RegistryClient> registries;
  private final StepListener steps;

  /**
   * @param judgements the rules, in the order of reports
   * @param registries asked for once, and only where a registry must be asked; the caller closes
   *     what it gives
   */
  public Gate(List<? extends Judgement> judgements, Supplier<RegistryClient> registries) {
    this(judgements, registries, StepListener.SILENT);
  }

  /**
   * @param steps told of what was rendered and asked
   */
  public Gate(
      List<? extends Judgement> judgements,
      Supplier<RegistryClient> registries,
      StepListener steps) {
    this.judgements = List.copyOf(judgements);
    this.registries = registries;
    this.steps = steps;
  }

  /**
   * Judges the tree below {@code options.root()}.
   *
   * @throws GateException if the check cannot run: a missing path, an unknown revision, a lock that
   *     cannot be read
   * @throws ConfigException for a lock file that is wrong
   */
  public GateReport check(CheckSpec spec, GateOptions options) {
    CheckedTree tree = CheckedTree.of(options);
    LockFile locked =
        spec.lock() == null
            ? LockFile.empty()
            : LockFileCodec.read(tree.home().resolve(spec.lock()));
    LockView lock = spec.lock() == null ? null : new LockView(locked);
    Supplier<RegistryClient> asked = once();
    PolicyDecisions policy =
        options
            .policy()
            .map(
                inForce ->
                    new PolicyDecisions(
                        inForce,
                        locked,
                        options.offline() ? Optional.empty() : Optional.of(asked),
                        options.paths().isEmpty()))
            .orElse(null);
    Inspector inspector = new Inspector(options.offline(), asked, lock, options.cache());
    Clusters clusters =
        new Clusters(
            new Running(spec.targets(), options.pods()),
            new SameImage(options.offline(), asked, lock));
    RenderedCluster head = render(spec, options, tree.home(), tree.root(), tree.paths(), steps);
    if (options.base() == null) {
      Judged judged = judge(head, null, tree.home(), lock, inspector, policy, clusters);
      return report(judged, KnownFindings.NONE, tree);
    }
    try (BaseTree revision = BaseTree.of(tree.root(), options.base())) {
      Path root = CheckedTree.real(revision.root());
      RenderedCluster base = render(spec, options, tree.home(), root, tree.pathsBelow(root), steps);
      Judged before = judge(base, null, tree.home(), lock, inspector, policy, clusters);
      Judged now = judge(head, base, tree.home(), lock, inspector, policy, clusters);
      return report(now, new KnownFindings(before.findings(), before.skipped()), tree);
    }
  }

  /**
   * Renders what a check would judge, and judges nothing.
   *
   * @throws GateException for a path that is missing
   */
  public static RenderedCluster rendered(CheckSpec spec, GateOptions options) {
    CheckedTree tree = CheckedTree.of(options);
    return render(spec, options, tree.home(), tree.root(), tree.paths(), StepListener.SILENT);
  }

  /** What clusters run, and how that is compared. */
  private record Clusters(Running running, SameImage same) {}

  /** Everything that the rules found in one tree, in the order of the rules. */
  private record Judged(RenderedCluster cluster, List<Finding> findings, List<Skipped> skipped) {}

  private Judged judge(
      RenderedCluster cluster,
      @Nullable RenderedCluster base,
      Path home,
      @Nullable LockView lock,
      Inspector inspector,
      @Nullable PolicyDecisions policy,
      Clusters clusters) {
    Evidence evidence =
        new Evidence(
            cluster,
            lock,
            new ImageInspections(cluster, inspector, steps),
            base,
            policy,
            home,
            clusters.running(),
            clusters.same());
    List<Finding> findings = new ArrayList<>();
    List<Skipped> skipped = new ArrayList<>();
    for (Judgement judgement : judgements) {
      Findings found = new Findings(judgement.rule());
      judgement.judge(evidence, found);
      findings.addAll(found.found());
      skipped.addAll(found.skipped());
    }
    return new Judged(cluster, findings, skipped);
  }

  private GateReport report(Judged judged, KnownFindings known, CheckedTree tree) {
    CheckSpec spec = judged.cluster().spec();
    Rules rules = new Rules(judgements.stream().map(Judgement::rule).toList());
    KnownFindings baseline =
        spec.baseline() == null
            ? KnownFindings.NONE
            : Baseline.read(tree.home().resolve(spec.baseline()), rules);
    return new ReportWriter(rules, tree.root(), new Waivers(spec.allow()), known, baseline)
        .write(judged.cluster(), judged.findings(), judged.skipped());
  }

  /**
   * @param paths files and directories that are judged as they stand. Where they are empty, what
   *     the specification renders is judged, or the whole tree as it stands if it renders nothing.
   */
  private static RenderedCluster render(
      CheckSpec spec,
      GateOptions options,
      Path home,
      Path root,
      List<String> paths,
      StepListener steps) {
    SortedMap<String, Path> checkouts = new TreeMap<>();
    spec.sources().forEach((url, path) -> checkouts.put(url, CheckedTree.real(path)));
    Sources sources = new Sources(root, checkouts.values());
    boolean given = !options.paths().isEmpty();
    boolean standing =
        given
            || (spec.argocd().isEmpty()
                && spec.flux().isEmpty()
                && spec.targets().stream().allMatch(target -> target.render().isEmpty()));
    List<RenderTarget> targets =
        standing
            ? standing(spec, sources, given ? paths : List.of("."))
            : spec.targets().stream()
                .map(
                    target ->
                        new RenderTarget(
                            target.name(), target.cluster(), target.kubernetes(), target.render()))
                .toList();
    RenderSettings settings =
        new RenderSettings(
            spec.tools(),
            options.online(),
            standing ? List.of() : spec.argocd(),
            standing ? List.of() : spec.flux(),
            !standing,
            GitRemotes.of(home),
            checkouts);
    Rendering rendering = new Renderer(sources, settings, steps).render(targets);
    return RenderedCluster.of(spec, rendering, sources, standing);
  }

  /** The files below the paths, each for the targets that its own path names, else for all. */
  private static List<RenderTarget> standing(CheckSpec spec, Sources sources, List<String> paths) {
    Set<String> files = new LinkedHashSet<>();
    try {
      for (String path : paths) {
        files.addAll(sources.matching(path));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Environments environments =
        new Environments(spec.targets().stream().map(Target::name).toList());
    List<RenderTarget> targets = new ArrayList<>();
    for (Target target : spec.targets()) {
      List<String> own =
          files.stream().filter(file -> environments.ofPath(file).contains(target.name())).toList();
      targets.add(
          new RenderTarget(
              target.name(),
              target.cluster(),
              target.kubernetes(),
              own.isEmpty()
                  ? List.of()
                  : List.of(
                      new RenderTarget.Entry(
                          new RenderEntry.Manifests(own, null, FilePosition.of(".")), null))));
    }
    return targets;
  }

  /** Starts the client where the first registry is asked, and only then. */
  private Supplier<RegistryClient> once() {
    return new Supplier<>() {
      private @Nullable RegistryClient client;

      @Override
      public synchronized RegistryClient get() {
        RegistryClient known = client;
        if (known == null) {
          known = registries.get();
          client = known;
        }
        return known;
      }
    };
  }
}
