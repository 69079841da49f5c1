package io.entrepot.store;

import io.entrepot.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;

/** Makes content visible under its digest. Any thread. */
final class Publisher {

  private final StoreLayout layout;
  private final ContentIndex index;
  private final DiskHealth disk;

  Publisher(StoreLayout layout, ContentIndex index, DiskHealth disk) {
    this.layout = layout;
    this.index = index;
    this.disk = disk;
  }

  /**
   * Renames a synced file of the right digest to where content lies; durable when this returns.
   *
   * @param size bytes
   * @param claimed whether collectors leave it alone for the grace
   */
  StoredContent publish(Path synced, Digest digest, long size, boolean claimed) throws IOException {
    synchronized (index.stripe(digest)) {
      // Replaces, never trusts, what was there: that is how a bad file heals.
      DurableFiles.moveInto(layout, synced, layout.blob(digest));
      IndexEntry entry = new IndexEntry(size, index.clock().wall().millis(), true);
      if (claimed) {
        entry.claim(index.clock());
      }
      index.put(digest, entry);
    }
    disk.wrote();
    return new StoredContent(digest, size, true);
  }

  /** Notes a failure on the way to here and puts it into words. */
  StoreException failed(String what, IOException e) {
    return disk.failed(what, e);
  }
}
