package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.ImageUse;
import io.entrepot.gate.Inspection.Absent;
import io.entrepot.gate.Inspection.Kind;
import io.entrepot.gate.Inspection.Present;
import io.entrepot.gate.Inspection.Unknown;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.Rule;
import io.entrepot.oci.Platform;

/** Images that lack a platform of the target's nodes. */
final class PlatformMissing implements Judgement {

  static final Rule RULE =
      new Rule(
          "platform-missing",
          "A platform of the target is missing",
          "Pods stay in ImagePullBackOff on those nodes, or fail with exec format error.",
          "Choose an image that has the platform, have it built, or waive it with a reason.");

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
              if (use.isChart()) {
                return;
              }
              switch (inspection) {
                case Absent _ -> {}
                case Unknown unknown -> findings.skip(use, unknown.why());
                case Present present when NotAList.refuses(evidence, use, present) -> {}
                case Present present when present.kind() == Kind.ARTIFACT ->
                    artifact(use, findings);
                case Present present -> platforms(evidence, use, present, findings);
              }
            });
  }

  private static void artifact(ImageUse use, Findings findings) {
    if (use.role() == ImageUse.Role.CONTAINER) {
      findings.refuse(
          use,
          "%s is an artifact (a chart, a signature), no image that runs".formatted(use.reference()),
          "name the image itself");
    }
  }

  private static void platforms(
      Evidence evidence, ImageUse use, Present present, Findings findings) {
    for (Platform platform : evidence.images().platforms(use)) {
      String problem = present.problems().get(platform);
      if (problem != null) {
        findings.refuse(
            use, "%s cannot run on %s: %s".formatted(use.reference(), platform, problem));
      }
    }
  }
}
