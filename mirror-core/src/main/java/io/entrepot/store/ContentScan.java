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

/** Enters the files of an earlier process into the index. Their bytes are not read. */
final class ContentScan {

  private static final Logger LOG = System.getLogger(ContentScan.class.getName());

  private final StoreLayout layout;
  private final ContentIndex index;

  ContentScan(StoreLayout layout, ContentIndex index) {
    this.layout = layout;
    this.index = index;
  }

  void run() throws IOException {
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      Path blobs = layout.blobs(algorithm);
      DurableFiles.createDirectories(blobs);
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
        index.put(
            digest,
            new IndexEntry(attributes.size(), attributes.lastModifiedTime().toMillis(), false));
      }
    }
  }
}
