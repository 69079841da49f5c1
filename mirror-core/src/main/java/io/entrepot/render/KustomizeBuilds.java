package io.entrepot.render;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.render.Kustomizations.Remote;
import io.entrepot.render.RenderEntry.Kustomize;
import io.entrepot.render.Rendering.Unrendered;
import io.entrepot.render.ToolRun.ToolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Renders kustomizations. */
final class KustomizeBuilds {

  private final Sources sources;
  private final KustomizeBuild build;
  private final KustomizeErrors errors;
  private final Kustomizations kustomizations;
  private final boolean online;

  KustomizeBuilds(Sources sources, KustomizeBuild build, boolean online) {
    this.sources = sources;
    this.build = build;
    this.errors = new KustomizeErrors(sources);
    this.kustomizations = new Kustomizations(sources);
    this.online = online;
  }

  Outcome render(Assignment work, Kustomize kustomize) throws IOException {
    Outcome outcome = new Outcome();
    String directory = kustomize.directory();
    if (kustomize.resources().isEmpty() && sources.kustomization(directory) == null) {
      outcome.fail(
          work,
          sources.isDirectory(directory)
              ? "%s has no kustomization.yaml".formatted(directory)
              : "the directory %s does not exist in the tree".formatted(directory),
          "correct the path, or create the kustomization");
      return outcome;
    }
    for (String component : kustomize.components()) {
      if (sources.kustomization(component) == null) {
        outcome.fail(
            work,
            "the component %s does not exist in the tree".formatted(component),
            "correct the path, or create the component");
        return outcome;
      }
    }
    List<String> roots =
        kustomize.resources().isEmpty() ? List.of(directory) : kustomize.resources();
    List<String> files =
        Stream.concat(roots.stream(), kustomize.components().stream())
            .flatMap(root -> behind(root).stream())
            .distinct()
            .toList();
    if (!online && needsMore(work, kustomize, roots, outcome)) {
      return outcome;
    }
    Path scratch = Files.createTempDirectory("entrepot-kustomize");
    try {
      ToolRun run = build(kustomize, roots, files, scratch);
      if (run.status() != 0) {
        String message = run.errors().replace(scratch.toString(), directory);
        if (ToolRunner.isStoppedFetch(message)) {
          outcome.unrendered.add(
              new Unrendered(
                  work.target(),
                  kustomize.name(),
                  kustomize.position(),
                  ToolRunner.stoppedFetch(message)));
          return outcome;
        }
        outcome.failures.add(errors.failure(work, kustomize, files, message));
        return outcome;
      }
      Origin origin =
          new Origin(
              work.target(),
              work.cluster(),
              kustomize,
              "%s %s %s".formatted(kustomize.name(), kustomize.namespace(), kustomize.position()),
              null,
              false,
              files);
      List<String> documents = ManifestReader.documents(run.output());
      for (String document : kustomize.substitution().in(documents)) {
        ManifestReader.read(document, origin, kustomize.namespace(), outcome);
      }
    } catch (ToolException e) {
      outcome.fail(work, e, "tools.kustomize in check.yaml, or install kustomize");
    } finally {
      Scratch.remove(scratch);
    }
    return outcome;
  }

  /** Whether a kustomization refers to what is not in the tree; each reference is named. */
  private boolean needsMore(
      Assignment work, Kustomize kustomize, List<String> roots, Outcome outcome) {
    List<Remote> remotes =
        Stream.concat(roots.stream(), kustomize.components().stream())
            .flatMap(root -> kustomizations.remotes(root).stream())
            .distinct()
            .toList();
    for (Remote remote : remotes) {
      outcome.unrendered.add(
          new Unrendered(
              work.target(),
              kustomize.name(),
              remote.position(),
              "it needs %s, which is not in the tree; vendor it below the tree, or let it be fetched"
                      .formatted(remote.needs())
                  + " with --online",
              Rendering.Cause.FOREIGN));
    }
    return !remotes.isEmpty();
  }

  private ToolRun build(Kustomize kustomize, List<String> roots, List<String> files, Path scratch)
      throws ToolException, IOException {
    boolean charts =
        files.stream()
            .filter(Sources::isKustomization)
            .anyMatch(file -> sources.file(file).text().contains("helmChart"));
    boolean laidOver = kustomize.overlay() != null || !kustomize.components().isEmpty();
    if (!laidOver && kustomize.resources().isEmpty()) {
      String directory = kustomize.directory();
      return build.run(directory.isEmpty() ? "." : directory, kustomize.restricted(), charts);
    }
    // The tree's own resources stay as they are; more is laid over them from outside.
    Files.writeString(
        scratch.resolve("kustomization.yaml"),
        KustomizeOverlay.over(
            from(scratch, roots), from(scratch, kustomize.components()), kustomize.overlay()),
        UTF_8);
    return build.run(
        scratch.toString(), kustomize.restricted() && kustomize.resources().isEmpty(), charts);
  }

  /** Paths of the tree as seen from another directory. */
  private List<String> from(Path scratch, List<String> paths) throws IOException {
    Path real = scratch.toRealPath();
    List<String> relative = new ArrayList<>();
    for (String path : paths) {
      relative.add(
          real.relativize(sources.resolve(path).toRealPath()).toString().replace('\\', '/'));
    }
    return relative;
  }

  /** The files behind a resource of the tree. */
  private List<String> behind(String resource) {
    return sources.isDirectory(resource) ? kustomizations.files(resource) : List.of(resource);
  }
}
