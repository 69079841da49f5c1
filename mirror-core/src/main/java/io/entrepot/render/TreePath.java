package io.entrepot.render;

import java.util.ArrayList;
import java.util.List;

/** Paths below the root of a tree, as text with {@code /} between their parts. */
final class TreePath {

  private TreePath() {}

  /** A path of the tree without {@code ./}, {@code ..} and doubled slashes. */
  static String tidy(String path) {
    List<String> parts = new ArrayList<>();
    for (String part : path.split("/", -1)) {
      if (part.equals("..") && !parts.isEmpty() && !parts.getLast().equals("..")) {
        parts.removeLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    return String.join("/", parts);
  }

  /**
   * A path below a directory, which may be absolute and is empty for the root.
   *
   * @param path without {@code ./}, {@code ..} and doubled slashes in the result
   */
  static String below(String directory, String path) {
    String tidy = tidy(path);
    return directory.isEmpty() ? tidy : tidy.isEmpty() ? directory : directory + "/" + tidy;
  }

  /** A path as something in a directory writes it; {@code ..} may lead out of the directory. */
  static String beside(String directory, String path) {
    return directory.isEmpty() ? path : directory + "/" + path;
  }

  /** The directory that a path lies in; empty for the root. */
  static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "" : path.substring(0, slash);
  }

  /** The last part of a path. */
  static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
