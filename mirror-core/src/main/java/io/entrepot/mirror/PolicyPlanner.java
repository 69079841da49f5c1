package io.entrepot.mirror;

import io.entrepot.lock.AwaitedImage;
import io.entrepot.lock.Denial;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockedImage;
import io.entrepot.lock.Sight;
import io.entrepot.lock.Sights;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import io.entrepot.policy.Decision;
import io.entrepot.policy.Facts;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a policy says before anything of an image is read: whether its digest or its repository is
 * denied, and which digest is old enough.
 */
final class PolicyPlanner {

  private record Rules(RunPolicy run, AgeLedger ages) {}

  private final LockFile lock;
  private final Optional<Rules> rules;

  PolicyPlanner(MirrorOptions options, LockFile lock) {
    this.lock = lock;
    this.rules = options.policy().map(run -> new Rules(run, new AgeLedger(run, Sights.of(lock))));
  }

  /**
   * Refuses what is denied by its name or its digest.
   *
   * @throws Stopped where it is
   */
  void refuseDenied(Repository source, Digest digest) {
    if (rules.isEmpty()) {
      return;
    }
    RunPolicy run = rules.get().run();
    Optional<Denial> denial = run.denial(source, digest, Set.of());
    if (denial.isPresent()
        && run.judge(source, digest, Facts.NONE) instanceof Decision.Refused refused) {
      throw Stopped.denied(
          refused.cause().word() + ": " + refused.reason(), refused.remedy(), denial.get());
    }
  }

  /**
   * Which digest of a source is old enough.
   *
   * @param key as in the lock
   * @param atSource what the key means there now
   * @param stillThere asks the source for a digest that its tag has left
   * @throws Stopped where nobody keeps first sights, and none that is old enough is known
   */
  AgeChoice choose(
      ImageReference key,
      Digest atSource,
      @Nullable LockedImage locked,
      Predicate<Digest> stillThere) {
    return choose(
        key, atSource, locked == null ? null : locked.digest(), waiting(key, locked), stillThere);
  }

  /**
   * The same for a source of an image that is made here, which the lock holds under its own name.
   *
   * @param former what the image was made of last, or null
   */
  AgeChoice chooseFor(
      ImageReference key, Digest atSource, @Nullable Digest former, Predicate<Digest> stillThere) {
    return choose(key, atSource, former, waiting(key, null), stillThere);
  }

  private AgeChoice choose(
      ImageReference key,
      Digest atSource,
      @Nullable Digest locked,
      List<Sight> waiting,
      Predicate<Digest> stillThere) {
    if (rules.isEmpty()) {
      return AgeChoice.none(atSource);
    }
    if (!rules.get().run().keepsSights()) {
      requireKnownAge(rules.get(), key.repository(), atSource);
      return AgeChoice.none(atSource);
    }
    return rules.get().ages().choose(key.repository(), atSource, locked, waiting, stillThere);
  }

  private List<Sight> waiting(ImageReference key, @Nullable LockedImage locked) {
    if (locked != null) {
      return locked.trust().waiting();
    }
    AwaitedImage awaited = lock.awaited().get(key);
    return awaited == null ? List.of() : awaited.waiting();
  }

  private static void requireKnownAge(Rules rules, Repository source, Digest digest) {
    RunPolicy run = rules.run();
    if (run.policy().minAge(source).isZero() || run.policy().admits(digest, run.now())) {
      return;
    }
    Optional<Sight> sight = rules.ages().known(source, digest);
    if (sight.isEmpty()) {
      throw Stopped.refused(
          "too-young: nobody knows when %s was first seen, and %s asks for an age"
              .formatted(digest, run.policy().file()),
          "name the lock file that has seen it with --lock, or admit the digest with `admit:`");
    }
    if (run.now().isBefore(sight.get().firstSeen().plus(run.policy().minAge(source)))) {
      throw Stopped.refused(
          "too-young: %s was first seen %s, and waits until %s"
              .formatted(
                  digest,
                  sight.get().firstSeen(),
                  sight.get().firstSeen().plus(run.policy().minAge(source))),
          "run again then, or admit the digest with `admit:`");
    }
  }

  /** Whether the lock says of a digest all that the policy asks today. */
  boolean isSettled(ImageReference key, Digest digest, @Nullable LockedImage locked) {
    return rules.isEmpty()
        || (locked != null
            && rules.get().run().isSettled(key.repository(), digest, locked.trust()));
  }

  /** The same of an image that is made here, for each of its sources. */
  boolean isSettled(Map<ImageReference, Descriptor> roots, LockedImage locked) {
    return rules.isEmpty() || rules.get().run().isSettled(roots, locked.trust());
  }

  /** What a lock says of an image that it awaits. */
  boolean isAwaited(ImageReference key) {
    return lock.awaited().containsKey(key);
  }
}
