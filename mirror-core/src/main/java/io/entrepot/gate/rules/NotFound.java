package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Inspection.Absent;
import io.entrepot.gate.Inspection.Present;
import io.entrepot.gate.Inspection.Unknown;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.Rule;
import io.entrepot.oci.ImageReference;

/** Images and charts that their registry does not have. */
final class NotFound implements Judgement {

  static final Rule RULE =
      new Rule(
          "not-found",
          "The registry does not have it",
          "A tag that was never published ends in ImagePullBackOff.",
          "Look at the tags that exist: entrepot tags REPOSITORY; push or mirror the missing one.");

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    evidence
        .images()
        .each(
            (use, inspection) -> {
              ImageReference image = use.reference();
              switch (inspection) {
                case Absent _ ->
                    findings.refuse(
                        use,
                        "%s has no %s %s"
                            .formatted(
                                image.repository(),
                                image.digest() == null ? "tag" : "digest",
                                image.identifier()),
                        remedy(image));
                case Unknown unknown -> findings.skip(use, unknown.why());
                case Present _ -> {}
              }
            });
  }

  private static String remedy(ImageReference image) {
    return image.digest() == null
        ? "look at what there is: entrepot tags %s; push or mirror what is missing"
            .formatted(image.repository())
        : "pin a digest that exists: entrepot digest %s:TAG".formatted(image.repository());
  }
}
