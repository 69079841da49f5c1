package io.entrepot.store;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Whether the store's disk takes what is written. Any thread. */
public final class DiskHealth {

  /** Bytes of the disk that pushes leave free, for what reads and deletions have to write. */
  private static final long HEADROOM = 64L << 20;

  /** On a small disk they leave this part of it. */
  private static final int HEADROOM_PART = 16;

  private final StoreLayout layout;
  private volatile @Nullable StoreException trouble;

  DiskHealth(StoreLayout layout) {
    this.layout = layout;
  }

  /** What the last write failed with, until one succeeds; looks at memory only. */
  public Optional<StoreException> trouble() {
    return Optional.ofNullable(trouble);
  }

  /** Tries whether the store can be written; {@link #trouble()} has the answer. Blocks. */
  public void probe() {
    try {
      Path file = layout.temporary().resolve("probe-" + UUID.randomUUID());
      try {
        Files.write(file, new byte[4096], StandardOpenOption.CREATE_NEW, StandardOpenOption.SYNC);
      } finally {
        Files.deleteIfExists(file);
      }
      trouble = null;
    } catch (IOException e) {
      trouble = DurableFiles.failure("the store cannot be written", e);
    }
  }

  /**
   * Asks whether a push of so many bytes fits on the disk and leaves room for everything else.
   *
   * @throws StoreException FULL where it does not
   */
  public void requireRoom(long size) {
    try {
      FileStore disk = Files.getFileStore(layout.root());
      long headroom = Math.min(HEADROOM, disk.getTotalSpace() / HEADROOM_PART);
      long free = disk.getUsableSpace();
      if (size > free - headroom) {
        throw new StoreException(
            StoreException.Reason.FULL,
            "%d bytes do not fit: %d are free, of which %d are kept free"
                .formatted(size, free, Math.min(free, headroom)),
            null);
      }
    } catch (IOException e) {
      throw failed("cannot ask for the free space", e);
    }
  }

  /** Notes that something was written. */
  void wrote() {
    trouble = null;
  }

  /** Notes a failure and puts it into words. */
  StoreException failed(String what, IOException e) {
    StoreException failure = DurableFiles.failure(what, e);
    trouble = failure;
    return failure;
  }

  /** Runs file work; its failure is noted. */
  <T> T attempt(String what, FileWork<T> work) {
    try {
      return work.run();
    } catch (IOException e) {
      throw failed(what, e);
    }
  }

  /** File work that gives something. */
  @FunctionalInterface
  interface FileWork<T> {
    T run() throws IOException;
  }
}
