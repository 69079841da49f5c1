package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.Rule;
import io.entrepot.policy.Decision;

/** Images that nobody has signed although the policy names signers. */
final class Unsigned implements Judgement {

  static final Rule RULE =
      new Rule(
          "unsigned",
          "An image that nobody has signed",
          "Who has made it is not known: anybody who can push to the registry can replace it.",
          "Have it signed (cosign sign), or waive the signature in policy.yaml with a reason.");

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    PolicyJudgement.refuse(
        evidence,
        findings,
        Decision.Cause.UNSIGNED,
        (_, image, _) ->
            "have it signed: cosign sign --key KEY %s; or write before the rule of %s: - { match: %s, unsigned: WHY }"
                .formatted(
                    image,
                    PolicyJudgement.place(evidence, image),
                    PolicyJudgement.source(evidence, image)));
    PolicyJudgement.skip(evidence, findings, PolicyJudgement.Doubt.SIGNATURES);
  }
}
