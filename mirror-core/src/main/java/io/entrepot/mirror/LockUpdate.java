package io.entrepot.mirror;

import io.entrepot.lock.AwaitedImage;
import io.entrepot.lock.Denial;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockedImage;
import io.entrepot.lock.LockedOrigin;
import io.entrepot.lock.LockedTrust;
import io.entrepot.lock.Sight;
import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.mirror.PlannedImage.Assembled;
import io.entrepot.mirror.PlannedImage.Made;
import io.entrepot.mirror.PlannedImage.Pinned;
import io.entrepot.mirror.PlannedImage.Verdict;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The lock after a run. It holds what is known to be at the targets: images that ended well, and of
 * the others what a former run left, unless the target was found to lack it. A tag that a selection
 * does not select any more keeps its entry: its copy is still there, and files may still name it.
 */
final class LockUpdate {

  private final LockFile former;
  private final TreeMap<ImageReference, LockedImage> locked;
  private final TreeMap<ImageReference, AwaitedImage> awaited;
  private final Set<ImageReference> written = new HashSet<>();

  LockUpdate(LockFile former) {
    this.former = former;
    this.locked = new TreeMap<>(former.images());
    this.awaited = new TreeMap<>(former.awaited());
  }

  LockFile lock() {
    awaited.keySet().removeAll(locked.keySet());
    return LockFile.of(locked, awaited);
  }

  /**
   * Takes what became of one image.
   *
   * @param incomplete whether the target was found to lack what its tag promises
   */
  void add(PlannedImage image, ImageResult result, boolean incomplete) {
    boolean good =
        result.outcome() == Outcome.COPIED
            || result.outcome() == Outcome.UNCHANGED
            || (result.outcome() == Outcome.WAITING && image.origin() != null);
    if (incomplete) {
      locked.values().removeIf(entry -> entry.target().equals(image.target()));
    } else if (good && image.verdict() != Verdict.UNCHANGED) {
      switch (image.origin()) {
        case Pinned pinned -> {
          if (written.add(image.source())) {
            put(image, result, image.source(), pinned.digest(), null);
          }
        }
        case Assembled assembled ->
            assembled
                .parts()
                .values()
                .forEach(
                    part ->
                        put(
                            image,
                            result,
                            ImageDraft.key(part.reference()),
                            part.digest(),
                            assembled.digest()));
        case Made made -> {
          put(image, result, image.source(), made.digest(), null);
          locked.computeIfPresent(image.source(), (_, entry) -> entry.with(origin(made)));
        }
        case null -> {}
      }
    }
    image.ages().forEach((source, age) -> remember(image.target(), source, age));
    result.findings().denial().ifPresent(denial -> deny(image, result, denial));
  }

  private static LockedOrigin origin(Made made) {
    TreeMap<String, Digest> from = new TreeMap<>();
    made.roots().forEach((source, root) -> from.put(source.toString(), root.digest()));
    TreeMap<Platform, LockedOrigin.Layer> layers = new TreeMap<>();
    made.image()
        .layers()
        .forEach(
            (platform, layer) ->
                layers.put(
                    platform, new LockedOrigin.Layer(layer.diffId(), layer.descriptor().digest())));
    return new LockedOrigin(from, List.of(), Optional.of(made.recipe()), layers);
  }

  private void put(
      PlannedImage image,
      ImageResult result,
      ImageReference source,
      Digest digest,
      @Nullable Digest targetDigest) {
    LockedImage old = former.images().get(source);
    LockedTrust trust = old != null && old.digest().equals(digest) ? old.trust() : LockedTrust.NONE;
    PolicyFindings findings = result.findings();
    if (findings.judged()) {
      trust =
          trust
              .signedBy(
                  image.origin() instanceof Made
                      ? findings.signedBy().values().stream().flatMap(List::stream).toList()
                      : findings.signedBy().getOrDefault(source, List.of()))
              .judged(findings.fingerprint(), findings.denial());
    }
    LockedOrigin origin = old == null ? LockedOrigin.NONE : old.origin();
    locked.put(
        source,
        new LockedImage(digest, targetDigest, image.target(), result.platforms(), trust, origin));
  }

  /** First sights are kept whatever became of the image: no wait begins anew. */
  private void remember(ImageReference target, ImageReference source, AgeChoice age) {
    LockedImage entry = locked.get(source);
    List<Sight> sights = age.sights(entry == null ? null : entry.digest());
    if (entry == null) {
      if (sights.isEmpty()) {
        awaited.remove(source);
      } else {
        awaited.put(source, new AwaitedImage(target, sights));
      }
      return;
    }
    LockedTrust trust = entry.trust().waitingFor(sights);
    if (trust.firstSeen().isEmpty()) {
      trust =
          trust.seen(
              age.firstSeen()
                  .filter(sight -> sight.digest().equals(entry.digest()))
                  .map(Sight::firstSeen));
    }
    locked.put(source, entry.with(trust));
  }

  /** A locked image that is denied by now keeps its entry, which says so. */
  private void deny(PlannedImage image, ImageResult result, Denial denial) {
    locked.replaceAll(
        (source, entry) -> {
          List<Digest> own = List.of(entry.digest(), entry.digestAtTarget());
          boolean meant =
              entry.target().equals(image.target())
                  && (own.contains(denial.digest())
                      || (result.digest() != null && own.contains(result.digest())));
          return meant
              ? entry.with(entry.trust().judged(entry.trust().judged(), Optional.of(denial)))
              : entry;
        });
  }
}
