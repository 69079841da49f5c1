package io.entrepot.pin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * Real files of other people, which are not part of the project.
 *
 * <p>Where they are: the environment variable {@code ENTREPOT_CORPUS}, else {@code
 * ../shared/corpus} beside the repository. Where they are missing, the tests that need them are
 * skipped and say so.
 */
final class Corpus {

  private static final Path SITES = Path.of("tests", "pin", "sites.tsv");

  private Corpus() {}

  /** The corpus; without it the test that asks is not run. */
  static Path require() {
    String named = System.getenv("ENTREPOT_CORPUS");
    if (named != null) {
      // Whoever names one wants it read.
      assertThat(Path.of(named)).as("ENTREPOT_CORPUS").isDirectory();
      return Path.of(named);
    }
    Path beside = repository().resolveSibling("shared").resolve("corpus");
    if (!Files.isDirectory(beside)) {
      String message =
          "CORPUS TESTS NOT RUN: there is no %s; ENTREPOT_CORPUS names another place"
              .formatted(beside);
      System.getLogger(Corpus.class.getName()).log(System.Logger.Level.WARNING, message);
      throw new TestAbortedException(message);
    }
    return beside;
  }

  /** The list of the corpus's image sites. */
  static Path sites() {
    return repository().resolve(SITES);
  }

  /** The repository around the working directory, which may be its root or a module's folder. */
  static Path repository() {
    return around(Path.of("").toAbsolutePath());
  }

  static Path around(Path start) {
    @Nullable Path here = start;
    while (here != null && !Files.exists(here.resolve(SITES))) {
      here = here.getParent();
    }
    return Objects.requireNonNull(here, "no directory with %s around %s".formatted(SITES, start));
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
