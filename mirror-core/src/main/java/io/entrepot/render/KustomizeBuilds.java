package io.entrepot.render;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.render.RenderEntry.Kustomize;
import io.entrepot.render.Rendering.Failure;
import io.entrepot.render.ToolRun.ToolException;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.ScalarSite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
    List<String> roots =
        kustomize.resources().isEmpty() ? List.of(directory) : kustomize.resources();
    List<String> files = roots.stream().flatMap(root -> behind(root).stream()).toList();
    if (!online && needsMore(work, kustomize, roots, files, outcome)) {
      return outcome;
    }
    Path scratch = Files.createTempDirectory("entrepot-kustomize");
    try {
      ToolRun run = build(kustomize, roots, files, scratch);
      if (run.status() != 0) {
        String message = run.errors().replace(scratch.toString(), directory);
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
      String output = Substitution.of(kustomize.substitutions()).in(run.output());
      for (String document : ManifestReader.documents(output)) {
        ManifestReader.read(document, origin, kustomize.namespace(), outcome);
      }
    } catch (ToolException e) {
      outcome.fail(work, e, "tools.kustomize in check.yaml, or install kustomize");
    } finally {
      Scratch.remove(scratch);
    }
    return outcome;
  }

  /** Whether a kustomization refers to what is not in the tree; each reference is a failure. */
  private boolean needsMore(
      Assignment work,
      Kustomize kustomize,
      List<String> roots,
      List<String> files,
      Outcome outcome) {
    List<ScalarSite> remotes =
        roots.stream().flatMap(root -> kustomizations.remotes(root).stream()).toList();
    for (ScalarSite remote : remotes) {
      String file =
          files.stream()
              .filter(each -> sources.file(each).source() == remote.source())
              .findFirst()
              .orElse(files.getFirst());
      outcome.failures.add(
          Failure.of(
              work.target(),
              FilePosition.of(file, remote.line()),
              "%s needs %s, which is not in the tree".formatted(kustomize.name(), remote.value()),
              "vendor it below the tree, or check with --online"));
    }
    return !remotes.isEmpty();
  }

  private ToolRun build(Kustomize kustomize, List<String> roots, List<String> files, Path scratch)
      throws ToolException, IOException {
    boolean charts =
        files.stream().anyMatch(file -> sources.file(file).text().contains("helmChart"));
    if (kustomize.overlay() == null && kustomize.resources().isEmpty()) {
      String directory = kustomize.directory();
      return build.run(directory.isEmpty() ? "." : directory, true, charts);
    }
    overlay(scratch, roots, kustomize.overlay());
    return build.run(scratch.toString(), false, charts);
  }

  /**
   * A kustomization that lays more over resources of the tree, which themselves stay as they are.
   */
  private void overlay(Path scratch, List<String> resources, @Nullable String overlay)
      throws IOException {
    Path real = scratch.toRealPath();
    List<String> names = new ArrayList<>();
    for (String resource : resources) {
      Path relative = real.relativize(sources.resolve(resource).toRealPath());
      names.add("\"" + relative.toString().replace('\\', '/') + "\"");
    }
    String rest = overlay == null ? "}" : "," + overlay.strip().substring(1);
    Files.writeString(
        scratch.resolve("kustomization.yaml"),
        "{\"resources\":[%s]%s".formatted(String.join(",", names), rest),
        UTF_8);
  }

  /** The files behind a resource of the tree. */
  private List<String> behind(String resource) {
    return sources.isDirectory(resource) ? kustomizations.files(resource) : List.of(resource);
  }
}
