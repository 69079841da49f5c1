package io.entrepot.render;

import io.entrepot.concurrent.Parallel;
import io.entrepot.render.RenderEntry.Manifests;
import io.entrepot.render.Rendering.Failure;
import io.entrepot.render.Sources.SourceFile;
import io.entrepot.text.FilePosition;
import io.entrepot.text.Glob;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.YamlScanner;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads manifests as they stand. */
final class StandingFiles {

  private final Sources sources;

  StandingFiles(Sources sources) {
    this.sources = sources;
  }

  Outcome read(Assignment work, Manifests manifests) throws IOException {
    Outcome outcome = new Outcome();
    List<String> files = new ArrayList<>();
    for (String glob : manifests.globs()) {
      List<String> found = sources.matching(glob);
      if (found.isEmpty()) {
        outcome.fail(work, "no file fits %s".formatted(glob), "correct the pattern");
      }
      files.addAll(found);
    }
    List<Glob> excluded = manifests.excluded().stream().map(Glob::of).toList();
    Parallel.map(
            files.stream()
                .distinct()
                .filter(Sources::isYaml)
                .filter(file -> excluded.stream().noneMatch(glob -> glob.matches(file)))
                .toList(),
            file -> read(work, manifests, file))
        .forEach(outcome::add);
    return outcome;
  }

  private Outcome read(Assignment work, Manifests manifests, String path) {
    Outcome outcome = new Outcome();
    SourceFile file = sources.file(path);
    if (file.problem() != null) {
      // A chart's templates are no YAML; their images come from values.
      if (!file.isTemplate() || !("/" + path).contains("/templates/")) {
        outcome.failures.add(
            Failure.of(
                work.target(),
                FilePosition.of(path, file.line()),
                "not readable as YAML: " + file.problem(),
                "correct the file"));
      }
      return outcome;
    }
    if (OwnFile.is(path.substring(path.lastIndexOf('/') + 1), file.documents())) {
      return outcome;
    }
    Origin origin =
        new Origin(work.target(), work.cluster(), manifests, path, path, true, List.of(path));
    for (SourceNode document : file.documents()) {
      Optional<ScalarSite> doubled = YamlScanner.doubledKey(document);
      if (doubled.isPresent()) {
        outcome.failures.add(
            Failure.of(
                work.target(),
                FilePosition.of(path, doubled.get().line()),
                "the key '%s' stands twice in one map; parsers differ on which one counts"
                    .formatted(doubled.get().value()),
                "remove one of them"));
      }
      ManifestReader.accept(document, origin, manifests.namespace(), outcome);
    }
    return outcome;
  }
}
