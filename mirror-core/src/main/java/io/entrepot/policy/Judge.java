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
    Instant now = clock.instant();
    Facts facts = new Facts(firstSeen, Optional.empty(), Optional.empty());
    if (!policy.denied().isEmpty()) {
      Decision early = policy.judge(source, root.digest(), facts, now);
      if (early instanceof Decision.Refused refused && refused.cause() == Decision.Cause.DENIED) {
        return early;
      }
      try {
        facts = facts.containing(ContentDigests.of(root, new RegistryContent(client, where)));
      } catch (MalformedException | RegistryException e) {
        return new Decision.Unjudged(
            "what is in it could not be read: " + e.getMessage(),
            "run again when its registry answers");
      }
    }
    Optional<SignaturePolicy> signatures = policy.signatures(source);
    if (signatures.isPresent() && !policy.admits(root.digest(), now)) {
      facts =
          facts.signed(
              new SignatureVerifier(client, clock)
                  .judge(where, root.descriptor(), signatures.get()));
    }
    return policy.judge(source, root.digest(), facts, now);
  }
}
