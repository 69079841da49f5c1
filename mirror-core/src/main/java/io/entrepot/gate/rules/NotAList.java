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
import java.util.stream.Collectors;

/** Digests of one platform's manifest where several targets or platforms share the image. */
final class NotAList implements Judgement {

  static final Rule RULE =
      new Rule(
          "not-a-list",
          "A digest of one architecture only",
          "The other target's nodes fail with 'no match for platform in manifest'.",
          "Pin the digest of the manifest list: entrepot digest prints it, entrepot pin writes"
              + " it.");

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
                case Present present when refuses(evidence, use, present) ->
                    findings.refuse(use, message(use, present));
                case Unknown unknown when use.reference().digest() != null ->
                    findings.skip(use, unknown.why());
                case Absent _, Present _, Unknown _ -> {}
              }
            });
  }

  /** Whether the rule refuses an image, so that its platforms need not be told one by one. */
  static boolean refuses(Evidence evidence, ImageUse use, Present present) {
    return present.kind() == Kind.SINGLE
        && use.reference().digest() != null
        && evidence.images().isShared(use.reference().repository())
        && !isBoundToIt(evidence, use, present);
  }

  /** Whether the pod can run only on nodes of the manifest's platform. */
  private static boolean isBoundToIt(Evidence evidence, ImageUse use, Present present) {
    return use.demands() != null
        && !use.demands().isEmpty()
        && evidence.images().platforms(use).size() == 1
        && present.platforms().containsAll(evidence.images().platforms(use));
  }

  private static String message(ImageUse use, Present present) {
    String there =
        present.platforms().stream().map(Platform::toString).collect(Collectors.joining(", "));
    return "%s is no manifest list but the manifest of %s"
        .formatted(use.reference(), there.isEmpty() ? "another platform" : there + " alone");
  }
}
