package io.entrepot.layout;

import io.entrepot.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * Writes a layout as a tar archive (POSIX ustar; sizes from 8 GiB in GNU's binary form): the same
 * bytes for the same content. A large one is cut into {@code FILE.001}, {@code FILE.002} and so on,
 * which joined are the archive.
 */
final class ArchiveWriter {

  private static final int BLOCK = 512;
  private static final int CHUNK = 1024 * 1024;

  private final Path file;
  private final long split;

  /**
   * @param split bytes of a part at most; 0 for one file
   */
  ArchiveWriter(Path file, long split) {
    this.file = file;
    this.split = split;
  }

  /** Writes some files of a directory; the archive appears whole, in place of a former one. */
  void write(Path directory, Map<Digest, Long> blobs) throws IOException {
    Parts parts = new Parts();
    try (parts) {
      for (String name : List.of("oci-layout", "index.json")) {
        add(parts, directory, name);
      }
      for (Digest digest : blobs.keySet()) {
        add(parts, directory, LayoutContents.member(digest));
      }
      parts.write(new byte[2 * BLOCK], 0, 2 * BLOCK);
    } catch (IOException | RuntimeException e) {
      parts.drop();
      throw e;
    }
    parts.publish();
  }

  private static void add(OutputStream out, Path directory, String name) throws IOException {
    Path from = directory.resolve(name);
    long size = Files.size(from);
    out.write(header(name, size));
    byte[] buffer = new byte[CHUNK];
    long written = 0;
    try (InputStream in = Files.newInputStream(from)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        out.write(buffer, 0, read);
        written += read;
      }
    }
    if (written != size) {
      throw new IOException("%s changed while it was read".formatted(from));
    }
    out.write(new byte[(int) ((BLOCK - size % BLOCK) % BLOCK)]);
  }

  private static byte[] header(String name, long size) {
    byte[] header = new byte[BLOCK];
    put(header, 0, longName(name)[1]);
    put(header, 345, longName(name)[0]);
    put(header, 100, "0000644\0");
    put(header, 108, "0000000\0");
    put(header, 116, "0000000\0");
    if (size < 1L << 33) {
      put(header, 124, "%011o\0".formatted(size));
    } else {
      header[124] = (byte) 0x80;
      ByteBuffer.wrap(header).putLong(128, size);
    }
    put(header, 136, "00000000000\0");
    header[156] = '0';
    put(header, 257, "ustar\00000");
    put(header, 148, "        ");
    int sum = 0;
    for (byte each : header) {
      sum += each & 0xff;
    }
    put(header, 148, "%06o\0 ".formatted(sum));
    return header;
  }

  /** Prefix and name: a name has room for 100 bytes, which a sha512 digest fills. */
  private static String[] longName(String name) {
    int slash = name.lastIndexOf('/');
    return name.length() <= 100
        ? new String[] {"", name}
        : new String[] {name.substring(0, slash), name.substring(slash + 1)};
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  /** The parts as one stream, under temporary names until all are written. */
  private final class Parts extends OutputStream {

    private final List<Path> written = new ArrayList<>();
    private FileChannel channel;
    private long room;

    Parts() throws IOException {
      channel = next();
    }

    private FileChannel next() throws IOException {
      Path part =
          file.resolveSibling(".%s.%d.tmp".formatted(file.getFileName(), written.size() + 1));
      written.add(part);
      room = split > 0 ? split : Long.MAX_VALUE;
      return FileChannel.open(
          part,
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING,
          StandardOpenOption.WRITE);
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      int done = 0;
      while (done < length) {
        if (room == 0) {
          finishPart();
          channel = next();
        }
        int count = (int) Math.min(room, length - done);
        ByteBuffer piece = ByteBuffer.wrap(bytes, offset + done, count);
        while (piece.hasRemaining()) {
          channel.write(piece);
        }
        room -= count;
        done += count;
      }
    }

    private void finishPart() throws IOException {
      channel.force(true);
      channel.close();
    }

    @Override
    public void close() throws IOException {
      if (channel.isOpen()) {
        finishPart();
      }
    }

    void drop() throws IOException {
      for (Path part : written) {
        Files.deleteIfExists(part);
      }
    }

    /** Puts the parts into their places; of a former archive nothing stays. */
    void publish() throws IOException {
      boolean one = written.size() == 1;
      SortedMap<Integer, Path> former = PartedFile.present(file);
      if (!one) {
        Files.deleteIfExists(file);
      }
      for (int number = 1; number <= written.size(); number++) {
        Path place = one ? file : PartedFile.part(file, number);
        Files.move(
            written.get(number - 1),
            place,
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
        former.remove(one ? 0 : number);
      }
      for (Path stale : former.values()) {
        Files.deleteIfExists(stale);
      }
    }
  }
}
