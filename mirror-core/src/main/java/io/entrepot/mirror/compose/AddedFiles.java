package io.entrepot.mirror.compose;

import io.entrepot.mirror.compose.Composition.Addition;
import io.entrepot.mirror.compose.Composition.FromFile;
import io.entrepot.mirror.compose.Composition.FromImage;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.verify.ForeignProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The one layer that a composition puts on its base, for one platform: what is taken is found, its
 * place on the base is found, and what may not run there is refused.
 */
final class AddedFiles {

  /** Unpacked bytes of one platform's files. */
  private static final long MAX_BYTES = 256L << 20;

  private static final int MAX_DEPTH = 64;
  private static final int MAX_FILES = 100_000;

  /** A member of the layer; a folder has no bytes. */
  record Member(int mode, Optional<byte[]> bytes) {}

  /** An image's tree, and how its files are read. */
  record Source(FileTree tree, Reader reader) {}

  /** Reads files of an image. */
  interface Reader {
    Map<FileTree.Content, byte[]> read(Set<FileTree.Content> wanted, long most) throws IOException;
  }

  private final FileTree base;
  private final Platform platform;
  private final SortedMap<String, Member> members = new TreeMap<>();
  private long bytes;

  private AddedFiles(FileTree base, Platform platform) {
    this.base = base;
    this.platform = platform;
  }

  /**
   * The members by their paths, sorted; folders that the base lacks are among them.
   *
   * @throws ComposeException for what is not there, leaves its image, or runs elsewhere only
   */
  static SortedMap<String, Member> of(
      List<Addition> additions,
      FileTree base,
      Platform platform,
      Function<ImageReference, Source> sources)
      throws IOException {
    AddedFiles files = new AddedFiles(base, platform);
    for (Addition addition : additions) {
      switch (addition) {
        case FromImage from -> files.add(from, sources.apply(from.image()));
        case FromFile from -> files.add(from);
      }
    }
    return files.members;
  }

  private void add(FromImage from, Source source) throws IOException {
    FileTree tree = source.tree();
    String path =
        tree.find(from.path())
            .orElseThrow(
                () ->
                    ComposeException.wrong(
                        from.position(),
                        "%s has no %s on %s, or it leads out of the image"
                            .formatted(from.image(), from.path(), platform)));
    SortedMap<String, FileTree.Node> taken = new TreeMap<>();
    collect(tree, path, "", 0, taken, from);
    Set<FileTree.Content> wanted = new HashSet<>();
    taken
        .values()
        .forEach(
            node -> {
              if (node instanceof FileTree.Content content) {
                wanted.add(content);
              }
            });
    Map<FileTree.Content, byte[]> contents = source.reader().read(wanted, MAX_BYTES - bytes);
    boolean folder = taken.get("") instanceof FileTree.Folder;
    String to = place(from, lastPart(from.path()), folder);
    for (Map.Entry<String, FileTree.Node> each : taken.entrySet()) {
      String where = each.getKey().isEmpty() ? to : FileTree.child(to, each.getKey());
      switch (each.getValue()) {
        case FileTree.Folder(int mode) -> putFolder(where, mode);
        case FileTree.Content content -> {
          byte[] found = contents.get(content);
          if (found == null) {
            throw new IOException("%s: %s could not be read".formatted(from.image(), where));
          }
          putFile(where, content.mode(), found, from, from.image().toString());
        }
        case FileTree.Link _, FileTree.Other _ ->
            throw new IllegalStateException("not collected: " + where);
      }
    }
  }

  /** A file or folder with all below it, links followed. */
  private void collect(
      FileTree tree,
      String path,
      String as,
      int depth,
      Map<String, FileTree.Node> taken,
      FromImage from) {
    if (depth > MAX_DEPTH || taken.size() > MAX_FILES) {
      throw ComposeException.wrong(
          from.position(), "%s of %s has no end".formatted(from.path(), from.image()));
    }
    FileTree.Node node = tree.at(path).orElseThrow();
    if (node instanceof FileTree.Other) {
      throw ComposeException.wrong(
          from.position(), "/%s of %s is no regular file".formatted(path, from.image()));
    }
    taken.put(as, node);
    if (node instanceof FileTree.Folder) {
      for (String name : tree.names(path)) {
        String child = FileTree.child(path, name);
        String real =
            tree.find(child)
                .orElseThrow(
                    () ->
                        ComposeException.wrong(
                            from.position(),
                            "/%s of %s is a link to what is not in the image"
                                .formatted(child, from.image())));
        collect(tree, real, FileTree.child(as, name), depth + 1, taken, from);
      }
    }
  }

  private void add(FromFile from) throws IOException {
    boolean folder = Files.isDirectory(from.file());
    String name = String.valueOf(from.file().getFileName());
    String to = place(from, name, folder);
    if (!folder) {
      putLocal(to, from.file(), from);
      return;
    }
    Path root = from.file().toRealPath();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted().toList()) {
        if (!file.toRealPath().startsWith(root)) {
          throw ComposeException.wrong(
              from.position(), "%s is a link that leads out of %s".formatted(file, root));
        }
        String below = root.relativize(file).toString().replace('\\', '/');
        String where = below.isEmpty() ? to : FileTree.child(to, below);
        if (Files.isDirectory(file)) {
          putFolder(where, 0755);
        } else {
          putLocal(where, file, from);
        }
      }
    }
  }

  private void putLocal(String where, Path file, FromFile from) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw ComposeException.wrong(from.position(), "%s is no regular file".formatted(file));
    }
    if (Files.size(file) > MAX_BYTES - bytes) {
      throw ComposeException.refused(
          from.position(), "%s: more than %d bytes are added".formatted(file, MAX_BYTES));
    }
    OptionalInt mode = from.mode();
    int usual = Files.isExecutable(file) ? 0755 : 0644;
    putFile(where, mode.orElse(usual), Files.readAllBytes(file), from, file.toString());
  }

  /** Where something goes: into a folder that is there, else to the very path. */
  private String place(Addition addition, String name, boolean folder) {
    String real =
        base.place(addition.to())
            .orElseThrow(
                () ->
                    ComposeException.wrong(
                        addition.position(),
                        "%s cannot be written: a file or a loop of links stands in the way"
                            .formatted(addition.to())));
    Member made = members.get(real);
    boolean into =
        real.isEmpty()
            || (made != null
                ? made.bytes().isEmpty()
                : base.at(real).orElse(null) instanceof FileTree.Folder)
            || (!folder && addition.to().endsWith("/"));
    return into ? FileTree.child(real, name) : real;
  }

  private void putFolder(String where, int mode) {
    parents(where);
    Member made = members.get(where);
    boolean there = base.at(where).orElse(null) instanceof FileTree.Folder;
    if (!there && (made == null || made.bytes().isPresent())) {
      members.put(where, new Member(mode, Optional.empty()));
    }
  }

  private void putFile(String where, int mode, byte[] content, Addition addition, String from) {
    byte[] head = Arrays.copyOf(content, Math.min(content.length, ForeignProgram.HEAD_BYTES));
    Optional<String> foreign = ForeignProgram.of(head, platform);
    if (foreign.isPresent()) {
      throw ComposeException.refused(
          addition.position(),
          "/%s of %s is %s, which does not run on %s"
              .formatted(where, from, foreign.get(), platform));
    }
    String name = where.substring(where.lastIndexOf('/') + 1);
    if (name.startsWith(".wh.")) {
      throw ComposeException.wrong(
          addition.position(),
          "/%s would take a file away: names with .wh. are not added".formatted(where));
    }
    bytes += content.length;
    parents(where);
    members.put(where, new Member(mode, Optional.of(content)));
  }

  /** Folders above that neither the base nor the layer has. */
  private void parents(String where) {
    Map<String, Member> missing = new HashMap<>();
    for (String above = FileTree.parent(where); !above.isEmpty(); above = FileTree.parent(above)) {
      if (!members.containsKey(above)
          && !(base.at(above).orElse(null) instanceof FileTree.Folder)) {
        missing.put(above, new Member(0755, Optional.empty()));
      }
    }
    members.putAll(missing);
  }

  private static String lastPart(String path) {
    String trimmed = path.replaceAll("/+$", "");
    return trimmed.substring(trimmed.lastIndexOf('/') + 1);
  }
}
