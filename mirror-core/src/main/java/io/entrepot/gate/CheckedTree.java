package io.entrepot.gate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The directories of a check.
 *
 * @param home what paths of the specification are relative to
 * @param root what is judged lies below it: the home, or the directory above everything where a
 *     given path lies outside of it
 * @param paths the given paths, relative to the root
 */
record CheckedTree(Path home, Path root, List<String> paths) {

  /**
   * @throws GateException for a path that is not there, or that lies outside of the root where the
   *     tree is compared with a revision
   */
  static CheckedTree of(GateOptions options) {
    Path home = real(options.root());
    List<Path> given = new ArrayList<>();
    for (Path path : options.paths()) {
      if (!Files.exists(path)) {
        throw new GateException("no such file or directory: " + path, null);
      }
      given.add(real(path));
    }
    Path root = above(home, given);
    if (!root.equals(home) && options.base() != null) {
      throw new GateException("with --base every path must lie below " + home, null);
    }
    List<String> paths = new ArrayList<>();
    for (Path path : given) {
      String relative = root.relativize(path).toString().replace('\\', '/');
      paths.add(relative.isEmpty() ? "." : relative);
    }
    return new CheckedTree(home, root, paths);
  }

  /** Those of the given paths that another tree has too. */
  List<String> pathsBelow(Path other) {
    return paths.stream().filter(path -> Files.exists(other.resolve(path))).toList();
  }

  /** The path with links followed. */
  static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException("%s: %s".formatted(path, e.getMessage()), e);
    }
  }

  private static Path above(Path home, List<Path> given) {
    Path root = home;
    for (Path path : given) {
      boolean inside = path.startsWith(root);
      if (!inside && root.equals(home)) {
        root = Files.isDirectory(path) ? path : parent(path);
      }
      while (!path.startsWith(root)) {
        root = parent(root);
      }
    }
    return root;
  }

  private static Path parent(Path path) {
    Path parent = path.getParent();
    return parent == null ? path : parent;
  }
}
