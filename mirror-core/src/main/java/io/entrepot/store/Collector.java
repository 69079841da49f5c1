package io.entrepot.store;

import io.entrepot.oci.Digest;
import java.util.Set;

/** Removes what no repository needs any more. Blocks. */
public final class Collector {

  private final ContentIndex index;
  private final Contents contents;
  private final Repositories repositories;

  Collector(ContentIndex index, Contents contents, Repositories repositories) {
    this.index = index;
    this.contents = contents;
    this.repositories = repositories;
  }

  /**
   * Unlinks blobs that no manifest needs, and then removes content that no repository knows. What
   * was pushed or asked for by a pusher within the grace stays.
   *
   * @return bytes freed
   */
  public long collectGarbage() {
    for (RepositoryId id : repositories.names().values()) {
      repositories.open(id).unlinkUnreferenced(IndexEntry.GRACE);
    }
    Set<Digest> known = repositories.references();
    long before = index.bytes();
    for (Digest digest : index.digests()) {
      if (!known.contains(digest)) {
        contents.removeUnused(digest);
      }
    }
    return before - index.bytes();
  }
}
