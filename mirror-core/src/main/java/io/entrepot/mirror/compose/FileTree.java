package io.entrepot.mirror.compose;

import io.entrepot.oci.Descriptor;
import io.entrepot.verify.ImageContent;
import io.entrepot.verify.LayerFiles;
import io.entrepot.verify.TarReader;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The file system that an image shows: its layers on each other, with what they take away
 * (image-spec 1.1, layer.md). Paths are without a leading slash; the root is the empty path.
 */
final class FileTree {

  /** The limit of the Linux kernel (path_resolution(7)). */
  private static final int MAX_LINKS = 40;

  /** Names of this many characters, in all, are kept. */
  private static final long MAX_NAMES = 256L << 20;

  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";

  /** What lies at a path. */
  sealed interface Node {}

  /** A folder. */
  record Folder(int mode) implements Node {}

  /** A symbolic link, its target as written. */
  record Link(String target) implements Node {}

  /**
   * A file.
   *
   * @param layer its number, from the lowest
   * @param member the number of the member in that layer that holds the content
   */
  record Content(int layer, int member, long size, int mode) implements Node {}

  /** A device or the like, or a file with holes. */
  record Other() implements Node {}

  private final NavigableMap<String, Node> nodes = new TreeMap<>();
  private final List<Descriptor> layers;
  private long names;

  private FileTree(List<Descriptor> layers) {
    this.layers = List.copyOf(layers);
  }

  /** Reads the names of all files of an image. */
  static FileTree of(ImageContent content, List<Descriptor> layers) throws IOException {
    FileTree tree = new FileTree(layers);
    for (int i = 0; i < layers.size(); i++) {
      tree.lay(content, i);
    }
    return tree;
  }

  private void lay(ImageContent content, int number) throws IOException {
    Descriptor layer = layers.get(number);
    if (layer.isForeign()) {
      throw new IOException("layer %s is a foreign one".formatted(layer.digest()));
    }
    Map<String, Node> put = new HashMap<>();
    Set<String> removed = new HashSet<>();
    Set<String> emptied = new HashSet<>();
    int[] count = {0};
    content.read(
        layer,
        blob -> {
          LayerFiles.each(
              blob,
              layer.size(),
              (entry, tar) -> take(entry, count[0]++, number, put, removed, emptied));
          return number;
        });
    removed.forEach(this::remove);
    emptied.forEach(folder -> below(folder).forEach(nodes::remove));
    // Parents before what is below them: a file in place of a folder takes the folder away.
    new TreeMap<>(put).forEach(this::put);
  }

  private void take(
      TarReader.Entry entry,
      int member,
      int layer,
      Map<String, Node> put,
      Set<String> removed,
      Set<String> emptied)
      throws IOException {
    String path = normal(entry.name());
    if (path == null || path.isEmpty()) {
      return;
    }
    names += path.length() + 64L;
    if (names > MAX_NAMES) {
      throw new IOException("the names of its files take too much memory");
    }
    String parent = parent(path);
    String base = path.substring(parent.isEmpty() ? 0 : parent.length() + 1);
    if (base.equals(OPAQUE)) {
      emptied.add(parent);
    } else if (base.startsWith(WHITEOUT)) {
      if (!base.startsWith(WHITEOUT + WHITEOUT)) {
        removed.add(child(parent, base.substring(WHITEOUT.length())));
      }
    } else {
      put.put(path, node(entry, member, layer, put));
    }
  }

  private Node node(TarReader.Entry entry, int member, int layer, Map<String, Node> put) {
    return switch (entry.type()) {
      case '0' ->
          entry.sparse() ? new Other() : new Content(layer, member, entry.size(), entry.mode());
      case '1' -> {
        String target = normal(entry.linkName());
        Node original = target == null ? null : put.getOrDefault(target, nodes.get(target));
        yield original instanceof Content ? original : new Other();
      }
      case '2' -> new Link(entry.linkName());
      case '5' -> new Folder(entry.mode());
      default -> new Other();
    };
  }

  private void put(String path, Node node) {
    // A layer that writes below a link of a lower layer writes to where the link leads.
    String where = child(through(parent(path)), path.substring(path.lastIndexOf('/') + 1));
    for (String above = parent(where); !above.isEmpty(); above = parent(above)) {
      if (!(nodes.get(above) instanceof Folder)) {
        nodes.put(above, new Folder(0755));
      }
    }
    Node former = nodes.get(where);
    if (former instanceof Folder && !(node instanceof Folder)) {
      remove(where);
    }
    nodes.put(where, node);
  }

  private String through(String folder) {
    Optional<String> real = folder.isEmpty() ? Optional.of("") : follow(folder, false);
    return real.filter(path -> nodes.get(path) instanceof Folder).orElse(folder);
  }

  private void remove(String path) {
    nodes.remove(path);
    below(path).forEach(nodes::remove);
  }

  private List<String> below(String folder) {
    return folder.isEmpty()
        ? List.copyOf(nodes.keySet())
        : List.copyOf(nodes.subMap(folder + "/", true, folder + "0", false).keySet());
  }

  /** What lies at a real path. */
  Optional<Node> at(String path) {
    return path.isEmpty() ? Optional.of(new Folder(0755)) : Optional.ofNullable(nodes.get(path));
  }

  /** The names of what lies directly in a folder. */
  List<String> names(String folder) {
    return below(folder).stream()
        .map(path -> folder.isEmpty() ? path : path.substring(folder.length() + 1))
        .filter(name -> name.indexOf('/') < 0)
        .toList();
  }

  /**
   * Where a path really lies, links followed; empty where nothing is there, where links go round,
   * and where one climbs out of the image.
   */
  Optional<String> find(String path) {
    return follow(path, false).filter(real -> at(real).isPresent());
  }

  /**
   * Where a path would lie, links followed as the kernel does: what climbs out stays at the root,
   * and what is not there is taken as it is written. Empty where a file stands in the way.
   */
  Optional<String> place(String path) {
    return follow(path, true);
  }

  private Optional<String> follow(String path, boolean write) {
    Deque<String> rest = parts(path);
    String current = "";
    int links = 0;
    while (!rest.isEmpty()) {
      String part = rest.removeFirst();
      if (part.equals("..")) {
        if (current.isEmpty() && !write) {
          return Optional.empty();
        }
        current = parent(current);
        continue;
      }
      String next = child(current, part);
      switch (nodes.get(next)) {
        case Link(String target) -> {
          if (++links > MAX_LINKS) {
            return Optional.empty();
          }
          current = target.startsWith("/") ? "" : current;
          Deque<String> way = parts(target);
          while (!way.isEmpty()) {
            rest.addFirst(way.removeLast());
          }
        }
        case null -> {
          if (!write) {
            return Optional.empty();
          }
          current = next;
        }
        case Folder _ -> current = next;
        case Content _, Other _ -> {
          if (!rest.isEmpty()) {
            return Optional.empty();
          }
          current = next;
        }
      }
    }
    return Optional.of(current);
  }

  /**
   * The contents of some files, each layer that holds one of them read once.
   *
   * @throws IOException where there are more than {@code most} bytes in all
   */
  Map<Content, byte[]> read(ImageContent content, Set<Content> wanted, long most)
      throws IOException {
    long size = wanted.stream().mapToLong(Content::size).sum();
    if (size > most) {
      throw new IOException("%d bytes are taken; at most %d are".formatted(size, most));
    }
    Map<Content, byte[]> found = new HashMap<>();
    for (int i = 0; i < layers.size(); i++) {
      Map<Integer, List<Content>> members = new HashMap<>();
      for (Content each : wanted) {
        if (each.layer() == i) {
          members.computeIfAbsent(each.member(), _ -> new ArrayList<>()).add(each);
        }
      }
      if (!members.isEmpty()) {
        read(content, layers.get(i), members, found);
      }
    }
    return found;
  }

  private static void read(
      ImageContent content,
      Descriptor layer,
      Map<Integer, List<Content>> members,
      Map<Content, byte[]> found)
      throws IOException {
    int[] count = {0};
    content.read(
        layer,
        blob -> {
          LayerFiles.each(
              blob,
              layer.size(),
              (entry, tar) -> {
                List<Content> here = members.get(count[0]++);
                if (here != null) {
                  byte[] bytes = tar.head(Math.toIntExact(entry.size()));
                  here.forEach(each -> found.put(each, bytes));
                }
              });
          return layer;
        });
  }

  static String child(String folder, String name) {
    return folder.isEmpty() ? name : folder + "/" + name;
  }

  static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "" : path.substring(0, slash);
  }

  /** The path in its simplest form, or null where it climbs: no runtime unpacks such an entry. */
  private static @Nullable String normal(String name) {
    Deque<String> parts = parts(name);
    return parts.contains("..") ? null : String.join("/", parts);
  }

  private static Deque<String> parts(String path) {
    Deque<String> parts = new ArrayDeque<>();
    for (String part : path.split("/", -1)) {
      if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return parts;
  }
}
