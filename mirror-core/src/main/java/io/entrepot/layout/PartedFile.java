package io.entrepot.layout;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * One file, or its parts {@code FILE.001}, {@code FILE.002} and so on, read as one. Reading at a
 * position is safe for many threads.
 */
final class PartedFile implements Closeable {

  private record Part(Path path, FileChannel channel, long start, long size) {}

  private final List<Part> parts;
  private final long size;

  private PartedFile(List<Part> parts) {
    this.parts = parts;
    this.size = parts.getLast().start() + parts.getLast().size();
  }

  /** Opens a file, or its parts where there is no file of that name. */
  static PartedFile open(Path file, String layout) throws IOException {
    List<Path> paths = Files.exists(file) ? List.of(file) : List.copyOf(parts(file, layout));
    List<Part> opened = new ArrayList<>();
    long start = 0;
    for (Path path : paths) {
      FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
      opened.add(new Part(path, channel, start, channel.size()));
      start += channel.size();
    }
    return new PartedFile(opened);
  }

  /** The name of a part, counted from 1. */
  static Path part(Path file, int number) {
    return file.resolveSibling("%s.%03d".formatted(file.getFileName(), number));
  }

  /** The parts that lie beside a file's name, by number. */
  static SortedMap<Integer, Path> present(Path file) throws IOException {
    TreeMap<Integer, Path> numbered = new TreeMap<>();
    Path directory = Objects.requireNonNull(file.toAbsolutePath().getParent());
    String prefix = file.getFileName() + ".";
    if (!Files.isDirectory(directory)) {
      return numbered;
    }
    try (Stream<Path> siblings = Files.list(directory)) {
      siblings.forEach(
          each -> {
            String name = String.valueOf(each.getFileName());
            if (name.startsWith(prefix) && name.substring(prefix.length()).matches("[0-9]{3,6}")) {
              numbered.put(Integer.parseInt(name.substring(prefix.length())), each);
            }
          });
    }
    return numbered;
  }

  private static List<Path> parts(Path file, String layout) throws IOException {
    SortedMap<Integer, Path> numbered = present(file);
    if (numbered.isEmpty()) {
      throw new NoSuchFileException(file.toString());
    }
    for (int number = 1; number <= numbered.lastKey(); number++) {
      if (!numbered.containsKey(number)) {
        throw LayoutFailure.refused(
            layout, String.valueOf(part(file, number).getFileName()), "is missing");
      }
    }
    return List.copyOf(numbered.values());
  }

  long size() {
    return size;
  }

  /** The name of the part that would come next, for messages about one that is missing. */
  String next() {
    return parts.getFirst().path().toString().matches(".*\\.001")
        ? "%s is cut short, or a part after it is missing"
            .formatted(parts.getLast().path().getFileName())
        : parts.getLast().path().getFileName() + " is cut short";
  }

  /** Fills the buffer as far as there are bytes; -1 behind the end. */
  int read(ByteBuffer target, long position) throws IOException {
    int total = 0;
    for (Part part : parts) {
      long within = position + total - part.start();
      while (target.hasRemaining() && within < part.size()) {
        int read = part.channel().read(target, within);
        if (read < 0) {
          return total == 0 ? -1 : total;
        }
        total += read;
        within += read;
      }
    }
    return total == 0 && target.hasRemaining() ? -1 : total;
  }

  /** The bytes in order; the reader may move on by itself. */
  Stepping stream() {
    return new Stepping();
  }

  /** A stream whose position can be moved. */
  final class Stepping extends InputStream {

    private long position;

    long position() {
      return position;
    }

    void moveTo(long where) {
      position = where;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      int read = PartedFile.this.read(ByteBuffer.wrap(target, offset, length), position);
      position += Math.max(0, read);
      return read;
    }
  }

  @Override
  public void close() throws IOException {
    for (Part part : parts) {
      part.channel().close();
    }
  }
}
