package io.entrepot.mirror;

import io.entrepot.lock.Denial;
import io.entrepot.lock.LockedSignature;
import io.entrepot.mirror.ImageTree.Node;
import io.entrepot.mirror.MirrorStep.RequireAdmission;
import io.entrepot.mirror.MirrorStep.VerifyEvidence;
import io.entrepot.mirror.PlannedImage.Made;
import io.entrepot.mirror.PlannedImage.Verdict;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import io.entrepot.policy.Decision;
import io.entrepot.policy.Facts;
import io.entrepot.policy.LockedEvidence;
import io.entrepot.trust.SignaturePolicy;
import io.entrepot.trust.SignatureVerifier;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The condition that the policy admits an image: nothing in it is denied, and who has to vouch for
 * it does. Of an assembled list every part is judged under its own name.
 */
final class AdmissionCondition {

  private final MirrorSession session;
  private final ImageWork work;
  private final RunPolicy run;

  AdmissionCondition(MirrorSession session, ImageWork work, RunPolicy run) {
    this.session = session;
    this.work = work;
    this.run = run;
  }

  /**
   * The step for an image whose manifests are read. Signatures whose reading costs pulls become a
   * step that is not run here.
   *
   * @throws Stopped where it is not admitted
   * @throws MirrorException where it cannot be judged
   */
  MirrorStep step(ImageTree tree, boolean metered) {
    Set<Digest> contents = contents(tree);
    work.sources()
        .forEach((source, root) -> refuseDenied(source.repository(), root.digest(), contents));
    List<ImageReference> signed =
        work.sources().entrySet().stream()
            .filter(each -> asksSignatures(each.getKey(), each.getValue()))
            .map(Map.Entry::getKey)
            .toList();
    if (metered && !signed.isEmpty()) {
      return new VerifyEvidence(signed);
    }
    return verified(tree);
  }

  /** Verifies signatures and attestations now. */
  RequireAdmission verified(ImageTree tree) {
    Set<Digest> contents = contents(tree);
    Map<ImageReference, List<LockedSignature>> signedBy = new TreeMap<>();
    work.sources()
        .forEach(
            (source, root) -> {
              if (asksSignatures(source, root)) {
                signedBy.put(source, signatures(source, root, contents));
              }
            });
    return new RequireAdmission(run.policy().deniedFingerprint(), signedBy);
  }

  private boolean asksSignatures(ImageReference source, Descriptor root) {
    return run.asksSignatures(source.repository(), root.digest());
  }

  private void refuseDenied(Repository source, Digest digest, Set<Digest> contents) {
    Optional<Denial> denial = run.denial(source, digest, contents);
    if (denial.isPresent()
        && run.judge(source, digest, Facts.NONE.containing(contents))
            instanceof Decision.Refused refused) {
      throw Stopped.denied(
          refused.cause().word() + ": " + refused.reason(), refused.remedy(), denial.get());
    }
  }

  private List<LockedSignature> signatures(
      ImageReference source, Descriptor root, Set<Digest> contents) {
    SignaturePolicy demanded = run.policy().signatures(source.repository()).orElseThrow();
    // What the target holds of an image that is there costs no pull; a proof is a proof anywhere.
    if (work.image().verdict() == Verdict.CONFIRM
        && decision(source, work.target(), root, demanded, contents, Side.TARGET)
            instanceof Decision.Admitted(var evidence)) {
      return evidence.stream().map(LockedEvidence::of).toList();
    }
    return switch (decision(source, source.repository(), root, demanded, contents, Side.SOURCE)) {
      case Decision.Admitted(var evidence) -> evidence.stream().map(LockedEvidence::of).toList();
      case Decision.Refused(var cause, var reason, var remedy) ->
          throw Stopped.refused(cause.word() + ": " + reason, remedy);
      case Decision.Unjudged(var reason, var remedy) ->
          throw new MirrorException(
              Side.SOURCE, source, "judge " + root.digest(), reason, remedy, null);
      case Decision.Waiting(var until) ->
          throw Stopped.refused("too-young: it waits until " + until, "run again then");
    };
  }

  private Decision decision(
      ImageReference source,
      Repository where,
      Descriptor root,
      SignaturePolicy demanded,
      Set<Digest> contents,
      Side side) {
    SignatureVerifier verifier =
        new SignatureVerifier(
            new EvidenceReader(session, work.pulls(), side),
            Clock.fixed(run.now(), ZoneOffset.UTC));
    return run.judge(
        source.repository(),
        root.digest(),
        Facts.NONE.containing(contents).signed(verifier.judge(where, root, demanded)));
  }

  /** Every digest that the image is known to lead to. */
  private Set<Digest> contents(ImageTree tree) {
    Set<Digest> digests = new HashSet<>();
    List<Descriptor> children = new ArrayList<>();
    for (Node node : tree.nodes().values()) {
      digests.add(node.raw().digest());
      if (node.parsed() != null) {
        children.addAll(node.parsed().children());
      }
    }
    children.forEach(child -> digests.add(child.digest()));
    work.sources().values().forEach(root -> digests.add(root.digest()));
    if (work.image().origin() instanceof Made made) {
      digests.addAll(made.contents());
    }
    return digests;
  }
}
