package io.entrepot.mirror;

import io.entrepot.lock.Denial;
import io.entrepot.lock.LockedTrust;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Repository;
import io.entrepot.policy.Decision;
import io.entrepot.policy.Demand;
import io.entrepot.policy.Facts;
import io.entrepot.policy.LockedEvidence;
import io.entrepot.policy.Policy;
import io.entrepot.policy.PolicyRule;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What may run, and as of when a run asks.
 *
 * @param now the clock of the whole run; first sights are written by it too
 * @param keepsSights whether the run's lock remembers first sights; without one an age that is
 *     asked for can only be looked up, never begin
 */
public record RunPolicy(Policy policy, Instant now, boolean keepsSights) {

  /**
   * Decides about a digest whose age is settled already.
   *
   * @param facts what it holds and who has signed it
   */
  Decision judge(Repository source, Digest digest, Facts facts) {
    return policy.judge(source, digest, facts.seen(Instant.MIN), now);
  }

  /**
   * What the policy denies in an image: its repository, its digest, or something in it.
   *
   * @param contents what the image is known to lead to
   */
  Optional<Denial> denial(Repository source, Digest digest, Set<Digest> contents) {
    Demand demand = policy.rule(source).map(PolicyRule::demand).orElseGet(Demand.Nothing::new);
    if (demand instanceof Demand.Denied(String reason)) {
      return Optional.of(new Denial(digest, reason));
    }
    Set<Digest> all = new TreeSet<>(contents);
    all.retainAll(policy.denied().keySet());
    return Optional.ofNullable(policy.denied().get(digest))
        .map(reason -> new Denial(digest, reason))
        .or(
            () ->
                all.stream()
                    .findFirst()
                    .map(
                        inside -> new Denial(inside, String.valueOf(policy.denied().get(inside)))));
  }

  /** Whether somebody has to vouch for a digest. */
  boolean asksSignatures(Repository source, Digest digest) {
    return policy.signatures(source).isPresent() && !policy.admits(digest, now);
  }

  /** Whether the lock says everything of a locked digest that is asked today. */
  boolean isSettled(Repository source, Digest digest, LockedTrust trust) {
    boolean looked = policy.denied().isEmpty() || policy.deniedFingerprint().equals(trust.judged());
    boolean signed =
        !asksSignatures(source, digest)
            || policy
                .signatures(source)
                .filter(demanded -> LockedEvidence.suffices(trust.signedBy(), demanded))
                .isPresent();
    return looked && signed && trust.denied().isEmpty();
  }
}
