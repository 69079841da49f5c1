package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.Rule;
import io.entrepot.policy.Decision;

/** Images whose signatures are by nobody whom the policy names, or do not hold. */
final class WrongSigner implements Judgement {

  static final Rule RULE =
      new Rule(
          "wrong-signer",
          "An image that somebody else has signed",
          "A signature by nobody who is named proves nothing: anybody can sign.",
          "Take the image of the maker who is named, or name the signer in policy.yaml.");

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    PolicyJudgement.refuse(
        evidence,
        findings,
        Decision.Cause.WRONG_SIGNER,
        (_, image, refused) ->
            "%s; only where its maker has a new key, write it there: - key: FILE, and run entrepot mirror"
                .formatted(refused.remedy()));
  }
}
