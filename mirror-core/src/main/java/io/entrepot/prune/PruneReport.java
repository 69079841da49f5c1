package io.entrepot.prune;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import java.util.List;
import java.util.Set;

/**
 * What goes, and why the rest stays.
 *
 * @param remove what was removed, or would be
 * @param unseen what could not be read; where anything is, nothing is removed
 * @param broken lists that are needed, and whose entries are missing
 * @param failures what went wrong while removing, or is missing afterwards
 * @param removed how many manifests were removed
 */
public record PruneReport(
    List<Removed> remove,
    List<Kept> keep,
    List<Unseen> unseen,
    List<Broken> broken,
    List<String> failures,
    int removed) {

  /** A manifest that goes; {@code version} is the forge's number, 0 where there is none. */
  public record Removed(
      Repository repository, Digest digest, Set<Tag> tags, String reason, long version) {}

  /** A manifest that stays. */
  public record Kept(Repository repository, Digest digest, Set<Tag> tags, String because) {}

  /** A list whose entries others removed. */
  public record Broken(Repository repository, Digest digest) {}

  /** Copies. */
  public PruneReport {
    remove = List.copyOf(remove);
    keep = List.copyOf(keep);
    unseen = List.copyOf(unseen);
    broken = List.copyOf(broken);
    failures = List.copyOf(failures);
  }
}
