package io.entrepot.store;

import io.entrepot.oci.Digest;
import java.util.HashSet;
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
    // Listed first: what comes in from here on is not looked at.
    List<Digest> candidates = index.digests();
    Set<String> pushing = uploads.repositories();
    Set<Digest> known = new HashSet<>();
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
    for (Digest digest : candidates) {
      if (!known.contains(digest)) {
        contents.removeUnused(digest);
      }
    }
    return before - index.bytes();
  }
}
