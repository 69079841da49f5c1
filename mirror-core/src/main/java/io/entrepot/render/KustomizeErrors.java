package io.entrepot.render;

import io.entrepot.render.RenderEntry.Kustomize;
import io.entrepot.render.Rendering.Failure;
import io.entrepot.text.FilePosition;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads what kustomize says when it refuses: which kustomization, which line. */
final class KustomizeErrors {

  private static final Pattern QUOTED = Pattern.compile("['\"]([^'\"\\s]+)['\"]");
  private static final Pattern YAML_FILE = Pattern.compile("[A-Za-z0-9_.-]+\\.ya?ml");

  private final Sources sources;

  KustomizeErrors(Sources sources) {
    this.sources = sources;
  }

  /**
   * The failure of a kustomization.
   *
   * @param files those behind it, its own first
   */
  Failure failure(Assignment work, Kustomize kustomize, List<String> files, String message) {
    return new Failure(
        work.target(),
        position(files, message),
        HelmErrors.reason(message),
        kustomize.name() + " does not build: " + message,
        "correct the paths and names in the kustomization");
  }

  /** Where a kustomization names what the message complains about; else the first file. */
  private FilePosition position(List<String> files, String message) {
    List<String> kustomizations =
        files.stream().filter(file -> file.contains("ustomization")).toList();
    for (String word : words(message)) {
      String name = word.substring(word.lastIndexOf('/') + 1);
      for (String file : kustomizations) {
        int line = sources.file(file).lineOf(name);
        if (line > 0) {
          return FilePosition.of(file, line);
        }
      }
    }
    return FilePosition.of(files.getFirst());
  }

  private static List<String> words(String message) {
    return Stream.concat(
            QUOTED.matcher(message).results().map(hit -> hit.group(1)),
            YAML_FILE.matcher(message).results().map(hit -> hit.group()))
        .filter(word -> word.length() > 3 && !word.startsWith("kustomization"))
        .toList();
  }
}
