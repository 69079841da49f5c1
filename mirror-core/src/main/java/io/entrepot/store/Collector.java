package io.entrepot.store;

import java.util.List;
import java.util.Set;

/** Removes what no repository needs any more. Blocks. */
public final class Collector {

  private final ContentIndex index;
  private final Contents contents;
  private final Repositories repositories;
  private final UploadFiles uploads;

  Collector(ContentIndex index, Contents contents, Repositories repositories, UploadFiles uploads) {
    this.index = index;
    this.contents = contents;
    this.repositories = repositories;
    this.uploads = uploads;
  }

  /**
   * Unlinks blobs that no manifest needs, forgets of other registries' content what was evicted,
   * and then removes content that no repository knows. What was pushed or asked for by a pusher
   * within the grace stays, and so does everything in a repository that has an upload open.
   *
   * @return bytes freed
   */
  public long collectGarbage() {
    index.awaitListed();
    long start = index.clock().wall().millis();
    Set<String> pushing = uploads.repositories();
    DigestSet known = new DigestSet();
    for (RepositoryId id : List.copyOf(repositories.names().values())) {
      StoredRepository repository = repositories.open(id);
      if (!id.isLocal()) {
        repository.forgetEvicted();
      }
      if (!id.isLocal() || !pushing.contains(id.path())) {
        repository.unlinkUnreferenced(IndexEntry.GRACE);
      }
      repository.addReferences(known);
      if (!pushing.contains(id.path())) {
        repository.removeIfEmpty();
      }
    }
    long before = index.bytes();
    index.forEach(
        (digest, entry) -> {
          // What came in since was not known to those repositories that were asked before.
          if (entry.lastUsed() <= start && !known.contains(digest)) {
            contents.removeUnused(digest);
          }
        });
    return before - index.bytes();
  }
}
