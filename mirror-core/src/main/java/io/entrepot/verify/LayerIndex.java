package io.entrepot.verify;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one layer puts into the file system and what it takes away (image-spec 1.1, layer.md).
 *
 * <p>Paths are without leading slash; the root is the empty path.
 */
final class LayerIndex {

  private static final int NAME_COST = 64;

  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";

  private final Map<String, Node> nodes = new HashMap<>();
  private final Set<String> implied = new HashSet<>();
  private final Set<String> removed = new HashSet<>();
  private final Set<String> opaque = new HashSet<>();
  private final boolean ignoreCase;
  private final long budget;
  private long cost;

  private LayerIndex(boolean ignoreCase, long budget) {
    this.ignoreCase = ignoreCase;
    this.budget = budget;
  }

  /** What lies at a path. */
  sealed interface Node {}

  /** A directory. */
  enum Directory implements Node {
    /** Directories have nothing of interest but to be one. */
    DIRECTORY
  }

  /** A device, pipe or the like. */
  enum Special implements Node {
    /** Cannot be run. */
    SPECIAL
  }

  /** A regular file. */
  record RegularFile(Program program) implements Node {}

  /** A symbolic link, its target as written. */
  record SymbolicLink(String target) implements Node {}

  /** Another name of a file in this layer or below. */
  record HardLink(String path) implements Node {}

  /**
   * Reads a layer.
   *
   * @param packedBytes the layer's size as its descriptor says
   * @param ignoreCase whether paths differ by case, as they do everywhere but in Windows
   * @param budget the most memory the names may take, in units of {@link #cost()}
   * @throws LayerException if it is broken, or not of a known kind, or too large
   */
  static LayerIndex read(InputStream blob, long packedBytes, boolean ignoreCase, long budget)
      throws IOException {
    LayerIndex index = new LayerIndex(ignoreCase, budget);
    LayerFiles.each(
        blob,
        packedBytes,
        (entry, tar) -> {
          String path = index.normal(entry.name());
          if (path != null && !path.isEmpty()) {
            index.put(path, entry, tar);
          } else if (path != null && entry.name().endsWith(OPAQUE)) {
            index.opaque.add("");
          }
        });
    return index;
  }

  private void put(String path, TarReader.Entry entry, TarReader tar) throws IOException {
    charge(path);
    charge(entry.linkName());
    int slash = path.lastIndexOf('/');
    String parent = slash < 0 ? "" : path.substring(0, slash);
    String base = path.substring(slash + 1);
    if (base.equals(OPAQUE)) {
      opaque.add(parent);
      return;
    }
    if (base.startsWith(WHITEOUT)) {
      if (!base.startsWith(WHITEOUT + WHITEOUT)) {
        removed.add(child(parent, base.substring(WHITEOUT.length())));
      }
      return;
    }
    Node node =
        switch (entry.type()) {
          case '0' ->
              new RegularFile(
                  entry.sparse() ? Program.Other.SPARSE : Program.of(tar.head(Program.HEAD_BYTES)));
          case '1' -> {
            String target = normal(entry.linkName());
            yield target == null || target.isEmpty() ? Special.SPECIAL : new HardLink(target);
          }
          case '2' -> new SymbolicLink(entry.linkName());
          case '5' -> Directory.DIRECTORY;
          default -> Special.SPECIAL;
        };
    nodes.put(path, node);
    imply(parent);
  }

  private void imply(String directory) throws LayerException {
    String path = directory;
    while (!path.isEmpty() && implied.add(path)) {
      charge(path);
      int slash = path.lastIndexOf('/');
      path = slash < 0 ? "" : path.substring(0, slash);
    }
  }

  /** Names are what a layer keeps in memory, and their number and length are its maker's choice. */
  private void charge(String name) throws LayerException {
    cost += NAME_COST + name.length();
    if (cost > budget) {
      throw LayerException.notRead("the names of its files take too much memory");
    }
  }

  /** Roughly the bytes of memory taken. */
  long cost() {
    return cost;
  }

  /** The path in its simplest form, or null where it climbs: no runtime unpacks such an entry. */
  private @Nullable String normal(String name) {
    Deque<String> parts = new ArrayDeque<>();
    for (String part : name.split("/", -1)) {
      if (part.equals("..")) {
        return null;
      }
      if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    String path = String.join("/", parts);
    return ignoreCase ? path.toLowerCase(Locale.ROOT) : path;
  }

  /** What this layer puts at the path, or null. */
  @Nullable Node at(String path) {
    return nodes.get(path);
  }

  /** Whether the path is a directory because something lies below it. */
  boolean implies(String path) {
    return implied.contains(path);
  }

  /** Whether nothing of the layers below shows at the path. */
  boolean hides(String path) {
    if (removed.contains(path) || opaque.contains("")) {
      return true;
    }
    for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      String ancestor = path.substring(0, slash);
      Node node = nodes.get(ancestor);
      if (removed.contains(ancestor)
          || opaque.contains(ancestor)
          || (node != null && node != Directory.DIRECTORY)) {
        return true;
      }
    }
    return false;
  }

  static String child(String directory, String name) {
    return directory.isEmpty() ? name : directory + "/" + name;
  }
}
