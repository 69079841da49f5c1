package io.entrepot.gate;

import io.entrepot.lock.LockFileCodec;
import io.entrepot.oci.ImageReference;
import io.entrepot.registry.RegistryClient;
import io.entrepot.render.Environments;
import io.entrepot.render.RenderEntry;
import io.entrepot.render.RenderTarget;
import io.entrepot.render.Renderer;
import io.entrepot.render.Rendering;
import io.entrepot.render.Sources;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.ConfigException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Judges a tree. Blocks; for main and virtual threads. */
public final class Gate {

  /** The place of an entry at the end of its name. */
  private static final Pattern WHERE = Pattern.compile("\\(([^()]+):(\\d+)\\)$");

  private static final Comparator<Finding> ORDER =
      Comparator.comparing(Finding::rule)
          .thenComparing(Finding::target)
          .thenComparing(finding -> finding.file() == null ? "" : finding.file())
          .thenComparing(Finding::line)
          .thenComparing(finding -> String.valueOf(finding.object()))
          .thenComparing(Finding::message);

  private final Supplier<RegistryClient> registries;

  /**
   * @param registries asked for once, and only where a registry must be asked; the caller closes
   *     what it gives
   */
  public Gate(Supplier<RegistryClient> registries) {
    this.registries = registries;
  }

  /**
   * Judges the tree below {@code options.root()}.
   *
   * @throws GateException if the check cannot run: a missing path, an unknown revision, a lock that
   *     cannot be read
   * @throws ConfigException for a lock file that is wrong
   */
  public GateReport check(CheckSpec spec, GateOptions options) {
    Path home = real(options.root());
    Path root = root(home, options);
    LockView lock = lock(spec, home);
    Inspector inspector =
        new Inspector(options.offline(), once(), lock, new AnswerCache(options.cache()));
    Sources sources = new Sources(root);
    Judged head = judge(spec, options, sources, home, lock, inspector, paths(options, root));
    Waivers waivers = new Waivers(spec.allow());
    if (options.base() == null) {
      return report(head, Set.of(), waivers);
    }
    try (BaseTree tree = BaseTree.of(root, options.base())) {
      Judged base =
          judge(
              spec,
              options,
              new Sources(real(tree.root())),
              real(tree.root()),
              lock,
              inspector,
              paths(options, root).stream()
                  .filter(path -> Files.exists(tree.root().resolve(path)))
                  .toList());
      ImmutableChanges.judge(base.scene(), head.scene(), head.verdicts());
      Set<Object> known = new HashSet<>();
      base.verdicts().findings().forEach(finding -> known.add(key(finding)));
      base.verdicts().unjudged().forEach(known::add);
      return report(head, known, waivers);
    }
  }

  /** A finding without its line, which moves when something above it changes. */
  private static Object key(Finding finding) {
    return new Finding(
        finding.rule(),
        finding.target(),
        finding.file(),
        0,
        finding.object(),
        finding.image(),
        finding.message().replaceAll("\\.ya?ml:\\d+(?::\\d+)?", ".yaml"),
        "");
  }

  private record Judged(Scene scene, Verdicts verdicts, Path root) {}

  private static Judged judge(
      CheckSpec spec,
      GateOptions options,
      Sources sources,
      Path home,
      @Nullable LockView lock,
      Inspector inspector,
      List<String> paths) {
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
                .map(target -> new RenderTarget(target.name(), target.cluster(), target.render()))
                .toList();
    Rendering rendering =
        new Renderer(sources, spec.tools(), options.online())
            .render(
                targets, standing ? List.of() : spec.argocd(), standing ? List.of() : spec.flux());
    Verdicts verdicts = new Verdicts();
    for (Rendering.Failure failure : rendering.failures()) {
      boolean image = failure.reason() == Rendering.Reason.IMAGE_NOT_GIVEN;
      FilePosition position = failure.position();
      Rule rule = image ? Rule.IMAGE_MISSING : Rule.RENDER;
      verdicts.refuse(
          new Finding(
              rule,
              failure.target(),
              position == null ? null : position.file(),
              position == null ? 0 : position.line(),
              null,
              null,
              failure.message(),
              image ? Rule.IMAGE_MISSING.remedy() : failure.remedy()));
    }
    for (Rendering.Unrendered unrendered : rendering.unrendered()) {
      verdicts.leave(
          new Unjudged(
              Rule.RENDER,
              unrendered.target(),
              unrendered.position() == null
                  ? unrendered.what()
                  : "%s (%s)".formatted(unrendered.what(), unrendered.position()),
              unrendered.why()));
    }
    Scene scene = Scene.of(spec, rendering, sources);
    new ImageRules(scene, verdicts, lock, inspector).judge();
    new WorkloadRules(scene, verdicts).judge();
    new ClusterRules(scene, verdicts).judge();
    new EmptyHosts(scene, verdicts).judge();
    if (!spec.schemas().isEmpty()) {
      List<Path> schemas = spec.schemas().stream().map(home::resolve).toList();
      new SchemaRule(scene, verdicts, schemas).judge();
    }
    return new Judged(scene, verdicts, sources.root());
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
              own.isEmpty()
                  ? List.of()
                  : List.of(new RenderEntry.Manifests(own, null, FilePosition.of(".")))));
    }
    return targets;
  }

  private static GateReport report(Judged judged, Set<Object> known, Waivers waivers) {
    Path root = judged.root();
    List<Finding> findings = new ArrayList<>();
    List<Waived> waived = new ArrayList<>();
    for (Finding found : judged.verdicts().findings()) {
      Finding finding = shown(found, root);
      Waiver waiver = waivers.find(finding);
      if (known.contains(key(found))) {
        continue;
      }
      if (waiver == null) {
        findings.add(finding);
      } else {
        waived.add(new Waived(finding, waiver));
      }
    }
    List<Unjudged> unjudged = new ArrayList<>();
    for (Unjudged left : judged.verdicts().unjudged()) {
      Matcher where = WHERE.matcher(left.what());
      boolean placed = where.find();
      Finding finding =
          new Finding(
              left.rule(),
              left.target(),
              placed ? where.group(1) : null,
              placed ? Integer.parseInt(where.group(2)) : 0,
              null,
              left.what(),
              "not judged: " + left.what() + ": " + left.why(),
              left.rule().remedy());
      Waiver waiver = waivers.find(finding);
      if (known.contains(left)) {
        continue;
      }
      if (waiver == null) {
        unjudged.add(left);
      } else {
        waived.add(new Waived(finding, waiver));
      }
    }
    findings.sort(ORDER);
    waived.sort(Comparator.comparing(Waived::finding, ORDER));
    unjudged.sort(
        Comparator.comparing(Unjudged::rule)
            .thenComparing(Unjudged::target)
            .thenComparing(Unjudged::what));
    Set<ImageReference> images =
        judged.scene().images().stream()
            .map(ImageUse::reference)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    return new GateReport(
        findings,
        waived,
        unjudged,
        waivers.unused(),
        judged.scene().objects().size(),
        images.size());
  }

  /** The finding with its file relative to the root. */
  private static Finding shown(Finding finding, Path root) {
    String file = finding.file();
    if (file == null || (!file.startsWith("/") && Files.exists(root.resolve(file)))) {
      return finding;
    }
    // check.yaml is named as the user named it, which may be from elsewhere.
    Path path = Path.of(file);
    Path real = Files.exists(path) ? real(path) : path.normalize();
    return real.startsWith(root)
        ? new Finding(
            finding.rule(),
            finding.target(),
            root.relativize(real).toString().replace('\\', '/'),
            finding.line(),
            finding.object(),
            finding.image(),
            finding.message(),
            finding.remedy())
        : finding;
  }

  private static @Nullable LockView lock(CheckSpec spec, Path root) {
    if (spec.lock() == null) {
      return null;
    }
    return new LockView(LockFileCodec.read(root.resolve(spec.lock())));
  }

  /** The given paths below the root. */
  private static List<String> paths(GateOptions options, Path root) {
    List<String> paths = new ArrayList<>();
    for (Path path : options.paths()) {
      if (!Files.exists(path)) {
        throw new GateException("no such file or directory: " + path, null);
      }
      Path real = real(path);
      String relative = root.relativize(real).toString().replace('\\', '/');
      paths.add(relative.isEmpty() ? "." : relative);
    }
    return paths;
  }

  /** The options' root, or the directory above everything where a path lies outside of it. */
  private static Path root(Path home, GateOptions options) {
    Path root = home;
    for (Path path : options.paths()) {
      if (Files.exists(path)) {
        Path real = real(path);
        boolean inside = real.startsWith(root);
        if (!inside && root.equals(home)) {
          root = Files.isDirectory(real) ? real : parent(real);
        }
        while (!real.startsWith(root)) {
          root = parent(root);
        }
      }
    }
    boolean outside = !root.equals(home) && options.base() != null;
    if (outside) {
      throw new GateException("with --base every path must lie below " + home, null);
    }
    return root;
  }

  private static Path parent(Path path) {
    Path parent = path.getParent();
    return parent == null ? path : parent;
  }

  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException("%s: %s".formatted(path, e.getMessage()), e);
    }
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
