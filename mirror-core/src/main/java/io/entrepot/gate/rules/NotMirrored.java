package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.ImageUse;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.LockView;
import io.entrepot.gate.Rule;
import io.entrepot.oci.ImageReference;
import io.entrepot.sites.ImagePattern;
import java.util.List;

/** Images that the lock does not hold, without those that are built here. */
final class NotMirrored implements Judgement {

  static final Rule RULE =
      new Rule(
          "not-mirrored",
          "Not in the lock of the mirror",
          "What the lock does not hold nobody verified, and it can vanish or be limited upstream.",
          "Add the image to mirror.yaml, run entrepot mirror, then entrepot pin.");

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    LockView lock = evidence.lock();
    if (lock == null) {
      return;
    }
    List<ImagePattern> firstParty =
        evidence.spec().firstParty().stream().map(ImagePattern::new).toList();
    for (ImageUse use : evidence.cluster().images()) {
      ImageReference image = use.reference();
      // A copy is no image of ours, however wide the pattern.
      boolean builtHere =
          !lock.holds(image.repository())
              && firstParty.stream().anyMatch(each -> each.matches(image));
      if (!use.isChart() && !builtHere) {
        lock.problem(image).ifPresent(problem -> findings.refuse(use, problem));
      }
    }
  }
}
