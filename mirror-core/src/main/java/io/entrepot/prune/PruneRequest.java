package io.entrepot.prune;

import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import io.entrepot.text.Glob;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What is cleaned.
 *
 * @param target nothing outside of it is touched
 * @param keepTags tags that are never removed
 * @param keep images that are never removed
 * @param since how long what locks let go of stays
 * @param now as of when ages are judged
 * @param confirm whether anything is removed
 * @param journals a directory in which a run notes what it is about to remove, so that the next one
 *     can end it
 */
public record PruneRequest(
    Repository target,
    List<Glob> keepTags,
    List<ImageReference> keep,
    Duration since,
    Instant now,
    boolean confirm,
    Path journals) {

  /** Copies. */
  public PruneRequest {
    keepTags = List.copyOf(keepTags);
    keep = List.copyOf(keep);
  }
}
