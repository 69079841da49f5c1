package io.entrepot.mirror;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What became of one image.
 *
 * @param source canonically, by tag or by digest
 * @param target always with a tag
 * @param digest what the target's tag means or was to mean; null where that was not found out
 * @param former what the target's tag meant before, or null where there was none
 * @param platforms found to be there
 * @param bytes moved for it
 * @param error why it is not copied, or null
 * @param remedy what a person can do, or null
 * @param notes what is odd but stopped nothing, and what waits
 * @param findings for the policy
 * @param drift how the source differs from what the last run left, or null
 * @param atSource what the source's name means now, or null where that was not found out
 */
public record ImageResult(
    ImageReference source,
    ImageReference target,
    Outcome outcome,
    @Nullable Digest digest,
    @Nullable Digest former,
    List<Platform> platforms,
    Bytes bytes,
    @Nullable String error,
    @Nullable String remedy,
    List<String> notes,
    PolicyFindings findings,
    @Nullable Drift drift,
    @Nullable Digest atSource) {

  /** How it ended. */
  public enum Outcome {
    /** Something was brought to the target. */
    COPIED,
    /** All was there. */
    UNCHANGED,
    /** It is not what is required; the tag did not move. */
    REFUSED,
    /** Something went wrong; the tag did not move unless the error says so. */
    FAILED,
    /** Left for the next run. */
    POSTPONED,
    /** What the source has is too young; what is locked stays. */
    WAITING;

    /** As reports spell it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Bytes of blobs.
   *
   * @param copied sent to the target
   * @param mounted taken over inside the target's registry without being sent
   * @param skipped found at the target
   */
  public record Bytes(long copied, long mounted, long skipped) {

    /** None. */
    public static final Bytes NONE = new Bytes(0, 0, 0);
  }

  /** Copies the lists. */
  public ImageResult {
    platforms = List.copyOf(platforms);
    notes = List.copyOf(notes);
  }
}
