package io.entrepot.verify;

import io.entrepot.oci.Descriptor;
import io.entrepot.verify.LayerIndex.Directory;
import io.entrepot.verify.LayerIndex.HardLink;
import io.entrepot.verify.LayerIndex.Node;
import io.entrepot.verify.LayerIndex.RegularFile;
import io.entrepot.verify.LayerIndex.Special;
import io.entrepot.verify.LayerIndex.SymbolicLink;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The file system of an image: layers on each other, each read only when a path leads to it. */
final class LayerStack {

  /** The limit of the Linux kernel (path_resolution(7)). */
  private static final int MAX_LINKS = 40;

  /** Characters of a path after links were followed; the kernel's {@code PATH_MAX}. */
  private static final int MAX_PATH = 4096;

  /**
   * Bytes of memory, about, that the names of all files of an image may take: 256 MiB, and no more
   * than a third of what the program has.
   */
  private static final long NAMES_BUDGET =
      Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 3);

  private final ImageContent content;
  private final List<Descriptor> layers;
  private final boolean ignoreCase;
  private final Map<Integer, LayerIndex> read = new HashMap<>();
  private long cost;

  /**
   * @param layers the lowest first
   */
  LayerStack(ImageContent content, List<Descriptor> layers, boolean ignoreCase) {
    this.content = content;
    this.layers = layers;
    this.ignoreCase = ignoreCase;
  }

  /** A layer that could not be listed. */
  static final class UnreadableLayer extends IOException {

    private static final long serialVersionUID = 1L;

    final transient Descriptor layer;
    final boolean broken;

    UnreadableLayer(Descriptor layer, LayerException cause) {
      super("layer %s: %s".formatted(layer.digest(), cause.getMessage()), cause);
      this.layer = layer;
      this.broken = cause.isBroken();
    }
  }

  /**
   * What a path led to.
   *
   * @param path where the file really lies, with a leading slash
   * @param program null where there is no file
   * @param why what is there instead, empty for a file
   */
  record Resolution(String path, @Nullable Program program, String why) {}

  private record Found(Node node, int layer) {}

  /** Follows a path from the root through links. */
  Resolution resolve(String path) throws IOException {
    Deque<String> rest = parts(path);
    String current = "";
    int links = 0;
    while (!rest.isEmpty()) {
      String part = rest.removeFirst();
      if (part.equals("..")) {
        current = parent(current);
        continue;
      }
      String next = LayerIndex.child(current, part);
      if (next.length() > MAX_PATH) {
        return new Resolution("/" + part, null, "its path is too long");
      }
      Found found = find(next, layers.size() - 1);
      if (found != null && found.node() instanceof SymbolicLink && !rest.isEmpty()) {
        // A layer that writes below a link of a lower layer writes to where the link leads.
        Found written = above(next + "/" + String.join("/", rest), found.layer());
        if (written != null) {
          found = written;
          next = next + "/" + String.join("/", rest);
          rest.clear();
        }
      }
      if (found != null && found.node() instanceof HardLink) {
        found = original(found);
      }
      switch (found == null ? null : found.node()) {
        case null -> {
          return new Resolution("/" + next, null, "/" + next + " is not in the image");
        }
        case Directory directory -> current = next;
        case SymbolicLink(String target) -> {
          if (++links > MAX_LINKS) {
            return new Resolution("/" + next, null, "/" + next + " is a loop of links");
          }
          current = target.startsWith("/") ? "" : current;
          Deque<String> way = parts(target);
          while (!way.isEmpty()) {
            rest.addFirst(way.removeLast());
          }
        }
        case RegularFile(Program program) -> {
          return rest.isEmpty()
              ? new Resolution("/" + next, program, "")
              : new Resolution("/" + next, null, "/" + next + " is a file, not a directory");
        }
        case Special special -> {
          return new Resolution("/" + next, null, "/" + next + " is not a regular file");
        }
        case HardLink link -> {
          return new Resolution("/" + next, null, "/" + next + " is a link to what is not there");
        }
      }
    }
    return new Resolution("/" + current, null, "/" + current + " is a directory");
  }

  /** Looks from layer {@code top} downwards. */
  private @Nullable Found find(String path, int top) throws IOException {
    int implied = -1;
    for (int i = top; i >= 0; i--) {
      LayerIndex layer = layer(i);
      Node node = layer.at(path);
      if (node != null) {
        boolean directory = implied >= 0 && !(node instanceof SymbolicLink);
        return directory ? new Found(Directory.DIRECTORY, implied) : new Found(node, i);
      }
      if (implied < 0 && layer.implies(path)) {
        implied = i;
      }
      if (layer.hides(path)) {
        break;
      }
    }
    return implied >= 0 ? new Found(Directory.DIRECTORY, implied) : null;
  }

  private @Nullable Found above(String path, int layer) throws IOException {
    for (int i = layers.size() - 1; i > layer; i--) {
      Node node = layer(i).at(path);
      if (node != null) {
        return new Found(node, i);
      }
      if (layer(i).hides(path)) {
        return null;
      }
    }
    return null;
  }

  /** The file a hard link names: the content as it was when the link's layer was packed. */
  private Found original(Found link) throws IOException {
    Found found = link;
    for (int i = 0; i < MAX_LINKS && found.node() instanceof HardLink(String target); i++) {
      Found next = find(target, found.layer());
      if (next == null) {
        return found;
      }
      found = next;
    }
    return found;
  }

  private LayerIndex layer(int i) throws IOException {
    LayerIndex known = read.get(i);
    if (known != null) {
      return known;
    }
    Descriptor layer = layers.get(i);
    if (layer.isForeign()) {
      throw new UnreadableLayer(
          layer, LayerException.notRead("a foreign layer, which the registry need not hold"));
    }
    if (layer.mediaType().value().endsWith("+encrypted")) {
      throw new UnreadableLayer(layer, LayerException.notRead("it is encrypted"));
    }
    LayerIndex index;
    try {
      index =
          content.read(
              layer, blob -> LayerIndex.read(blob, layer.size(), ignoreCase, NAMES_BUDGET - cost));
    } catch (LayerException e) {
      boolean tar = layer.mediaType().value().contains("tar");
      throw new UnreadableLayer(
          layer,
          tar || !e.isBroken()
              ? e
              : LayerException.notRead("no layer of files (%s)".formatted(layer.mediaType())));
    }
    cost += index.cost();
    read.put(i, index);
    return index;
  }

  private static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "" : path.substring(0, slash);
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
