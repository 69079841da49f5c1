package io.entrepot.pin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The tree around the files that are pinned: git's working tree, else the directories that were
 * named. What it builds decides what may be written, also where a part of it alone was named.
 *
 * @param root real; above every part
 * @param parts directories that belong to the tree, real
 * @param kustomizations files, real
 * @param objects files with objects of Argo CD or Flux, real
 * @param yaml all its YAML files, real, sorted
 */
record WholeTree(
    Path root, List<Path> parts, List<Path> kustomizations, List<Path> objects, List<Path> yaml) {

  /** Beyond it what lies around the named files is not looked at. */
  private static final int MOST_FILES = 200_000;

  private static final int MOST_BYTES = 16 << 20;

  private static final Set<String> KUSTOMIZATIONS =
      Set.of("kustomization.yaml", "kustomization.yml", "kustomization");

  /**
   * The tree around files and directories.
   *
   * @throws IOException if a directory cannot be read
   */
  static WholeTree around(List<Path> named) throws IOException {
    Set<Path> directories = new LinkedHashSet<>();
    for (Path path : named) {
      Path real = path.toRealPath();
      directories.add(Files.isDirectory(real) ? real : parent(real));
    }
    Set<Path> repositories = new LinkedHashSet<>();
    for (Path directory : directories) {
      Path repository = repository(directory);
      repositories.add(repository == null ? directory : repository);
    }
    List<Path> parts = outermost(repositories);
    List<Path> yaml = yaml(parts);
    if (yaml == null) {
      parts = outermost(directories);
      yaml = yaml(parts);
    }
    List<Path> files = yaml == null ? List.of() : yaml;
    List<Path> objects = files.parallelStream().filter(WholeTree::deploys).toList();
    List<Path> kustomizations = files.stream().filter(WholeTree::isKustomization).toList();
    return new WholeTree(above(parts), parts, kustomizations, objects, files);
  }

  static boolean isKustomization(Path file) {
    return KUSTOMIZATIONS.contains(String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT));
  }

  /** The directory above with a {@code .git}, or null. */
  static @Nullable Path repository(Path directory) {
    Path at = directory;
    while (at != null && !Files.exists(at.resolve(".git"))) {
      at = at.getParent();
    }
    return at;
  }

  /** A file's path below the root, with {@code /} between its parts. */
  String relative(Path file) {
    return root.relativize(file).toString().replace('\\', '/');
  }

  private static Path parent(Path path) {
    Path parent = path.getParent();
    return parent == null ? path : parent;
  }

  private static List<Path> outermost(Set<Path> directories) {
    return directories.stream()
        .filter(
            each ->
                directories.stream()
                    .noneMatch(other -> !other.equals(each) && each.startsWith(other)))
        .toList();
  }

  private static Path above(List<Path> parts) {
    Path root = parts.getFirst();
    for (Path part : parts) {
      while (!part.startsWith(root)) {
        root = parent(root);
      }
    }
    return root;
  }

  /** The YAML files below directories, or null where there are too many files of any kind. */
  private static @Nullable List<Path> yaml(List<Path> directories) throws IOException {
    Set<Path> found = new TreeSet<>();
    int[] seen = {0};
    for (Path start : directories) {
      Files.walkFileTree(
          start,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes a) {
              String name = String.valueOf(directory.getFileName());
              boolean skipped = name.startsWith(".") || name.equals("node_modules");
              return skipped && !directory.equals(start)
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
              if (attributes.isRegularFile()
                  && (name.endsWith(".yaml")
                      || name.endsWith(".yml")
                      || name.equals("kustomization"))) {
                found.add(file);
              }
              return ++seen[0] > MOST_FILES ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              return FileVisitResult.CONTINUE;
            }
          });
    }
    return seen[0] > MOST_FILES ? null : new ArrayList<>(found);
  }

  private static boolean deploys(Path file) {
    try {
      if (Files.size(file) > MOST_BYTES) {
        return false;
      }
      String text = new String(Files.readAllBytes(file), ISO_8859_1);
      return text.contains("argoproj.io/") || text.contains("toolkit.fluxcd.io/");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
