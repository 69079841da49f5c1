package io.entrepot.render;

import io.entrepot.concurrent.Parallel;
import io.entrepot.render.RenderEntry.Helm;
import io.entrepot.render.RenderEntry.Kustomize;
import io.entrepot.render.Rendering.Unrendered;
import io.entrepot.text.FilePosition;
import io.entrepot.text.Glob;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is built from certain files of a tree: its kustomizations, its charts with each of their
 * values files, and the releases and applications that Flux and Argo CD would find. Each is
 * rendered by itself, offline, so that two states of a tree can be compared.
 */
public final class ChangedTree {

  /** No directory is called so: nothing is told apart by environment. */
  private static final String EVERYTHING = "(everything)";

  private static final int MAX_ROUNDS = 6;

  /** How many values files are laid over charts, beyond those that changed. */
  private static final int MOST_VALUES = 200;

  /**
   * One build.
   *
   * @param key the same in two states of a tree
   * @param name in a few words
   * @param files of those that were asked about, the ones that it reads
   * @param documents what it becomes
   * @param problem why it does not render, or null
   * @param missing what it needs and the tree does not have, or null
   */
  public record Build(
      String key,
      String name,
      Set<String> files,
      List<SourceNode> documents,
      @Nullable String problem,
      @Nullable String missing) {

    /** Copies. */
    public Build {
      files = Set.copyOf(files);
      documents = List.copyOf(documents);
    }

    /** Whether it was rendered. */
    public boolean isRendered() {
      return problem == null && missing == null;
    }
  }

  private final Sources sources;
  private final RenderTools tools;
  private final Set<String> remotes;
  private final List<String> overlays;
  private final List<String> objects;
  private final Set<String> changed;
  private final Kustomizations kustomizations;
  private final Map<String, Integer> keys = new HashMap<>();

  /**
   * @param sources a state of the tree
   * @param remotes addresses of the tree's own repository, empty where they are not known
   * @param kustomizations the tree's kustomizations, paths below its root
   * @param objects the tree's files with objects of Argo CD or Flux, templates too
   * @param changed those that are asked about
   */
  public ChangedTree(
      Sources sources,
      RenderTools tools,
      Set<String> remotes,
      Collection<String> kustomizations,
      Collection<String> objects,
      Set<String> changed) {
    this.sources = sources;
    this.tools = tools;
    this.remotes = Set.copyOf(remotes);
    this.overlays = List.copyOf(kustomizations);
    this.objects = List.copyOf(objects);
    this.changed = Set.copyOf(changed);
    this.kustomizations = new Kustomizations(sources);
  }

  /** The builds that read one of the files, rendered. */
  public List<Build> rendered() {
    List<RenderTarget.Entry> entries = new ArrayList<>();
    kustomizations().forEach(each -> entries.add(new RenderTarget.Entry(each, null)));
    charts().forEach(each -> entries.add(new RenderTarget.Entry(each, null)));
    RenderTarget target = new RenderTarget(EVERYTHING, EVERYTHING, null, entries);
    RenderSettings settings =
        new RenderSettings(
            tools,
            /* online= */ false,
            objects,
            objects,
            /* follow= */ true,
            remotes,
            new TreeMap<>());
    Renderer renderer = new Renderer(sources, settings);
    Discovery discovery = new Discovery(sources, List.of(target), settings);
    Outcome outside = new Outcome();
    List<Assignment> work = new ArrayList<>();
    entries.forEach(each -> work.add(new Assignment(EVERYTHING, EVERYTHING, each.entry())));
    work.addAll(discovery.inFiles(outside));
    List<Build> builds = new ArrayList<>();
    Set<String> done = new HashSet<>();
    List<Assignment> next = work;
    for (int round = 0; round < MAX_ROUNDS && !next.isEmpty(); round++) {
      List<Assignment> fresh =
          next.stream()
              .filter(each -> isAsked(each.entry()) && done.add(what(each.entry())))
              .toList();
      List<Outcome> outcomes = Parallel.map(fresh, renderer::render);
      List<KubernetesObject> made = new ArrayList<>();
      for (int i = 0; i < fresh.size(); i++) {
        RenderEntry entry = fresh.get(i).entry();
        Outcome outcome = outcomes.get(i);
        made.addAll(outcome.objects);
        Set<String> files = read(entry);
        if (!files.isEmpty()) {
          builds.add(build(entry, files, outcome));
        }
      }
      next = discovery.inObjects(made, outside);
    }
    for (Unrendered unrendered : outside.unrendered) {
      FilePosition at = unrendered.position();
      if (at != null && changed.contains(at.file())) {
        builds.add(
            new Build(
                key(unrendered.what(), at),
                unrendered.what(),
                Set.of(at.file()),
                List.of(),
                null,
                unrendered.why()));
      }
    }
    return builds;
  }

  private Build build(RenderEntry entry, Set<String> files, Outcome outcome) {
    List<SourceNode> documents = new ArrayList<>();
    outcome.objects.forEach(object -> documents.add(object.root()));
    outcome.values.forEach(values -> documents.add(values.root()));
    return new Build(
        key(entry.name(), entry.position()),
        name(entry),
        files,
        documents,
        outcome.failures.isEmpty() ? null : problem(entry, outcome.failures.getFirst().message()),
        outcome.unrendered.isEmpty() ? null : outcome.unrendered.getFirst().why());
  }

  private static String problem(RenderEntry entry, String message) {
    String prefix = entry.name() + ": ";
    return message.startsWith(prefix) ? message.substring(prefix.length()) : message;
  }

  private String key(String name, FilePosition position) {
    String key = name + " " + position.file();
    return key + " " + keys.merge(key, 1, Integer::sum);
  }

  private static String name(RenderEntry entry) {
    return switch (entry) {
      case Helm helm ->
          helm.values().isEmpty()
              ? helm.name()
              : helm.name() + " with " + String.join(", ", helm.values());
      case Kustomize kustomize ->
          kustomize.directory().isEmpty() ? kustomize.name() + "." : kustomize.name();
      case RenderEntry.Manifests manifests -> manifests.name();
    };
  }

  /** What an entry builds, whoever asks for it. */
  private static String what(RenderEntry entry) {
    return switch (entry) {
      case Kustomize plain
          when plain.resources().isEmpty()
              && plain.components().isEmpty()
              && plain.overlay() == null
              && !plain.substitution().isActive() ->
          plain.name();
      default -> entry.toString();
    };
  }

  /** Every directory of the tree with a kustomization that can be built by itself. */
  private List<Kustomize> kustomizations() {
    List<Kustomize> found = new ArrayList<>();
    for (String file : overlays) {
      String directory = TreePath.parent(file);
      if (file.equals(sources.kustomization(directory))
          && sources.file(file).documents().stream()
              .noneMatch(document -> "Component".equals(Nodes.text(document, "kind")))) {
        found.add(
            new Kustomize(
                directory,
                List.of(),
                List.of(),
                null,
                null,
                Substitution.NONE,
                /* restricted= */ false,
                FilePosition.of(file)));
      }
    }
    return found;
  }

  /** The charts around the files: with their own values, and with each other file of values. */
  private List<Helm> charts() {
    Set<String> own = new TreeSet<>();
    Map<String, String> others = new LinkedHashMap<>();
    for (String file : new TreeSet<>(changed)) {
      String nearest = null;
      for (String directory = TreePath.parent(file); ; directory = TreePath.parent(directory)) {
        if (isChart(directory)) {
          nearest = nearest == null ? directory : nearest;
          own.add(directory);
        }
        if (directory.isEmpty()) {
          break;
        }
      }
      if (nearest != null && isValues(nearest, file)) {
        others.put(file, nearest);
      }
    }
    for (String chart : own) {
      for (String file : sources.beside(TreePath.below(chart, "Chart.yaml"))) {
        if (isValues(chart, file) && others.size() < MOST_VALUES) {
          others.put(file, chart);
        }
      }
    }
    List<Helm> found = new ArrayList<>();
    own.forEach(chart -> found.add(chart(chart, List.of())));
    others.forEach((file, chart) -> found.add(chart(chart, List.of(file))));
    return found;
  }

  private static boolean isValues(String chart, String file) {
    String below = file.substring(chart.isEmpty() ? 0 : chart.length() + 1);
    return below.startsWith("ci/")
        || (below.startsWith("values") && !below.equals("values.yaml") && below.indexOf('/') < 0);
  }

  private boolean isChart(String directory) {
    String file = TreePath.below(directory, "Chart.yaml");
    return sources.isFile(file)
        && sources.file(file).documents().stream()
            .noneMatch(document -> "library".equals(Nodes.text(document, "type")));
  }

  private static Helm chart(String chart, List<String> values) {
    String file = values.isEmpty() ? TreePath.below(chart, "Chart.yaml") : values.getFirst();
    return new Helm(
        chart.isEmpty() ? "." : chart,
        null,
        null,
        "entrepot",
        null,
        values,
        null,
        HelmOptions.NONE,
        /* ignoreMissingValues= */ false,
        FilePosition.of(file));
  }

  /** Whether an entry reads one of the files, or a chart asks for further applications. */
  private boolean isAsked(RenderEntry entry) {
    return !read(entry).isEmpty() || (entry instanceof Helm helm && asksForMore(helm));
  }

  private boolean asksForMore(Helm helm) {
    String templates = TreePath.below(helm.chart(), "templates") + "/";
    return helm.isLocal() && objects.stream().anyMatch(file -> file.startsWith(templates));
  }

  /** The files asked about that an entry reads; none for those that stand as they are. */
  private Set<String> read(RenderEntry entry) {
    Set<String> files = new HashSet<>();
    switch (entry) {
      case Helm helm -> {
        if (helm.isLocal()) {
          below(TreePath.tidy(helm.chart()), files);
        }
        for (String file : helm.values()) {
          String tidy = TreePath.tidy(file);
          if (tidy.indexOf('*') < 0) {
            add(tidy, files);
          } else {
            Glob pattern = Glob.of(tidy);
            changed.stream().filter(pattern::matches).forEach(files::add);
          }
        }
        add(helm.position().file(), files);
      }
      case Kustomize kustomize -> {
        List<String> roots = new ArrayList<>(kustomize.resources());
        if (roots.isEmpty()) {
          roots.add(kustomize.directory());
        }
        roots.addAll(kustomize.components());
        for (String root : roots) {
          add(root, files);
          for (String file : kustomizations.files(root)) {
            add(file, files);
            if (Sources.isKustomization(file) && sources.file(file).text().contains("helmCharts")) {
              below(TreePath.parent(file), files);
            }
          }
        }
        add(kustomize.position().file(), files);
      }
      case RenderEntry.Manifests _ -> {}
    }
    return files;
  }

  private void add(String file, Set<String> files) {
    if (changed.contains(file)) {
      files.add(file);
    }
  }

  private void below(String directory, Set<String> files) {
    String prefix = directory.isEmpty() ? "" : directory + "/";
    changed.stream().filter(file -> file.startsWith(prefix)).forEach(files::add);
  }
}
