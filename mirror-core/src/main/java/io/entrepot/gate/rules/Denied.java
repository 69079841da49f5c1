package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.Rule;
import io.entrepot.oci.ImageReference;
import io.entrepot.policy.Decision;

/** Images that the policy denies, or that hold something that it denies. */
final class Denied implements Judgement {

  static final Rule RULE =
      new Rule(
          "denied",
          "An image that never runs",
          "Somebody has said why it must not run: it is poisoned, withdrawn or frozen.",
          "Take another digest: entrepot mirror, then entrepot pin. Nothing undoes a denial but its removal from policy.yaml.");

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    PolicyJudgement.refuse(
        evidence,
        findings,
        Decision.Cause.DENIED,
        (_, image, _) ->
            "write another digest: %s; %s says what is denied"
                .formatted(another(image), PolicyJudgement.place(evidence, image)));
    PolicyJudgement.skip(evidence, findings, PolicyJudgement.Doubt.CONTENTS);
  }

  private static String another(ImageReference image) {
    return image.tag() == null
        ? "entrepot tags %s".formatted(image.repository())
        : "entrepot mirror, then entrepot pin, once %s:%s has moved"
            .formatted(image.repository(), image.tag());
  }
}
