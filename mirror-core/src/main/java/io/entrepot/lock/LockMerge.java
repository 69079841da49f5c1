package io.entrepot.lock;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Two branches' lock files, merged by entry. What one side has changed since the ancestor counts;
 * where both have locked another digest, the one that was seen later; and of two sights of a digest
 * the earlier one, so that no wait begins anew.
 */
public final class LockMerge {

  /** An entry of either kind; null stands for one that is not there. */
  private record Entry(@Nullable LockedImage locked, @Nullable AwaitedImage awaited) {

    static @Nullable Entry of(LockFile lock, ImageReference source) {
      LockedImage locked = lock.images().get(source);
      AwaitedImage awaited = lock.awaited().get(source);
      return locked == null && awaited == null ? null : new Entry(locked, awaited);
    }

    List<Sight> waiting() {
      if (locked != null) {
        return locked.trust().waiting();
      }
      return awaited == null ? List.of() : awaited.waiting();
    }

    @Nullable ImageReference target() {
      if (locked != null) {
        return locked.target();
      }
      return awaited == null ? null : awaited.target();
    }
  }

  private final LockFile base;
  private final LockFile ours;
  private final LockFile theirs;
  private final Sights seenByUs;
  private final Sights seenByThem;

  private LockMerge(LockFile base, LockFile ours, LockFile theirs) {
    this.base = base;
    this.ours = ours;
    this.theirs = theirs;
    this.seenByUs = Sights.of(ours);
    this.seenByThem = Sights.of(theirs);
  }

  /**
   * Merges.
   *
   * @param base the common ancestor; empty where it is not known, and then nothing counts as
   *     removed
   */
  public static LockFile merge(LockFile base, LockFile ours, LockFile theirs) {
    return new LockMerge(base, ours, theirs).merged();
  }

  private LockFile merged() {
    Set<ImageReference> sources = new TreeSet<>();
    for (LockFile lock : List.of(ours, theirs)) {
      sources.addAll(lock.images().keySet());
      sources.addAll(lock.awaited().keySet());
    }
    SortedMap<ImageReference, LockedImage> images = new TreeMap<>();
    SortedMap<ImageReference, AwaitedImage> awaited = new TreeMap<>();
    for (ImageReference source : sources) {
      Entry entry = entry(Entry.of(base, source), Entry.of(ours, source), Entry.of(theirs, source));
      if (entry != null && entry.locked() != null) {
        images.put(source, entry.locked());
      } else if (entry != null && entry.awaited() != null) {
        awaited.put(source, entry.awaited());
      }
    }
    settleTargets(images);
    images.replaceAll((source, image) -> withEarliestSights(source.repository(), image));
    awaited.replaceAll(
        (source, image) ->
            new AwaitedImage(image.target(), earliest(source.repository(), image.waiting())));
    return LockFile.of(images, awaited);
  }

  private static @Nullable Entry entry(
      @Nullable Entry base, @Nullable Entry ours, @Nullable Entry theirs) {
    if (ours == null || theirs == null) {
      Entry left = ours == null ? theirs : ours;
      // A side that removed an entry is followed where the other side has not touched it.
      return left == null || left.equals(base) ? null : left;
    }
    if (ours.equals(base)) {
      return theirs;
    }
    if (theirs.equals(base)) {
      return ours;
    }
    List<Sight> waiting = waiting(base, ours, theirs);
    LockedImage locked =
        locked(base == null ? null : base.locked(), ours.locked(), theirs.locked());
    if (locked != null) {
      return new Entry(locked.with(locked.trust().waitingFor(after(locked, waiting))), null);
    }
    ImageReference target = ours.target() == null ? theirs.target() : ours.target();
    return waiting.isEmpty() ? ours : new Entry(null, new AwaitedImage(target, waiting));
  }

  private static @Nullable LockedImage locked(
      @Nullable LockedImage base, @Nullable LockedImage ours, @Nullable LockedImage theirs) {
    if (ours == null || theirs == null) {
      return ours == null ? theirs : ours;
    }
    if (!ours.digestAtTarget().equals(theirs.digestAtTarget())) {
      return later(base, ours, theirs);
    }
    LockedTrust trust =
        new LockedTrust(
            earlier(ours.trust().firstSeen(), theirs.trust().firstSeen()),
            List.of(),
            changed(base, ours, theirs, image -> image.trust().signedBy()),
            changed(base, ours, theirs, image -> image.trust().judged()),
            changed(base, ours, theirs, image -> image.trust().denied()));
    return new LockedImage(
        ours.digest(),
        ours.targetDigest(),
        changed(base, ours, theirs, LockedImage::target),
        changed(base, ours, theirs, LockedImage::platforms),
        trust,
        changed(base, ours, theirs, LockedImage::origin));
  }

  private static LockedImage later(
      @Nullable LockedImage base, LockedImage ours, LockedImage theirs) {
    if (base != null && base.digestAtTarget().equals(ours.digestAtTarget())) {
      return theirs;
    }
    if (base != null && base.digestAtTarget().equals(theirs.digestAtTarget())) {
      return ours;
    }
    Instant mine = ours.trust().firstSeen().orElse(Instant.MIN);
    return theirs.trust().firstSeen().orElse(Instant.MIN).isAfter(mine) ? theirs : ours;
  }

  /** What one side has changed; ours where both have. */
  private static <T> T changed(
      @Nullable LockedImage base,
      LockedImage ours,
      LockedImage theirs,
      Function<LockedImage, T> part) {
    boolean untouched = base != null && part.apply(base).equals(part.apply(ours));
    return part.apply(untouched ? theirs : ours);
  }

  private static List<Sight> waiting(@Nullable Entry base, Entry ours, Entry theirs) {
    Set<Digest> before = digests(base == null ? List.of() : base.waiting());
    Set<Digest> mine = digests(ours.waiting());
    Set<Digest> others = digests(theirs.waiting());
    List<Sight> merged = new ArrayList<>();
    Stream.concat(ours.waiting().stream(), theirs.waiting().stream())
        .sorted()
        .filter(
            sight ->
                (mine.contains(sight.digest()) && others.contains(sight.digest()))
                    || !before.contains(sight.digest()))
        .filter(sight -> !digests(merged).contains(sight.digest()))
        .forEach(merged::add);
    return merged;
  }

  private static Set<Digest> digests(List<Sight> sights) {
    Set<Digest> digests = new HashSet<>();
    sights.forEach(sight -> digests.add(sight.digest()));
    return digests;
  }

  /** What still waits behind a locked digest. */
  private static List<Sight> after(LockedImage locked, List<Sight> waiting) {
    Instant since = locked.trust().firstSeen().orElse(Instant.MIN);
    return waiting.stream()
        .filter(sight -> !sight.digest().equals(locked.digest()))
        .filter(sight -> !sight.firstSeen().isBefore(since))
        .toList();
  }

  /** Entries of one target say the same of it: an assembled list is taken from one side whole. */
  private void settleTargets(SortedMap<ImageReference, LockedImage> images) {
    Map<ImageReference, Set<Digest>> held = new HashMap<>();
    images
        .values()
        .forEach(
            image ->
                held.computeIfAbsent(image.target(), _ -> new HashSet<>())
                    .add(image.digestAtTarget()));
    held.values().removeIf(digests -> digests.size() == 1);
    if (held.isEmpty()) {
      return;
    }
    images.values().removeIf(image -> held.containsKey(image.target()));
    Set<ImageReference> settled = new HashSet<>();
    for (LockFile side : List.of(ours, theirs)) {
      Set<ImageReference> taken = new HashSet<>();
      side.images()
          .forEach(
              (source, image) -> {
                if (held.containsKey(image.target()) && !settled.contains(image.target())) {
                  images.put(source, image);
                  taken.add(image.target());
                }
              });
      settled.addAll(taken);
    }
  }

  private LockedImage withEarliestSights(Repository source, LockedImage image) {
    LockedTrust trust = image.trust();
    return image.with(
        trust
            .seen(trust.firstSeen().map(time -> earliest(source, image.digest(), time)))
            .waitingFor(earliest(source, trust.waiting())));
  }

  private List<Sight> earliest(Repository source, List<Sight> sights) {
    return sights.stream()
        .map(
            sight -> new Sight(sight.digest(), earliest(source, sight.digest(), sight.firstSeen())))
        .toList();
  }

  private Instant earliest(Repository source, Digest digest, Instant known) {
    Optional<Instant> seen =
        earlier(seenByUs.find(source, digest), seenByThem.find(source, digest));
    return seen.filter(time -> time.isBefore(known)).orElse(known);
  }

  private static Optional<Instant> earlier(Optional<Instant> one, Optional<Instant> other) {
    return Stream.concat(one.stream(), other.stream()).min(Instant::compareTo);
  }
}
