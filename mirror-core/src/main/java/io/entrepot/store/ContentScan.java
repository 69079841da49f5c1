package io.entrepot.store;

import io.entrepot.oci.Digest;
import io.entrepot.oci.MalformedException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Enters the files of earlier processes into the index, while the store is used already. Their
 * bytes are not read, but a file that lost all of them is set aside.
 */
final class ContentScan implements AutoCloseable {

  private static final Logger LOG = System.getLogger(ContentScan.class.getName());

  private final StoreLayout layout;
  private final FileLook files;
  private final ContentIndex index;
  private final Quarantine quarantine;
  private final DiskHealth disk;
  private final Thread thread;
  private volatile boolean stopping;

  private ContentScan(
      StoreLayout layout,
      FileLook files,
      ContentIndex index,
      Quarantine quarantine,
      DiskHealth disk) {
    this.layout = layout;
    this.files = files;
    this.index = index;
    this.quarantine = quarantine;
    this.disk = disk;
    this.thread = Thread.ofPlatform().daemon().name("store-scan").unstarted(this::run);
  }

  /** Begins; what cannot be a store's is told at once. */
  static ContentScan start(
      StoreLayout layout,
      FileLook files,
      ContentIndex index,
      Quarantine quarantine,
      DiskHealth disk)
      throws IOException {
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      Path blobs = layout.blobs(algorithm);
      DurableFiles.createDirectories(layout, blobs);
      try (DirectoryStream<Path> shards = Files.newDirectoryStream(blobs)) {
        for (Path shard : shards) {
          if (!isShard(shard)) {
            LOG.log(Level.WARNING, "{0} is not content and is left alone", shard);
          }
        }
      }
    }
    ContentScan scan = new ContentScan(layout, files, index, quarantine, disk);
    scan.thread.start();
    return scan;
  }

  private static boolean isShard(Path path) {
    return path.getFileName().toString().matches("[0-9a-f]{2}") && Files.isDirectory(path);
  }

  private void run() {
    try {
      for (int shard = 0; shard < ContentIndex.SHARDS && !stopping; shard++) {
        synchronized (index.stripe(shard)) {
          List<PackedShard.Found> found = new ArrayList<>();
          for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
            list(algorithm, layout.blobs(algorithm).resolve("%02x".formatted(shard)), found);
          }
          index.enter(shard, found);
        }
      }
      index.listed(
          stopping
              ? new StoreException(StoreException.Reason.IO, "the store is closed", null)
              : null);
    } catch (IOException | DirectoryIteratorException e) {
      IOException cause =
          e instanceof DirectoryIteratorException d
              ? Objects.requireNonNull(d.getCause())
              : (IOException) e;
      StoreException failure = disk.failed("cannot list the store", cause);
      LOG.log(Level.ERROR, failure.getMessage());
      index.listed(failure);
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "cannot list the store", e);
      index.listed(disk.failed("cannot list the store", new IOException(e)));
    }
  }

  private void list(Digest.Algorithm algorithm, Path shard, List<PackedShard.Found> found)
      throws IOException {
    if (!Files.isDirectory(shard)) {
      return;
    }
    try (DirectoryStream<Path> names = Files.newDirectoryStream(shard)) {
      for (Path name : names) {
        if (stopping) {
          return;
        }
        Digest digest;
        try {
          digest = new Digest(algorithm, name.getFileName().toString());
        } catch (MalformedException e) {
          LOG.log(Level.WARNING, "{0} is not content and is left alone", name);
          continue;
        }
        PackedShard.Found file = files.at(digest);
        if (file == null) {
          continue;
        }
        if (!FileLook.isEmptied(file)) {
          found.add(file);
        } else if (index.isIdle(digest)) {
          quarantine.take(digest, "it has no bytes");
        }
      }
    }
  }

  /** Ends it, and waits for that. */
  @Override
  public void close() {
    stopping = true;
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
