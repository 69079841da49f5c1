package io.entrepot.mirror;

import io.entrepot.lock.Denial;
import io.entrepot.lock.LockedSignature;
import io.entrepot.lock.LockedTrust;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import io.entrepot.policy.Decision;
import io.entrepot.policy.Demand;
import io.entrepot.policy.Facts;
import io.entrepot.policy.LockedEvidence;
import io.entrepot.policy.Policy;
import io.entrepot.policy.PolicyRule;
import io.entrepot.trust.SignaturePolicy;
import java.time.Instant;
import java.util.List;
import java.util.Map;
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
    boolean signed =
        !asksSignatures(source, digest)
            || policy
                .signatures(source)
                .filter(demanded -> LockedEvidence.suffices(trust.signedBy(), demanded))
                .isPresent();
    return isLookedThrough(trust) && signed;
  }

  /**
   * The same of an image that is made of several. Its entry holds the evidence for all of them
   * together, so there must be a statement of its own for each that is demanded.
   */
  boolean isSettled(Map<ImageReference, Descriptor> sources, LockedTrust trust) {
    List<SignaturePolicy> demands =
        sources.entrySet().stream()
            .filter(each -> asksSignatures(each.getKey().repository(), each.getValue().digest()))
            .flatMap(each -> policy.signatures(each.getKey().repository()).stream())
            .toList();
    long demanded = demands.stream().mapToLong(each -> each.types().size()).sum();
    long there = trust.signedBy().stream().map(LockedSignature::statement).distinct().count();
    return isLookedThrough(trust)
        && demanded <= there
        && demands.stream().allMatch(each -> LockedEvidence.suffices(trust.signedBy(), each));
  }

  private boolean isLookedThrough(LockedTrust trust) {
    return (policy.denied().isEmpty() || policy.deniedFingerprint().equals(trust.judged()))
        && trust.denied().isEmpty();
  }
}
