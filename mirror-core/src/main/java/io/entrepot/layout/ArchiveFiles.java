package io.entrepot.layout;

import io.entrepot.verify.TarReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A layout in a tar archive, or in the parts of one. Its headers are read once; nothing is
 * unpacked.
 */
final class ArchiveFiles implements LayoutFiles {

  private static final int BLOCK = 512;
  private static final int MAX_MEMBERS = 1_000_000;

  private record Extent(long offset, long size) {}

  private final PartedFile file;
  private final Map<String, Extent> members = new TreeMap<>();

  private ArchiveFiles(PartedFile file) {
    this.file = file;
  }

  /** Opens an archive and looks at the names of all of its members. */
  static ArchiveFiles open(Path path, String layout) throws IOException {
    PartedFile file = PartedFile.open(path, layout);
    try {
      ArchiveFiles files = new ArchiveFiles(file);
      refuseCompressed(file, layout);
      files.readHeaders(layout);
      return files;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static void refuseCompressed(PartedFile file, String layout) throws IOException {
    ByteBuffer magic = ByteBuffer.allocate(4);
    file.read(magic, 0);
    int first = magic.getInt(0);
    boolean gzip = first >>> 16 == 0x1f8b;
    if (gzip || first == 0x28b52ffd) {
      throw LayoutFailure.refused(
              layout, "the archive", "is compressed with " + (gzip ? "gzip" : "zstd"))
          .withRemedy(
              "unpack it first: %s; its layers are compressed anyway"
                  .formatted(gzip ? "gunzip FILE" : "unzstd FILE"));
    }
  }

  private void readHeaders(String layout) throws IOException {
    PartedFile.Stepping stream = file.stream();
    TarReader tar = new TarReader(stream);
    try {
      for (TarReader.Entry entry = tar.next(); entry != null; entry = tar.next()) {
        take(entry, stream.position(), layout);
        stream.moveTo(stream.position() + (entry.type() == '0' ? entry.size() : 0));
        tar.passed();
      }
    } catch (IOException e) {
      throw LayoutFailure.refused(layout, file.next() + ":", String.valueOf(e.getMessage()));
    }
    // The end of a tar archive is written out: without it something is missing behind.
    ByteBuffer end = ByteBuffer.allocate(BLOCK);
    int read = file.size() < BLOCK ? 0 : file.read(end, file.size() - BLOCK);
    if (read < BLOCK || IntStream.range(0, BLOCK).anyMatch(at -> end.get(at) != 0)) {
      throw LayoutFailure.refused(layout, "the archive:", file.next());
    }
  }

  private void take(TarReader.Entry entry, long offset, String layout) {
    String name = plain(entry.name());
    if (name == null) {
      throw LayoutFailure.refused(layout, entry.name(), "climbs out of the archive");
    }
    switch (entry.type()) {
      case '5' -> {}
      case '1', '2' ->
          throw LayoutFailure.refused(layout, name, "is a link to " + entry.linkName());
      case '0' -> {
        if (entry.sparse()) {
          throw LayoutFailure.refused(layout, name, "is a sparse file");
        }
        if (offset + entry.size() > file.size()) {
          throw LayoutFailure.refused(layout, name, "is cut short: " + file.next());
        }
        if (members.size() >= MAX_MEMBERS) {
          throw LayoutFailure.refused(
              layout, "the archive", "has more than %d members".formatted(MAX_MEMBERS));
        }
        if (members.put(name, new Extent(offset, entry.size())) != null) {
          throw LayoutFailure.refused(layout, name, "is there twice");
        }
      }
      default -> throw LayoutFailure.refused(layout, name, "is no plain file");
    }
  }

  /** The name without {@code ./}; null where it climbs. */
  private static @Nullable String plain(String name) {
    StringBuilder plain = new StringBuilder();
    if (name.startsWith("/") || name.indexOf('\\') >= 0) {
      return null;
    }
    for (String part : name.split("/", -1)) {
      if (part.equals("..")) {
        return null;
      }
      if (!part.isEmpty() && !part.equals(".")) {
        plain.append(plain.isEmpty() ? "" : "/").append(part);
      }
    }
    return plain.toString();
  }

  @Override
  public SortedSet<String> blobs() {
    SortedSet<String> names = new TreeSet<>();
    members.keySet().stream().filter(name -> name.startsWith("blobs/")).forEach(names::add);
    return names;
  }

  @Override
  public Optional<Content> open(String name) {
    Extent extent = members.get(name);
    return extent == null ? Optional.empty() : Optional.of(new Member(file, extent));
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private record Member(PartedFile file, Extent extent) implements Content {

    @Override
    public long size() {
      return extent.size();
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      long left = extent.size() - position;
      if (left <= 0) {
        return -1;
      }
      int limit = target.limit();
      target.limit((int) Math.min(limit, target.position() + left));
      int read = file.read(target, extent.offset() + position);
      target.limit(limit);
      return read;
    }

    @Override
    public void close() {}
  }
}
