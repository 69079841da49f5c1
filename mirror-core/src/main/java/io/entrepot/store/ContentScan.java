package io.entrepot.store;

import io.entrepot.oci.Digest;
import io.entrepot.oci.MalformedException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Enters the files of an earlier process into the index. Their bytes are not read, but a file that
 * lost all of them, as after a power failure, is set aside.
 */
final class ContentScan {

  private static final Logger LOG = System.getLogger(ContentScan.class.getName());

  private static final byte[] NOTHING = {};

  private final StoreLayout layout;
  private final ContentIndex index;
  private final Quarantine quarantine;

  ContentScan(StoreLayout layout, ContentIndex index, Quarantine quarantine) {
    this.layout = layout;
    this.index = index;
    this.quarantine = quarantine;
  }

  void run() throws IOException {
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      Path blobs = layout.blobs(algorithm);
      DurableFiles.createDirectories(layout, blobs);
      try (DirectoryStream<Path> shards = Files.newDirectoryStream(blobs)) {
        for (Path shard : shards) {
          if (Files.isDirectory(shard)) {
            scanShard(algorithm, shard);
          } else {
            LOG.log(Level.WARNING, "{0} is not content and is left alone", shard);
          }
        }
      }
    }
  }

  private void scanShard(Digest.Algorithm algorithm, Path shard) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(shard)) {
      for (Path file : files) {
        Digest digest;
        try {
          digest = new Digest(algorithm, file.getFileName().toString());
        } catch (MalformedException e) {
          LOG.log(Level.WARNING, "{0} is not content and is left alone", file);
          continue;
        }
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        if (attributes.size() == 0 && !digest.equals(Digest.of(algorithm, NOTHING))) {
          quarantine.take(digest, "it has no bytes");
          continue;
        }
        // A time to come would make a file the most recent for ever.
        long lastUsed =
            Math.min(attributes.lastModifiedTime().toMillis(), index.clock().wall().millis());
        index.put(digest, new IndexEntry(attributes.size(), lastUsed, false));
      }
    }
  }
}
