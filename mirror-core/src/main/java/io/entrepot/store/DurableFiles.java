package io.entrepot.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Files that are whole or absent, before and after a power failure. */
final class DurableFiles {

  /** Directories remembered; what is forgotten is synced once more. */
  private static final int MAX_SYNCED = 10_000;

  /** Directories whose names are known to be durable. */
  private static final Set<Path> SYNCED = ConcurrentHashMap.newKeySet();

  private DurableFiles() {}

  /** Temporary file, sync, rename, sync of the directory. */
  static void write(StoreLayout layout, Path target, String text) throws IOException {
    Path temporary = layout.temporary().resolve("file-" + UUID.randomUUID());
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      moveInto(layout, temporary, target);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Renames a synced file and makes the name durable too. */
  static void moveInto(StoreLayout layout, Path synced, Path target) throws IOException {
    Path directory = parent(target);
    createDirectories(layout, directory);
    try {
      move(synced, target);
    } catch (NoSuchFileException e) {
      // The directory had become empty and was removed.
      createDirectories(layout, directory);
      move(synced, target);
    }
    syncDirectory(directory);
  }

  private static void move(Path synced, Path target) throws IOException {
    Files.move(synced, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /**
   * Creates what is missing below the store's directory, each name durable in its parent when this
   * returns. That a directory is there proves nothing: another thread, or a process that was
   * killed, may have made it and not come to the sync. So each is synced into its parent at least
   * once in the life of this process.
   */
  static void createDirectories(StoreLayout layout, Path directory) throws IOException {
    if (directory.equals(layout.root())
        || (SYNCED.contains(directory) && Files.isDirectory(directory))) {
      return;
    }
    Path parent = parent(directory);
    createDirectories(layout, parent);
    Files.createDirectories(directory);
    syncDirectory(parent);
    if (SYNCED.size() >= MAX_SYNCED) {
      SYNCED.clear();
    }
    SYNCED.add(directory);
  }

  /** Creates the store's directory and those above it, each name durable in its parent. */
  static void createRoot(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    Path parent = directory.getParent();
    if (parent != null) {
      createRoot(parent);
    }
    Files.createDirectories(directory);
    if (parent != null) {
      syncDirectory(parent);
    }
  }

  static void delete(Path file) throws IOException {
    if (Files.deleteIfExists(file)) {
      syncDirectory(parent(file));
    }
  }

  /** Removes a directory with all that is in it; nothing where there is none. */
  static void removeTree(Path directory) throws IOException {
    if (Files.notExists(directory)) {
      return;
    }
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(directory)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      Files.deleteIfExists(path);
    }
  }

  /** Removes a directory with its empty subdirectories; whatever holds a file stays. */
  static void removeEmptyTree(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      List<Path> found;
      try (Stream<Path> walk = Files.walk(directory)) {
        found = walk.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList();
      }
      for (Path each : found) {
        removeIfEmpty(each);
      }
    }
  }

  /** Removes a directory if it is empty, and then those above it, below {@code base}. */
  static void removeEmptyUpTo(Path directory, Path base) throws IOException {
    for (Path each = directory;
        each.startsWith(base) && !each.equals(base) && removeIfEmpty(each);
        each = parent(each)) {}
  }

  private static boolean removeIfEmpty(Path directory) throws IOException {
    try {
      SYNCED.remove(directory);
      Files.deleteIfExists(directory);
      return true;
    } catch (DirectoryNotEmptyException e) {
      return false;
    }
  }

  private static Path parent(Path file) {
    return Objects.requireNonNull(file.getParent(), "a file of the store lies in a directory");
  }

  static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** A small file's text without surrounding space; empty where there is none. */
  static Optional<String> read(Path file) throws IOException {
    try {
      return Optional.of(Files.readString(file, StandardCharsets.UTF_8).strip());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** The failure in words that tell a full disk from a broken one. */
  static StoreException failure(String what, IOException e) {
    String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    boolean full =
        message.contains("no space left")
            || message.contains("quota exceeded")
            || message.contains("file too large");
    String detail =
        switch (e) {
          case AccessDeniedException denied -> denied.getFile() + ": permission denied";
          case NoSuchFileException absent -> absent.getFile() + ": no such file or directory";
          case FileAlreadyExistsException present ->
              present.getFile() + " is there already, and is no directory";
          case FileSystemException other when other.getReason() == null ->
              other.getClass().getSimpleName() + " " + other.getMessage();
          default -> String.valueOf(e.getMessage());
        };
    return new StoreException(
        full ? StoreException.Reason.FULL : StoreException.Reason.IO, what + ": " + detail, e);
  }
}
