package io.entrepot.pin;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.sites.LeftReason;
import org.jspecify.annotations.Nullable;

/** What a site is to become. */
public sealed interface Resolution {

  /**
   * The image's new name.
   *
   * @param tag for people, or null to write none
   * @param note what a reader of the change should know, or empty
   */
  record Pinned(Repository repository, @Nullable Tag tag, Digest digest, String note)
      implements Resolution {}

  /** A chart's new address; its version stays as written. */
  record Moved(Repository repository, @Nullable Digest digest, @Nullable String rangeLeft)
      implements Resolution {}

  /**
   * The parts that the same site has elsewhere, for one that names no repository.
   *
   * @param part the tag, or the digest where that stands alone
   * @param digest beside the tag, or null where none stands there
   */
  record Copied(String part, @Nullable String digest) implements Resolution {}

  /** It is what it should be. */
  record Kept() implements Resolution {}

  /** Nothing is known about it. */
  record Missing(LeftReason reason, String message) implements Resolution {}
}
