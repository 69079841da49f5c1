package io.entrepot.mirror;

import io.entrepot.mirror.MirrorStep.AskHook;
import io.entrepot.mirror.MirrorStep.Confirm;
import io.entrepot.mirror.MirrorStep.PutTag;
import io.entrepot.mirror.MirrorStep.RetainTag;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Tag;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The last steps of an image: the operator's word, the tag that moves, and the look back. */
final class TagSteps {

  private static final int TAG_LENGTH = 128;
  private static final int RETAINED_DIGITS = 12;

  private final MirrorSession session;
  private final ImageWork work;
  private final PlannedImage image;

  TagSteps(MirrorSession session, ImageWork work) {
    this.session = session;
    this.work = work;
    this.image = work.image();
  }

  /**
   * @param moved whether steps before these bring something of the image
   */
  List<MirrorStep> steps(boolean moved) {
    List<MirrorStep> steps = new ArrayList<>();
    Digest digest = Objects.requireNonNull(image.origin()).digest();
    Digest former = image.former();
    boolean same = digest.equals(former);
    if (!same && !digest.equals(image.locked()) && hasHook()) {
      steps.add(new AskHook(asked(digest)));
    }
    if (!same && former != null && image.policy().retain()) {
      steps.add(new RetainTag(retained(image.target(), former), former));
    }
    boolean puts = !same || !work.tree().root().atTarget();
    if (puts) {
      steps.add(new PutTag(image.target(), digest, former));
    }
    if (puts || moved) {
      steps.add(new Confirm(image.target(), digest));
    }
    return steps;
  }

  private boolean hasHook() {
    return session.options().policy().flatMap(run -> run.policy().hook()).isPresent();
  }

  /** By tag and digest, as the source has it; a list that is made here is at the target alone. */
  private ImageReference asked(Digest digest) {
    ImageReference named = image.isMadeHere() ? image.target() : image.source();
    return new ImageReference(named.repository(), named.tag(), digest);
  }

  /** What files in git may still pin by digest must not be collected when the tag moves on. */
  static ImageReference retained(ImageReference target, Digest former) {
    String tag = Objects.requireNonNull(target.tag()).value();
    int room = TAG_LENGTH - RETAINED_DIGITS - 1;
    return target
        .repository()
        .tagged(
            new Tag(
                tag.substring(0, Math.min(tag.length(), room))
                    + "_"
                    + former.shortHex(RETAINED_DIGITS)));
  }
}
