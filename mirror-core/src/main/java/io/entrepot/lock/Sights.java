package io.entrepot.lock;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Repository;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every first sight that a lock file holds. A sight belongs to a repository and a digest, whatever
 * tag had it; of several the earliest counts. What is locked without a first sight was taken before
 * anybody asked for an age, and stays: it counts as seen {@link #BEFORE_ALL}.
 */
public final class Sights {

  /** The sight of what was locked before first sights were kept. It is never written down. */
  public static final Instant BEFORE_ALL = Instant.EPOCH;

  private record Content(Repository repository, Digest digest) {}

  private final Map<Content, Instant> earliest;
  private final Optional<Instant> latest;

  private Sights(Map<Content, Instant> earliest) {
    this.earliest = Map.copyOf(earliest);
    this.latest = earliest.values().stream().max(Instant::compareTo);
  }

  /** The sights of a lock file. */
  public static Sights of(LockFile lock) {
    Map<Content, Instant> earliest = new HashMap<>();
    lock.images()
        .forEach(
            (source, image) -> {
              add(
                  earliest,
                  source,
                  new Sight(image.digest(), image.trust().firstSeen().orElse(BEFORE_ALL)));
              addAll(earliest, source, image.trust().waiting());
              image.origin().from().forEach((from, digest) -> made(earliest, from, digest));
            });
    lock.awaited().forEach((source, image) -> addAll(earliest, source, image.waiting()));
    return new Sights(earliest);
  }

  /** What an image is made of stays as well; where it comes from may be an address. */
  private static void made(Map<Content, Instant> earliest, String from, Digest digest) {
    try {
      add(earliest, ImageReference.parse(from), new Sight(digest, BEFORE_ALL));
    } catch (MalformedException e) {
      // A chart of an HTTP repository, which is judged under its key.
    }
  }

  private static void addAll(
      Map<Content, Instant> earliest, ImageReference source, List<Sight> sights) {
    sights.forEach(sight -> add(earliest, source, sight));
  }

  private static void add(Map<Content, Instant> earliest, ImageReference source, Sight sight) {
    earliest.merge(
        new Content(source.repository(), sight.digest()),
        sight.firstSeen(),
        (one, other) -> one.isBefore(other) ? one : other);
  }

  /** When a digest was first seen in a repository of a source. */
  public Optional<Instant> find(Repository repository, Digest digest) {
    return Optional.ofNullable(earliest.get(new Content(repository, digest)));
  }

  /** The latest of all, behind which the clock cannot be. */
  public Optional<Instant> latest() {
    return latest;
  }
}
