package io.entrepot.lock;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.yaml.ConfigException;
import io.entrepot.yaml.YamlDocument;
import io.entrepot.yaml.YamlDocument.Limits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Optional;

/** Lock files: the same bytes for the same state, read back strictly. */
public final class LockFileCodec {

  private LockFileCodec() {}

  /**
   * Reads a file.
   *
   * @throws ConfigException naming file and line of everything that is wrong
   */
  public static LockFile read(Path path) {
    String text = YamlDocument.text(path, Limits.WRITTEN);
    Conflict.refuse(path.toString(), text);
    return parse(path.toString(), text);
  }

  /**
   * Reads a file, or nothing where there is none.
   *
   * @throws ConfigException naming file and line of everything that is wrong
   */
  public static Optional<LockFile> readIfPresent(Path path) {
    return Files.exists(path) ? Optional.of(read(path)) : Optional.empty();
  }

  /**
   * The same, where git may have left its conflict marks in the file: both sides are read and
   * merged.
   *
   * @throws ConfigException naming file and line of everything that is wrong
   */
  public static Optional<LockFile> readMerging(Path path) {
    if (!Files.exists(path)) {
      return Optional.empty();
    }
    String file = path.toString();
    String text = YamlDocument.text(path, Limits.WRITTEN);
    return Optional.of(
        Conflict.find(file, text)
            .map(
                conflict ->
                    LockMerge.merge(
                        conflict
                            .base()
                            .filter(base -> !base.isBlank())
                            .map(base -> parse(file, base))
                            .orElseGet(LockFile::empty),
                        parse(file, conflict.ours()),
                        parse(file, conflict.theirs())))
            .orElseGet(() -> parse(file, text)));
  }

  /**
   * Reads a file as git gives it to a merge driver: where the ancestor had none, it is empty.
   *
   * @throws ConfigException naming file and line of everything that is wrong
   */
  public static LockFile readOrEmpty(Path path) {
    String text = YamlDocument.text(path, Limits.WRITTEN);
    return text.isBlank() ? LockFile.empty() : parse(path.toString(), text);
  }

  /**
   * Reads a text.
   *
   * @param file its name in messages
   * @throws ConfigException naming file and line of everything that is wrong
   */
  public static LockFile parse(String file, String text) {
    return LockReader.read(YamlDocument.parse(file, text, Limits.WRITTEN));
  }

  /** The text of a lock file: keys sorted, no times but first sights, a final newline. */
  public static String format(LockFile lock) {
    return new LockWriter().text(lock);
  }

  /**
   * Writes a file as a whole or not at all: a temporary file beside it is synced and renamed. The
   * mode of an existing file is kept, a symbolic link is followed, and a file that already says the
   * same is not touched.
   *
   * @return whether the file changed
   */
  public static boolean write(Path path, LockFile lock) throws IOException {
    byte[] bytes = format(lock).getBytes(UTF_8);
    Path file = Files.exists(path) ? path.toRealPath() : path.toAbsolutePath();
    if (Files.exists(file) && Arrays.equals(Files.readAllBytes(file), bytes)) {
      return false;
    }
    Path directory = parent(file);
    if (!Files.isDirectory(directory)) {
      throw new NoSuchFileException(directory.toString(), null, "no such directory");
    }
    Path temporary = Files.createTempFile(directory, "." + file.getFileName(), ".tmp");
    try {
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
        channel.force(true);
      }
      takeMode(file, temporary);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
    return true;
  }

  private static Path parent(Path file) {
    Path parent = file.getParent();
    return parent == null ? file : parent;
  }

  private static void takeMode(Path from, Path to) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(to, PosixFileAttributeView.class);
    if (view == null) {
      return;
    }
    // A temporary file is private; a lock file is to be read by everybody.
    view.setPermissions(
        Files.exists(from)
            ? Files.getPosixFilePermissions(from)
            : PosixFilePermissions.fromString("rw-r--r--"));
  }
}
