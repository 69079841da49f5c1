package io.entrepot.gate;

import io.entrepot.concurrent.Parallel;
import io.entrepot.lock.LockFile;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import io.entrepot.policy.Admission;
import io.entrepot.policy.Decision;
import io.entrepot.policy.LockJudge;
import io.entrepot.policy.Policy;
import io.entrepot.policy.ReferenceJudge;
import io.entrepot.registry.RegistryClient;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * What a policy decides about every image that is used: by the lock, and, where registries may be
 * asked, by what they say of the rest. Each image is judged once.
 */
public final class PolicyDecisions {

  /**
   * A policy that is in force for a check.
   *
   * @param clock says as of when
   */
  public record InForce(Policy policy, Clock clock) {}

  /**
   * An entry of {@code admit:} that admits nothing.
   *
   * @param expired else no image has its digest
   */
  public record Idle(Admission admission, boolean expired) {}

  private static final int AT_ONCE = 16;

  private final InForce inForce;
  private final LockFile lock;
  private final LockJudge byLock;
  private final ReferenceJudge judge;
  private final boolean whole;
  private boolean asked;

  /**
   * @param lock an empty one where there is none
   * @param registries empty where none may be asked
   * @param whole whether everything is checked that there is
   */
  PolicyDecisions(
      InForce inForce,
      LockFile lock,
      Optional<Supplier<RegistryClient>> registries,
      boolean whole) {
    this.inForce = inForce;
    this.lock = lock;
    this.byLock = new LockJudge(inForce.policy(), lock, inForce.clock());
    this.judge =
        registries
            .map(client -> ReferenceJudge.online(byLock, client))
            .orElseGet(() -> ReferenceJudge.offline(byLock));
    this.whole = whole;
  }

  /** The policy. */
  public Policy policy() {
    return inForce.policy();
  }

  /** As of when is judged. */
  public Instant now() {
    return inForce.clock().instant();
  }

  /** The repositories by whose rules an image is judged. */
  public Collection<Repository> sources(ImageReference image) {
    return byLock.sources(image);
  }

  /** What is decided about an image; the first call asks for all of them at once. */
  public synchronized Decision of(ImageUse use, RenderedCluster cluster) {
    if (!asked) {
      Set<ImageReference> images = new LinkedHashSet<>();
      cluster.images().forEach(each -> images.add(each.reference()));
      Parallel.map(List.copyOf(images), new Semaphore(AT_ONCE), judge::judge);
      asked = true;
    }
    return judge.judge(use.reference());
  }

  /** Entries of {@code admit:} that are over, or that no image of the tree or the lock needs. */
  public List<Idle> idle(RenderedCluster cluster) {
    Set<Digest> there = new HashSet<>();
    cluster
        .images()
        .forEach(use -> Optional.ofNullable(use.reference().digest()).ifPresent(there::add));
    lock.images()
        .values()
        .forEach(
            image -> {
              there.add(image.digest());
              there.add(image.digestAtTarget());
              image.trust().waiting().forEach(sight -> there.add(sight.digest()));
            });
    lock.awaited()
        .values()
        .forEach(image -> image.waiting().forEach(sight -> there.add(sight.digest())));
    return policy().admitted().values().stream()
        .filter(each -> !each.counts(now()) || (whole && !there.contains(each.digest())))
        .map(each -> new Idle(each, !each.counts(now())))
        .toList();
  }
}
