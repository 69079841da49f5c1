package io.entrepot.mirror;

import io.entrepot.lock.Sight;
import io.entrepot.lock.Sights;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Repository;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * First sights, and which digest of a source is old enough. What is locked stays; of what waits the
 * newest that is old enough is taken, or what the source has now where that is old enough. Times
 * inside images are never looked at.
 */
final class AgeLedger {

  /** A digest that its tag leaves sooner than a quarter of the age, or this, was taken back. */
  private static final Duration LONGEST_PATIENCE = Duration.ofHours(12);

  private final RunPolicy run;
  private final Sights sights;
  private final Instant clock;

  /**
   * @param sights what earlier runs have seen
   */
  AgeLedger(RunPolicy run, Sights sights) {
    this.run = run;
    this.sights = sights;
    // A clock that was set back would make new sights older than they are.
    this.clock = sights.latest().filter(run.now()::isBefore).orElse(run.now());
  }

  /** When a digest was first seen, which is now where nobody has seen it before. */
  private Sight sight(Repository source, Digest digest) {
    return new Sight(digest, sights.find(source, digest).orElse(clock));
  }

  /** A sight as the lock remembers it; nobody has noted the one of what was locked before all. */
  private static Optional<Sight> written(Sight sight) {
    return Optional.of(sight).filter(each -> !each.firstSeen().equals(Sights.BEFORE_ALL));
  }

  /** When a digest was first seen, as far as that is known. */
  Optional<Sight> known(Repository source, Digest digest) {
    return sights.find(source, digest).map(time -> new Sight(digest, time));
  }

  /**
   * Chooses.
   *
   * @param atSource what the source's name means now
   * @param locked what was copied last, or null
   * @param waiting what the lock says is too young
   * @param stillThere asks the source whether it holds a digest that its name has left
   */
  AgeChoice choose(
      Repository source,
      Digest atSource,
      @Nullable Digest locked,
      List<Sight> waiting,
      Predicate<Digest> stillThere) {
    Duration age = run.policy().minAge(source);
    if (age.isZero()) {
      return AgeChoice.none(atSource);
    }
    List<String> notes = new ArrayList<>();
    if (atSource.equals(locked)) {
      waiting.forEach(
          sight ->
              notes.add(
                  "%s is taken back: the source is at the locked digest again"
                      .formatted(sight.digest())));
      return new AgeChoice(atSource, atSource, written(sight(source, atSource)), List.of(), notes);
    }
    List<Sight> left = notTakenBack(source, atSource, locked, waiting, notes);
    Sight here = sight(source, atSource);
    if (isOldEnough(source, here)) {
      return new AgeChoice(atSource, atSource, written(here), List.of(), notes);
    }
    Optional<Sight> taken = newest(source, left, stillThere, notes);
    List<Sight> waits = new ArrayList<>(left);
    waits.add(here);
    taken.ifPresent(sight -> waits.removeIf(each -> each.compareTo(sight) <= 0));
    waits.sort(null);
    waits.forEach(sight -> notes.add(words(source, sight)));
    return new AgeChoice(
        atSource,
        taken.map(Sight::digest).orElse(locked),
        taken
            .or(() -> Optional.ofNullable(locked).map(digest -> sight(source, digest)))
            .flatMap(AgeLedger::written),
        waits,
        notes);
  }

  /** What the tag has left, and not so soon that the release was taken back. */
  private List<Sight> notTakenBack(
      Repository source,
      Digest atSource,
      @Nullable Digest locked,
      List<Sight> waiting,
      List<String> notes) {
    Duration quarter = run.policy().minAge(source).dividedBy(4);
    Duration patience = quarter.compareTo(LONGEST_PATIENCE) < 0 ? quarter : LONGEST_PATIENCE;
    List<Sight> left = new ArrayList<>();
    for (Sight written : waiting) {
      Sight sight = sight(source, written.digest());
      if (sight.digest().equals(atSource) || Objects.equals(sight.digest(), locked)) {
        continue;
      }
      if (run.now().isBefore(sight.firstSeen().plus(patience))) {
        notes.add(
            "%s is taken back: the tag has left it within %s"
                .formatted(sight.digest(), words(patience)));
      } else {
        left.add(sight);
      }
    }
    left.sort(null);
    return left;
  }

  /** Takes out of the list what the source does not hold any more, or what is denied. */
  private Optional<Sight> newest(
      Repository source, List<Sight> left, Predicate<Digest> stillThere, List<String> notes) {
    for (Sight sight : left.reversed().stream().toList()) {
      if (!isOldEnough(source, sight)) {
        continue;
      }
      if (run.policy().denied().containsKey(sight.digest())) {
        notes.add("%s is dropped: it is denied".formatted(sight.digest()));
      } else if (!stillThere.test(sight.digest())) {
        notes.add("%s is taken back: it is gone at the source".formatted(sight.digest()));
      } else {
        return Optional.of(sight);
      }
      left.remove(sight);
    }
    return Optional.empty();
  }

  private boolean isOldEnough(Repository source, Sight sight) {
    return run.policy().admits(sight.digest(), run.now())
        || !run.now().isBefore(until(source, sight));
  }

  private Instant until(Repository source, Sight sight) {
    return sight.firstSeen().plus(run.policy().minAge(source));
  }

  private String words(Repository source, Sight sight) {
    return "%s waits until %s: it was first seen %s, and %s asks for an age of %s"
        .formatted(
            sight.digest(),
            until(source, sight),
            sight.firstSeen(),
            run.policy().file(),
            words(run.policy().minAge(source)));
  }

  private static String words(Duration time) {
    return time.toMinutes() % 60 == 0 ? time.toHours() + " h" : time.toMinutes() + " min";
  }
}
