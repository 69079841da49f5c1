package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.ImageUse;
import io.entrepot.gate.PolicyDecisions;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import io.entrepot.policy.Decision;
import io.entrepot.policy.Policy;
import io.entrepot.policy.PolicyRule;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiConsumer;

/** What the rules have in common that tell what {@code policy.yaml} decides about images. */
final class PolicyJudgement {

  private PolicyJudgement() {}

  /** Shows every image with what is decided about it; none without a policy. */
  static void each(Evidence evidence, BiConsumer<ImageUse, Decision> action) {
    PolicyDecisions decisions = evidence.policy();
    if (decisions != null) {
      for (ImageUse use : evidence.cluster().images()) {
        action.accept(use, decisions.of(use, evidence.cluster()));
      }
    }
  }

  /** Refuses images for one cause. */
  static void refuse(Evidence evidence, Findings findings, Decision.Cause cause, Remedy remedy) {
    each(
        evidence,
        (use, decision) -> {
          if (decision instanceof Decision.Refused refused && refused.cause() == cause) {
            findings.refuse(
                use,
                "%s: %s".formatted(use.reference(), refused.reason()),
                remedy.of(evidence, use.reference(), refused));
          }
        });
  }

  /** What to do about one image, with the lines to write. */
  interface Remedy {
    String of(Evidence evidence, ImageReference image, Decision.Refused refused);
  }

  /** Says of images that could not be judged why, in the name of one of the rules. */
  static void skip(Evidence evidence, Findings findings, Doubt doubt) {
    each(
        evidence,
        (use, decision) -> {
          if (decision instanceof Decision.Unjudged(var reason, var remedy)
              && doubt == Doubt.of(evidence, use.reference())) {
            findings.skip(use, "%s; %s".formatted(reason, remedy));
          }
        });
  }

  /** What the policy asks that may not be known; each image is told by one rule. */
  enum Doubt {
    SIGNATURES,
    AGE,
    CONTENTS;

    static Doubt of(Evidence evidence, ImageReference image) {
      PolicyDecisions decisions = evidence.policy();
      if (decisions == null) {
        return CONTENTS;
      }
      Policy policy = decisions.policy();
      for (Repository source : decisions.sources(image)) {
        if (policy.signatures(source).isPresent()) {
          return SIGNATURES;
        }
        if (policy.minAge(source).compareTo(Duration.ZERO) > 0) {
          return AGE;
        }
      }
      return CONTENTS;
    }
  }

  /** The repository whose rule decides, as it is written into {@code match:}. */
  static String source(Evidence evidence, ImageReference image) {
    PolicyDecisions decisions = evidence.policy();
    return decisions == null
        ? image.repository().toString()
        : decisions.sources(image).stream().findFirst().orElse(image.repository()).toString();
  }

  /** Where the rule stands that decides, or the policy's file. */
  static String place(Evidence evidence, ImageReference image) {
    PolicyDecisions decisions = evidence.policy();
    if (decisions == null) {
      return Policy.USUAL_NAME;
    }
    return decisions.sources(image).stream()
        .map(source -> decisions.policy().rule(source))
        .flatMap(Optional::stream)
        .map(PolicyRule::position)
        .findFirst()
        .map(Object::toString)
        .orElse(decisions.policy().file());
  }
}
