package io.entrepot.pin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Real files of other people, which are not part of the project.
 *
 * <p>Where they are: the system property or environment variable ENTREPOT_CORPUS, else {@code
 * ../shared/corpus} beside the repository.
 */
final class Corpus {

  private Corpus() {}

  static Optional<Path> root() {
    String named = System.getProperty("ENTREPOT_CORPUS", System.getenv("ENTREPOT_CORPUS"));
    if (named != null) {
      return Optional.of(Path.of(named)).filter(Files::isDirectory);
    }
    Path here = Path.of("").toAbsolutePath();
    while (here != null) {
      Path beside = here.resolveSibling("shared").resolve("corpus");
      if (Files.exists(here.resolve(".git")) && Files.isDirectory(beside)) {
        return Optional.of(beside);
      }
      here = here.getParent();
    }
    return Optional.empty();
  }

  /** Copies every file of the corpus below {@code target}. */
  static List<Path> copy(Path root, Path target) throws IOException {
    try (Stream<Path> walk = Files.walk(root)) {
      List<Path> files = walk.filter(Files::isRegularFile).sorted().toList();
      for (Path file : files) {
        Path copy = target.resolve(root.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
      return files;
    }
  }
}
