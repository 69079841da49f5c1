package io.entrepot.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
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
import java.util.UUID;
import java.util.stream.Stream;

/** Files that are whole or absent, before and after a power failure. */
final class DurableFiles {

  private DurableFiles() {}

  /** Temp file, sync, rename, sync directory. */
  static void write(Path temporaryDirectory, Path target, String text) throws IOException {
    Path temporary = temporaryDirectory.resolve("file-" + UUID.randomUUID());
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      moveInto(temporary, target);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Renames a synced file and makes the name durable too. */
  static void moveInto(Path synced, Path target) throws IOException {
    Path directory = parent(target);
    createDirectories(directory);
    Files.move(synced, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncDirectory(directory);
  }

  /** Creates what is missing, each name durable in its parent. */
  static void createDirectories(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    Path parent = directory.getParent();
    if (parent != null) {
      createDirectories(parent);
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
