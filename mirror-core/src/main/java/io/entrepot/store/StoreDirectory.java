package io.entrepot.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A directory that this process has taken for itself, with everything a store lies in. */
final class StoreDirectory implements AutoCloseable {

  private static final String VERSION = "entrepot store 1";

  private final StoreLayout layout;
  private final FileChannel lock;

  private StoreDirectory(StoreLayout layout, FileChannel lock) {
    this.layout = layout;
    this.lock = lock;
  }

  /**
   * Takes a directory and makes what is missing in it. Temporary files of earlier processes are
   * removed.
   *
   * @throws StoreException LOCKED or FORMAT, with what to do about it
   */
  static StoreDirectory take(Path root) throws IOException {
    StoreLayout layout = new StoreLayout(root);
    DurableFiles.createRoot(root);
    FileChannel channel =
        FileChannel.open(layout.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean taken = false;
    try {
      lock(channel, root);
      checkVersion(layout);
      for (Path directory :
          List.of(
              layout.blobs(),
              layout.local(),
              layout.upstream(),
              layout.uploads(),
              layout.quarantine())) {
        DurableFiles.createDirectories(layout, directory);
      }
      DurableFiles.removeTree(layout.temporary());
      DurableFiles.createDirectories(layout, layout.temporary());
      taken = true;
      return new StoreDirectory(layout, channel);
    } finally {
      if (!taken) {
        channel.close();
      }
    }
  }

  private static void lock(FileChannel channel, Path root) throws IOException {
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw new StoreException(
          StoreException.Reason.LOCKED,
          "another process uses the store in %s; stop it or name another directory".formatted(root),
          null);
    }
  }

  private static void checkVersion(StoreLayout layout) throws IOException {
    Optional<String> version = DurableFiles.read(layout.version());
    if (version.isPresent() && !version.get().equals(VERSION)) {
      throw new StoreException(
          StoreException.Reason.FORMAT,
          "the store in %s says '%s'; this program reads '%s'"
              .formatted(layout.root(), version.get(), VERSION),
          null);
    }
    if (version.isEmpty()) {
      try (DirectoryStream<Path> found = Files.newDirectoryStream(layout.root())) {
        for (Path path : found) {
          if (!Set.of("LOCK", "ingest", "control.sock").contains(path.getFileName().toString())) {
            throw new StoreException(
                StoreException.Reason.FORMAT,
                "%s is not empty and has no VERSION file: not a store".formatted(layout.root()),
                null);
          }
        }
      }
      DurableFiles.createDirectories(layout, layout.temporary());
      DurableFiles.write(layout, layout.version(), VERSION + "\n");
    }
  }

  StoreLayout layout() {
    return layout;
  }

  /** Gives the directory back. */
  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw DurableFiles.failure("cannot release " + layout.root(), e);
    }
  }
}
