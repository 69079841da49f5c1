package io.entrepot.policy;

import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Repository;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import io.entrepot.trust.SignaturePolicy;
import io.entrepot.trust.SignatureVerifier;
import io.entrepot.verify.ContentDigests;
import io.entrepot.verify.RegistryContent;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/**
 * Finds out what a policy has to know about an image, no more, and lets it decide. Blocks while it
 * asks registries; for virtual threads.
 */
public final class Judge {

  private final Policy policy;
  private final RegistryClient client;
  private final Clock clock;

  /** Judges by a policy; the clock says as of when. */
  public Judge(Policy policy, RegistryClient client, Clock clock) {
    this.policy = policy;
    this.client = client;
    this.clock = clock;
  }

  /**
   * Decides about an image.
   *
   * @param source where it comes from, whose rule counts
   * @param where it lies, and its signatures with it; the same, or the repository of a copy
   * @param root its list, or its manifest where it is no list
   * @param firstSeen when it was first seen at its source, as far as somebody has written that down
   */
  public Decision decide(
      Repository source, Repository where, RawManifest root, Optional<Instant> firstSeen) {
    Facts facts = new Facts(firstSeen, Optional.empty(), Optional.empty());
    if (!policy.denied().isEmpty()) {
      Decision early = policy.judge(source, root.digest(), facts, clock.instant());
      if (early instanceof Decision.Refused refused && refused.cause() == Decision.Cause.DENIED) {
        return early;
      }
    }
    try {
      Facts asked = facts(source, where, root);
      return policy.judge(
          source,
          root.digest(),
          new Facts(firstSeen, asked.contents(), asked.signatures()),
          clock.instant());
    } catch (MalformedException | RegistryException e) {
      return new Decision.Unjudged(
          "what is in it could not be read: " + e.getMessage(),
          "run again when its registry answers");
    }
  }

  /**
   * What the policy has to know of an image beside its age, and no more.
   *
   * @throws MalformedException for content that cannot be understood
   * @throws RegistryException where it cannot be read; of signatures the verdict says so
   */
  Facts facts(Repository source, Repository where, RawManifest root) {
    Facts facts = Facts.NONE;
    if (!policy.denied().isEmpty()) {
      facts = facts.containing(ContentDigests.of(root, new RegistryContent(client, where)));
    }
    Optional<SignaturePolicy> signatures = policy.signatures(source);
    return signatures.isPresent() && !policy.admits(root.digest(), clock.instant())
        ? facts.signed(
            new SignatureVerifier(client, clock).judge(where, root.descriptor(), signatures.get()))
        : facts;
  }
}
