package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.Rule;
import io.entrepot.policy.Decision;

/** Images without a statement that the policy demands. */
final class AttestationMissing implements Judgement {

  static final Rule RULE =
      new Rule(
          "attestation-missing",
          "A demanded statement is not there",
          "How it was built, or what is in it, is not known to anybody who is named.",
          "Have its maker attest it, or demand less in policy.yaml.");

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    PolicyJudgement.refuse(
        evidence,
        findings,
        Decision.Cause.ATTESTATION_MISSING,
        (_, image, _) ->
            "have its maker attest it (cosign attest --type TYPE %s); or take the type out of attestations: in %s"
                .formatted(image, PolicyJudgement.place(evidence, image)));
  }
}
