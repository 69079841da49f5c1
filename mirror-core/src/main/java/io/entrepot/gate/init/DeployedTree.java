package io.entrepot.gate.init;

import io.entrepot.gate.CheckSpec;
import io.entrepot.gate.Gate;
import io.entrepot.gate.GateOptions;
import io.entrepot.gate.ImageUse;
import io.entrepot.gate.RenderedCluster;
import io.entrepot.gate.Target;
import io.entrepot.render.Environments;
import io.entrepot.render.RenderEntry;
import io.entrepot.render.RenderTarget;
import io.entrepot.render.Rendering;
import io.entrepot.render.Sources;
import io.entrepot.render.TreeSurvey;
import io.entrepot.text.FilePosition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a tree deploys, and how {@code check.yaml} says so.
 *
 * @param targets in the order of the file
 * @param entries what is rendered for each, beside what Argo CD and Flux are told
 * @param rendered everything that was rendered
 */
record DeployedTree(
    List<String> targets,
    List<String> argocd,
    List<String> flux,
    Map<String, List<RenderEntry>> entries,
    List<RenderedCluster> rendered) {

  static DeployedTree of(InitRequest request) {
    CheckSpec spec = request.spec();
    if (spec != null) {
      return new DeployedTree(
          spec.targets().stream().map(Target::name).toList(),
          spec.argocd(),
          spec.flux(),
          Map.of(),
          List.of(Gate.rendered(spec, options(request, request.paths()))));
    }
    TreeSurvey survey = TreeSurvey.of(new Sources(request.root()));
    List<String> targets =
        survey.environments().isEmpty() ? List.of(CheckSpec.DEFAULT_TARGET) : survey.environments();
    if (!request.paths().isEmpty()) {
      return standing(request, targets);
    }
    return looked(request, survey, targets);
  }

  /** Paths that are read as they stand. */
  private static DeployedTree standing(InitRequest request, List<String> targets) {
    CheckSpec spec = spec(targets, List.of(), List.of(), Map.of());
    List<String> below = new ArrayList<>();
    for (Path path : request.paths()) {
      Path absolute = path.toAbsolutePath().normalize();
      Path root = request.root().toAbsolutePath().normalize();
      if (absolute.startsWith(root)) {
        String relative = root.relativize(absolute).toString().replace('\\', '/');
        below.add(relative.isEmpty() ? "." : relative);
      }
    }
    Map<String, List<RenderEntry>> entries = new LinkedHashMap<>();
    if (!below.isEmpty() && !below.contains(".")) {
      targets.forEach(target -> entries.put(target, List.of(manifests(below))));
    }
    return new DeployedTree(
        targets,
        List.of(),
        List.of(),
        entries,
        List.of(Gate.rendered(spec, options(request, request.paths()))));
  }

  private static DeployedTree looked(InitRequest request, TreeSurvey survey, List<String> targets) {
    GateOptions options = options(request, List.of());
    List<RenderedCluster> rendered = new ArrayList<>();
    List<Rendering> done = new ArrayList<>();
    boolean told = !survey.argocd().isEmpty() || !survey.flux().isEmpty();
    if (told) {
      rendered.add(Gate.rendered(spec(targets, survey.argocd(), survey.flux(), Map.of()), options));
      done.add(rendered.getLast().rendering());
    }
    Environments environments = new Environments(targets);
    Map<String, List<RenderEntry>> entries = new LinkedHashMap<>();
    Rendering first = told ? done.getFirst() : Rendering.NONE;
    for (RenderEntry entry : survey.unused(first)) {
      for (String target : environments.ofPath(entry.position().file())) {
        entries.computeIfAbsent(target, _ -> new ArrayList<>()).add(entry);
      }
    }
    if (!entries.isEmpty()) {
      rendered.add(Gate.rendered(spec(targets, List.of(), List.of(), entries), options));
      done.add(rendered.getLast().rendering());
    }
    if (rendered.isEmpty()) {
      if (!survey.isEmpty() || request.pods().isEmpty()) {
        rendered.add(Gate.rendered(spec(targets, List.of(), List.of(), Map.of()), options));
      }
      return new DeployedTree(targets, List.of(), List.of(), Map.of(), rendered);
    }
    addManifests(request, survey, environments, entries, done, rendered);
    return new DeployedTree(targets, survey.argocd(), survey.flux(), entries, rendered);
  }

  /** Manifests that nothing above uses, as far as they name images. */
  private static void addManifests(
      InitRequest request,
      TreeSurvey survey,
      Environments environments,
      Map<String, List<RenderEntry>> entries,
      List<Rendering> done,
      List<RenderedCluster> rendered) {
    Map<String, List<RenderEntry>> left = new LinkedHashMap<>();
    for (String file : survey.unusedManifests(done)) {
      for (String target : environments.ofPath(file)) {
        left.computeIfAbsent(target, _ -> new ArrayList<>()).add(manifests(List.of(file)));
      }
    }
    if (left.isEmpty()) {
      return;
    }
    RenderedCluster cluster =
        Gate.rendered(
            spec(environmentsOf(left, environments), List.of(), List.of(), left),
            options(request, List.of()));
    rendered.add(cluster);
    Map<String, Set<String>> files = new LinkedHashMap<>();
    for (ImageUse use : cluster.images()) {
      FilePosition position = use.position().get();
      if (position != null) {
        files.computeIfAbsent(use.target(), _ -> new TreeSet<>()).add(position.file());
      }
    }
    files.forEach(
        (target, own) ->
            entries
                .computeIfAbsent(target, _ -> new ArrayList<>())
                .add(manifests(List.copyOf(own))));
  }

  private static List<String> environmentsOf(
      Map<String, List<RenderEntry>> left, Environments environments) {
    return environments.names().stream().filter(left::containsKey).toList();
  }

  private static RenderEntry manifests(List<String> files) {
    return new RenderEntry.Manifests(files, null, FilePosition.of("check.yaml"));
  }

  private static CheckSpec spec(
      List<String> targets,
      List<String> argocd,
      List<String> flux,
      Map<String, List<RenderEntry>> entries) {
    return CheckSpec.of(
        targets.stream()
            .map(
                name ->
                    Target.usual(
                        name,
                        entries.getOrDefault(name, List.of()).stream()
                            .map(entry -> new RenderTarget.Entry(entry, null))
                            .toList()))
            .toList(),
        argocd,
        flux);
  }

  private static GateOptions options(InitRequest request, List<Path> paths) {
    return new GateOptions(
        request.root(), paths, request.offline(), !request.offline(), null, request.cache());
  }
}
