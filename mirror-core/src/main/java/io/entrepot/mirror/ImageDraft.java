package io.entrepot.mirror;

import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockedImage;
import io.entrepot.mirror.MirrorEntry.Assembly;
import io.entrepot.mirror.MirrorEntry.Compose;
import io.entrepot.mirror.MirrorEntry.ImageCopy;
import io.entrepot.mirror.MirrorEntry.TagSelection;
import io.entrepot.mirror.PlannedImage.Cost;
import io.entrepot.mirror.PlannedImage.Origin;
import io.entrepot.mirror.PlannedImage.Verdict;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of an image before anybody is asked: the words of its entry and of the lock. */
record ImageDraft(
    ImageReference source,
    ImageReference target,
    CopyPolicy policy,
    String where,
    @Nullable Digest locked) {

  static ImageDraft of(MirrorEntry entry, LockFile lock) {
    return switch (entry) {
      case ImageCopy copy ->
          new ImageDraft(
              key(copy.source()),
              copy.target(),
              copy.policy(),
              copy.where(),
              lockedAtTarget(lock, List.of(copy.source()), copy.target()));
      case TagSelection selection ->
          new ImageDraft(
              new ImageReference(selection.source(), null, null),
              new ImageReference(selection.target(), null, null),
              selection.policy(),
              selection.where(),
              null);
      case Compose compose ->
          new ImageDraft(
              key(compose.target()),
              compose.target(),
              compose.policy(),
              compose.where(),
              lockedAtTarget(lock, List.of(compose.target()), compose.target()));
      case Assembly assembly ->
          new ImageDraft(
              key(assembly.parts().firstEntry().getValue()),
              assembly.target(),
              assembly.policy(),
              assembly.where(),
              lockedAtTarget(lock, assembly.parts().values(), assembly.target()));
    };
  }

  /** The same with another target, of which no lock knows. */
  ImageDraft at(ImageReference other) {
    return new ImageDraft(source, other, policy, where, null);
  }

  /** The key of a source in the lock: by digest where it has one, else by tag. */
  static ImageReference key(ImageReference source) {
    Digest digest = source.digest();
    return digest != null ? source.pinnedTo(digest) : source.orLatest();
  }

  private static @Nullable Digest lockedAtTarget(
      LockFile lock, Collection<ImageReference> sources, ImageReference target) {
    Digest locked = null;
    for (ImageReference source : sources) {
      LockedImage entry = lock.images().get(key(source));
      if (entry == null || !entry.target().equals(target)) {
        return null;
      }
      locked = entry.digestAtTarget();
    }
    return locked;
  }

  /** Whether the lock vouches that a digest was copied to this target with the platforms asked. */
  boolean vouchedBy(@Nullable LockedImage entry, Digest digest) {
    return entry != null
        && entry.target().equals(target)
        && entry.digest().equals(digest)
        && covers(entry.platforms());
  }

  /** Whether each platform asked is among those found. */
  boolean covers(List<Platform> found) {
    return policy.artifact()
        || policy.platforms().stream()
            .allMatch(wanted -> found.stream().anyMatch(each -> each.satisfies(wanted)));
  }

  /**
   * An image whose digest at the source is known.
   *
   * @param former what the target's tag means now, or null
   * @param vouched whether the lock says that all of it is there
   */
  PlannedImage resolved(Origin origin, @Nullable Digest former, boolean vouched) {
    Verdict verdict =
        !origin.digest().equals(former)
            ? Verdict.COPY
            : vouched ? Verdict.UNCHANGED : Verdict.CONFIRM;
    return image(origin, former, verdict, "", null);
  }

  /** Nothing is locked, and nothing is old enough yet. */
  PlannedImage waiting() {
    return image(null, null, Verdict.WAIT, "", null);
  }

  /** An assembled list whose parts have not moved; the list need not be made to know that. */
  PlannedImage unchanged(Digest former) {
    return image(null, former, Verdict.UNCHANGED, "", null);
  }

  PlannedImage refused(@Nullable Digest former, String reason, String remedy) {
    return image(null, former, Verdict.REFUSE, reason, remedy);
  }

  PlannedImage failed(String reason, @Nullable String remedy) {
    return image(null, null, Verdict.FAIL, reason, remedy);
  }

  PlannedImage stopped(Stopped why) {
    return image(null, null, Verdict.POSTPONE, "", null).stopped(why);
  }

  private PlannedImage image(
      @Nullable Origin origin,
      @Nullable Digest former,
      Verdict verdict,
      String reason,
      @Nullable String remedy) {
    return new PlannedImage(
        0,
        where,
        origin,
        source,
        target,
        policy,
        former,
        locked,
        verdict,
        reason,
        remedy,
        List.of(),
        Cost.NONE,
        SourceFindings.NONE);
  }
}
