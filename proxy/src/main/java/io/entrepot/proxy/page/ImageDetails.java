package io.entrepot.proxy.page;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A repository with its tags.
 *
 * @param tags a part of them
 */
public record ImageDetails(
    String name,
    @Nullable String upstream,
    int manifests,
    long bytes,
    int tagCount,
    List<TagState> tags) {

  /** Copies the list. */
  public ImageDetails {
    tags = List.copyOf(tags);
  }

  /**
   * What a tag means here.
   *
   * @param mediaType null where the manifest is not here
   * @param bytes of the manifest and of all that it needs, as far as they are here
   * @param platforms empty for an artifact, and for an image whose configuration is not here
   * @param firstSeen when the digest was first kept here, or null
   * @param lastUsed when it was asked for last, or null
   * @param lock what a lock file says of the tag, or null
   * @param drift whether the lock says another digest
   */
  public record TagState(
      String tag,
      String digest,
      @Nullable String mediaType,
      long bytes,
      List<String> platforms,
      @Nullable Instant firstSeen,
      @Nullable Instant lastUsed,
      @Nullable LockSays lock,
      boolean drift) {

    /** Copies the list. */
    public TagState {
      platforms = List.copyOf(platforms);
    }
  }
}
