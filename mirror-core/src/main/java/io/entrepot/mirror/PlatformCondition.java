package io.entrepot.mirror;

import io.entrepot.mirror.MirrorStep.RequirePlatforms;
import io.entrepot.oci.Platform;
import io.entrepot.verify.PlatformFinding;
import io.entrepot.verify.PlatformVerifier;
import io.entrepot.verify.Problem;
import io.entrepot.verify.Requirement;
import io.entrepot.verify.Verification;
import java.util.stream.Collectors;

/** The condition that every platform asked is really there. */
final class PlatformCondition {

  private PlatformCondition() {}

  /**
   * The step for an image whose manifests are read.
   *
   * @throws Stopped where a platform is missing
   */
  static RequirePlatforms of(PlannedImage image, ImageTree tree) {
    Verification verification =
        MirrorException.at(
            Side.SOURCE,
            image.source(),
            "verify platforms",
            () ->
                PlatformVerifier.verify(
                    image.source(), tree.root().raw(), tree, requirement(image.policy())));
    if (!verification.ok()) {
      throw Stopped.refused(reasons(verification), remedies(verification));
    }
    return new RequirePlatforms(
        verification.platforms().stream()
            .filter(PlatformFinding::present)
            .map(PlatformFinding::platform)
            .map(each -> Platform.of(each.os(), each.architecture(), each.variant()))
            .distinct()
            .toList(),
        verification.notes());
  }

  private static String reasons(Verification verification) {
    return verification.problems().stream()
        .map(
            problem ->
                (problem.platform() == null ? "" : problem.platform() + ": ") + problem.message())
        .distinct()
        .collect(Collectors.joining("; "));
  }

  private static String remedies(Verification verification) {
    return verification.problems().stream()
        .map(Problem::remedy)
        .distinct()
        .collect(Collectors.joining("; "));
  }

  private static Requirement requirement(CopyPolicy policy) {
    if (policy.artifact()) {
      return Requirement.ofArtifact();
    }
    if (policy.platforms().isEmpty()) {
      return Requirement.asListed();
    }
    Requirement requirement = Requirement.of(policy.platforms());
    // Of one platform a manifest that is no list is as good: nothing is missing in it.
    boolean single = policy.platforms().size() == 1 || policy.waiver() != null;
    return single ? requirement.waived() : requirement;
  }
}
