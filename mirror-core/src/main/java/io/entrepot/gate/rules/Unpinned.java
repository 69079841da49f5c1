package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.ImageUse;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.Rule;
import io.entrepot.oci.ImageReference;

/** Images that no digest names. */
final class Unpinned implements Judgement {

  static final Rule RULE =
      new Rule(
          "unpinned",
          "An image without a digest",
          "A tag can move without Git moving: what runs after a restart is not what was tested.",
          "Pin it: entrepot pin.");

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    for (ImageUse use : evidence.cluster().images()) {
      ImageReference image = use.reference();
      if (!use.isChart() && image.digest() == null) {
        findings.refuse(
            use,
            image.tag() == null
                ? "%s has neither tag nor digest, which means latest".formatted(image)
                : "%s is named by a tag alone, without a digest".formatted(image));
      }
    }
  }
}
