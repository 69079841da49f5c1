package io.entrepot.lock;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One image of a lock file.
 *
 * @param digest of the manifest list, as the source has it
 * @param targetDigest what lies at the target where that is something else (an assembled list), or
 *     null; equal digests become null
 * @param target the copy, always with a tag and without a digest
 * @param platforms those that were found to be there, sorted; empty for an artifact
 * @param trust what a policy made of it
 * @param origin what it was made of, and which charts start it
 */
public record LockedImage(
    Digest digest,
    @Nullable Digest targetDigest,
    ImageReference target,
    List<Platform> platforms,
    LockedTrust trust,
    LockedOrigin origin) {

  /** Sorts the platforms and drops a target digest that says nothing. */
  public LockedImage {
    if (target.tag() == null || target.digest() != null) {
      throw new IllegalArgumentException("not a target, which has a tag and no digest: " + target);
    }
    targetDigest = digest.equals(targetDigest) ? null : targetDigest;
    platforms = platforms.stream().sorted().distinct().toList();
  }

  /** An image about which no policy asks and that no chart starts. */
  public LockedImage(
      Digest digest,
      @Nullable Digest targetDigest,
      ImageReference target,
      List<Platform> platforms) {
    this(digest, targetDigest, target, platforms, LockedTrust.NONE, LockedOrigin.NONE);
  }

  /** The same with another answer of the policy. */
  public LockedImage with(LockedTrust other) {
    return new LockedImage(digest, targetDigest, target, platforms, other, origin);
  }

  /** The same with another origin. */
  public LockedImage with(LockedOrigin other) {
    return new LockedImage(digest, targetDigest, target, platforms, trust, other);
  }

  /** The digest under which the copy is found at the target. */
  public Digest digestAtTarget() {
    return targetDigest == null ? digest : targetDigest;
  }

  /** The copy by digest, as it is written into files that pin it. */
  public ImageReference pinnedTarget() {
    return target.pinnedTo(digestAtTarget());
  }
}
