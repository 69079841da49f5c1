package io.entrepot.lock;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every first sight that a lock file holds. A sight belongs to a repository and a digest, whatever
 * tag had it; of several the earliest counts.
 */
public final class Sights {

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
              image
                  .trust()
                  .firstSeen()
                  .ifPresent(time -> add(earliest, source, new Sight(image.digest(), time)));
              addAll(earliest, source, image.trust().waiting());
            });
    lock.awaited().forEach((source, image) -> addAll(earliest, source, image.waiting()));
    return new Sights(earliest);
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
