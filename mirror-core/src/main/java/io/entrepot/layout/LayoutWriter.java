package io.entrepot.layout;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.registry.BlobSource;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryException;
import io.entrepot.verify.BlobPipe;
import io.vertx.core.Future;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes the directory of a layout. A file is there whole or not at all: it is written under {@code
 * .entrepot}, hashed on its way, and renamed. An archive is collected in {@code FILE.partial},
 * where a run that was stopped goes on.
 */
final class LayoutWriter implements AutoCloseable {

  private static final String MARK = "oci-layout";
  private static final String MARK_TEXT = "{\"imageLayoutVersion\":\"1.0.0\"}";
  private static final String PARTIAL = ".entrepot";
  private static final int CHUNK = 256 * 1024;

  private final LayoutReference reference;
  private final Path directory;
  private final long split;
  private final String layout;
  private final FileChannel mark;
  private final boolean replacesArchive;
  private final AtomicLong numbers = new AtomicLong();

  private LayoutWriter(
      LayoutReference reference,
      Path directory,
      long split,
      String layout,
      FileChannel mark,
      boolean replacesArchive) {
    this.reference = reference;
    this.directory = directory;
    this.split = split;
    this.layout = layout;
    this.mark = mark;
    this.replacesArchive = replacesArchive;
  }

  /** Makes what is missing of the directory and lets no other process in. */
  static LayoutWriter open(LayoutReference reference, long split, String layout)
      throws IOException {
    Path directory = reference.path();
    boolean replaces = false;
    if (reference.archive()) {
      directory = reference.path().resolveSibling(reference.path().getFileName() + ".partial");
      replaces = Files.exists(reference.path()) || !PartedFile.present(reference.path()).isEmpty();
    }
    prepare(directory, layout);
    FileChannel mark =
        FileChannel.open(
            directory.resolve(MARK), StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      lock(mark, layout);
      removeTree(directory.resolve(PARTIAL));
      Files.createDirectories(directory.resolve(PARTIAL));
      return new LayoutWriter(reference, directory, split, layout, mark, replaces);
    } catch (IOException | RuntimeException e) {
      mark.close();
      throw e;
    }
  }

  private static void prepare(Path directory, String layout) throws IOException {
    if (Files.exists(directory.resolve(MARK), LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (Files.exists(directory)) {
      try (Stream<Path> others = Files.list(directory)) {
        if (others.anyMatch(
            each -> !List.of(PARTIAL, "blobs", "index.json").contains(each.getFileName() + ""))) {
          throw RegistryException.of(
                  ErrorCode.REFUSED,
                  layout,
                  "%s holds other things and is no image layout".formatted(directory))
              .withRemedy("name a new or an empty directory");
        }
      }
    }
    Files.createDirectories(directory);
    if (Files.notExists(directory.resolve("index.json"))) {
      Files.write(directory.resolve("index.json"), LayoutIndex.empty().json());
    }
    Files.writeString(directory.resolve(MARK), MARK_TEXT);
  }

  private static void lock(FileChannel mark, String layout) throws IOException {
    FileLock lock;
    try {
      lock = mark.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw RegistryException.of(ErrorCode.REFUSED, layout, "another process writes it")
          .withRemedy("wait until that has ended, or name another layout");
    }
  }

  /**
   * Whether the text of {@code oci-layout} says that this is a layout of version 1.0.0, the only
   * one.
   */
  static boolean isMark(String text) {
    try {
      JsonNode read = JsonMapper.shared().readTree(text);
      return read != null && read.path("imageLayoutVersion").stringValue("").equals("1.0.0");
    } catch (JacksonException e) {
      return false;
    }
  }

  Path directory() {
    return directory;
  }

  /** Whether there is an archive, whose content is to be kept. */
  boolean replacesArchive() {
    return replacesArchive;
  }

  /** Writes a blob from where it comes; hashed on the way. */
  void blob(Descriptor blob, BlobSource source) {
    try (BlobPipe pipe = new BlobPipe()) {
      Future<Void> transfer = source.sendTo(0, start -> pipe.sink());
      transfer.onComplete(pipe::finish);
      write(blob.digest(), blob.size(), pipe.source());
    } catch (IOException e) {
      throw LayoutFailure.io(layout, e);
    }
  }

  /** Writes a blob; hashed on the way. */
  void blob(Digest digest, long size, InputStream bytes) {
    try {
      write(digest, size, bytes);
    } catch (IOException e) {
      throw LayoutFailure.io(layout, e);
    }
  }

  /** Writes a small file of the layout, where it is not there. */
  void small(Digest digest, byte[] bytes) {
    try {
      write(digest, bytes.length, new ByteArrayInputStream(bytes));
    } catch (IOException e) {
      throw LayoutFailure.io(layout, e);
    }
  }

  /** Takes a file over from another layout. */
  void copy(LayoutContents from, Digest digest) {
    Path temporary = temporary(digest);
    try {
      try (OutputStream out = Files.newOutputStream(temporary, StandardOpenOption.CREATE_NEW)) {
        from.read(
            digest,
            -1,
            0,
            (bytes, length) -> {
              out.write(bytes, 0, length);
              return true;
            });
      }
      publish(temporary, digest);
    } catch (IOException e) {
      throw LayoutFailure.io(layout, e);
    }
  }

  private void write(Digest digest, long size, InputStream in) throws IOException {
    Path temporary = temporary(digest);
    MessageDigest hash = digest.algorithm().newMessageDigest();
    byte[] buffer = new byte[CHUNK];
    long written = 0;
    try {
      try (OutputStream out = Files.newOutputStream(temporary, StandardOpenOption.CREATE_NEW)) {
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          out.write(buffer, 0, read);
          hash.update(buffer, 0, read);
          written += read;
        }
      }
      Digest actual = Digest.fromHash(digest.algorithm(), hash.digest());
      if (written != size || !actual.equals(digest)) {
        throw LayoutFailure.corrupt(
            layout,
            LayoutContents.member(digest),
            "would hold %d bytes of %s, not %d".formatted(written, actual, size));
      }
      publish(temporary, digest);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private Path temporary(Digest digest) {
    return directory.resolve(PARTIAL).resolve(digest.hex() + "-" + numbers.incrementAndGet());
  }

  private void publish(Path temporary, Digest digest) throws IOException {
    Path file = directory.resolve(LayoutContents.member(digest));
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Replaces {@code index.json}. */
  void index(byte[] json) {
    Path temporary = directory.resolve(PARTIAL).resolve("index-" + numbers.incrementAndGet());
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(json);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(
          temporary,
          directory.resolve("index.json"),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw LayoutFailure.io(layout, e);
    }
  }

  /** Makes the archive, if it is one, and removes what it was collected in. */
  void finish(Map<Digest, Long> written) {
    try {
      if (reference.archive()) {
        new ArchiveWriter(reference.path(), split).write(directory, written);
        mark.close();
        removeTree(directory);
      }
    } catch (IOException e) {
      throw LayoutFailure.io(layout, e);
    }
  }

  private static void removeTree(Path root) throws IOException {
    if (Files.notExists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    List<Path> found = new ArrayList<>();
    try (Stream<Path> walk = Files.walk(root)) {
      walk.sorted(Comparator.reverseOrder()).forEach(found::add);
    }
    for (Path each : found) {
      Files.deleteIfExists(each);
    }
  }

  @Override
  public void close() {
    try {
      removeTree(directory.resolve(PARTIAL));
      mark.close();
    } catch (IOException e) {
      throw LayoutFailure.io(layout, e);
    }
  }
}
