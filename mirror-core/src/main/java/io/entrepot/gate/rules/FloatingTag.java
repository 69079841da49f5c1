package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.ImageUse;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.Rule;
import io.entrepot.oci.ImageReference;

/** Tags such as {@code main} and {@code latest}. */
final class FloatingTag implements Judgement {

  static final Rule RULE =
      new Rule(
          "floating-tag",
          "A tag that moves",
          "Tags like main and latest say nothing of what is in the image; beside a digest they"
              + " mislead whoever reads the file.",
          "Leave the tag out beside the digest, or use a version or a build's commit.");

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    for (ImageUse use : evidence.cluster().images()) {
      ImageReference image = use.reference();
      if (!use.isChart()
          && image.tag() != null
          && evidence.spec().floatingTags().matches(image.tag())) {
        findings.refuse(
            use,
            "%s: the tag '%s' moves%s"
                .formatted(
                    image.repository(),
                    image.tag(),
                    image.digest() == null ? "" : ", and beside the digest it says nothing"));
      }
    }
  }
}
