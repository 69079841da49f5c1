package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.Rule;
import io.entrepot.oci.Digest;
import io.entrepot.policy.Decision;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;

/** Images that were first seen too short a time ago. */
final class TooYoung implements Judgement {

  static final Rule RULE =
      new Rule(
          "too-young",
          "An image that is too young",
          "A poisoned release is mostly found within days; what is taken at once is taken with it.",
          "Wait, or admit the digest in policy.yaml with a reason and a last day.");

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    PolicyJudgement.each(
        evidence,
        (use, decision) -> {
          if (decision instanceof Decision.Waiting(var until)) {
            LocalDate day = LocalDate.ofInstant(until, ZoneOffset.UTC);
            String digest =
                Optional.ofNullable(use.reference().digest())
                    .map(Digest::toString)
                    .orElse("sha256:…");
            findings.refuse(
                use,
                "%s is too young: it is admitted from %s on".formatted(use.reference(), until),
                "wait until %s; or write below admit: in policy.yaml: - { digest: %s, reason: WHY, until: %s }"
                    .formatted(until, digest, day));
          }
        });
    PolicyJudgement.skip(evidence, findings, PolicyJudgement.Doubt.AGE);
  }
}
