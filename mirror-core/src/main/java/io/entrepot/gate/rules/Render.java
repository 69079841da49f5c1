package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.Rule;
import io.entrepot.render.Rendering;
import io.entrepot.text.FilePosition;

/** Errors of helm and kustomize, and files that are no YAML. */
final class Render implements Judgement {

  static final Rule RULE =
      new Rule(
          "render",
          "The tree does not render",
          "Argo CD and Flux run the same helm and kustomize: what fails here shows up there as"
              + " ComparisonError, and nothing of the application is deployed.",
          "Mend the file that the message names; entries must render from the tree alone.");

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    Rendering rendering = evidence.cluster().rendering();
    for (Rendering.Failure failure : rendering.failures()) {
      if (failure.reason() != Rendering.Reason.IMAGE_NOT_GIVEN) {
        findings.refuse(failure.target(), failure.position(), failure.message(), failure.remedy());
      }
    }
    for (Rendering.Unrendered unrendered : rendering.unrendered()) {
      FilePosition position = unrendered.position();
      String what =
          position == null ? unrendered.what() : "%s (%s)".formatted(unrendered.what(), position);
      if (unrendered.brings()) {
        findings.skip(unrendered.target(), position, what, unrendered.why());
      } else {
        findings.mention(unrendered.target(), position, what, unrendered.why());
      }
    }
  }
}
