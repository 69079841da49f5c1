package io.entrepot.mirror;

import io.entrepot.concurrent.Parallel;
import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.mirror.ImageTree.Node;
import io.entrepot.mirror.MirrorListener.Phase;
import io.entrepot.mirror.PlannedImage.Assembled;
import io.entrepot.mirror.PlannedImage.Origin;
import io.entrepot.mirror.PlannedImage.Pinned;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryException;
import io.entrepot.verify.PlatformFinding;
import io.entrepot.verify.PlatformVerifier;
import io.entrepot.verify.Problem;
import io.entrepot.verify.Requirement;
import io.entrepot.verify.Verification;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Does what the plan says for one image: reads its manifests, verifies them, brings blobs, then
 * manifests, then what is attached, moves the tag last, and asks the target whether all arrived.
 *
 * <p>A run that is killed on the way has moved no tag; what it brought is found by the next one.
 */
final class ImageCopier {

  private static final int TAG_LENGTH = 128;
  private static final int RETAINED_DIGITS = 12;

  private final MirrorSession session;
  private final PlannedImage image;
  private final MirrorListener listener;
  private final PullAllotment pulls;
  private final Repository target;
  private final Transfer transfer;
  private final List<String> notes = new ArrayList<>();
  private List<Platform> platforms;
  private boolean incomplete;

  /**
   * @param locked the platforms which the lock vouches for, of an unchanged image
   */
  ImageCopier(
      MirrorSession session,
      PlannedImage image,
      MirrorListener listener,
      PullAllotment pulls,
      List<Platform> locked) {
    this.session = session;
    this.image = image;
    this.listener = listener;
    this.pulls = pulls;
    this.target = image.target().repository();
    this.transfer = new Transfer(session, image, listener);
    this.platforms = image.verdict() == PlannedImage.Verdict.UNCHANGED ? locked : List.of();
  }

  /** Whether the target was found to lack what its tag promises, so that no lock may vouch. */
  boolean incomplete() {
    return incomplete;
  }

  ImageResult run() {
    listener.started(image);
    ImageResult result = outcome();
    listener.finished(image, result);
    return result;
  }

  /** What a plan with this verdict comes to where nothing is done. */
  static ImageResult undone(PlannedImage image, Outcome outcome) {
    return new ImageResult(
        image.source(),
        image.target(),
        outcome,
        image.digest(),
        image.former(),
        List.of(),
        ImageResult.Bytes.NONE,
        image.reason(),
        image.remedy(),
        List.of());
  }

  private ImageResult outcome() {
    try {
      return switch (image.verdict()) {
        case UNCHANGED -> refresh();
        case CONFIRM, COPY -> copy(Objects.requireNonNull(image.origin()));
        case REFUSE -> undone(image, Outcome.REFUSED);
        case FAIL -> undone(image, Outcome.FAILED);
        case POSTPONE -> undone(image, Outcome.POSTPONED);
      };
    } catch (PullAllotment.Postponed e) {
      return ended(Outcome.POSTPONED, e.getMessage(), LATER);
    } catch (MirrorException e) {
      if (e.isPullLimit() && e.side() == Side.SOURCE) {
        session.budget().exhausted(sourceRegistry());
        return ended(Outcome.POSTPONED, e.getMessage(), LATER);
      }
      return ended(Outcome.FAILED, e.getMessage(), e.remedy());
    } catch (CancellationException e) {
      return ended(Outcome.POSTPONED, "stopped before it was done", LATER);
    } catch (RuntimeException e) {
      // An error of ours must not take the other images with it; it is named, not hidden.
      return ended(Outcome.FAILED, "unexpected: " + e, "please report this");
    } finally {
      pulls.close();
    }
  }

  static final String LATER = "run again: what is done stays done";

  private RegistryName sourceRegistry() {
    return image.source().registry();
  }

  /** Source and target agree; only what is attached may have changed. */
  private ImageResult refresh() {
    if (image.policy().referrers()
        && image.origin() instanceof Pinned pinned
        && !session.options().check()) {
      listener.phase(image, Phase.REFERRERS);
      new ReferrerCopier(session, image, transfer, pulls)
          .copy(pinned.reference().repository(), pinned.digest());
    }
    return ended(transfer.moved() ? Outcome.COPIED : Outcome.UNCHANGED, null, null);
  }

  private ImageResult copy(Origin origin) {
    listener.phase(image, Phase.READING);
    ImageTree tree = read(origin);
    listener.phase(image, Phase.VERIFYING);
    Optional<ImageResult> refusal = verify(tree);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    if (!tree.absent().isEmpty()) {
      Digest missing = tree.absent().keySet().iterator().next();
      throw new MirrorException(
          Side.SOURCE,
          image.source(),
          "read manifest " + missing,
          "the list names it, but it is not there",
          "the source is incomplete: ask the publisher to push it again",
          tree.absent().get(missing));
    }
    bring(tree);
    if (transfer.moved()) {
      listener.phase(image, Phase.CONFIRMING);
      confirm(tree);
    }
    return ended(transfer.moved() ? Outcome.COPIED : Outcome.UNCHANGED, null, null);
  }

  private ImageTree read(Origin origin) {
    ImageTree tree = tree(session, image, origin, pulls);
    try {
      tree.read(root(origin));
      return tree;
    } catch (RegistryException e) {
      throw MirrorException.of(Side.SOURCE, image.source(), "read manifests", e);
    }
  }

  static Descriptor root(Origin origin) {
    return switch (origin) {
      case Pinned pinned -> pinned.root();
      case Assembled assembled -> assembled.index().descriptor();
    };
  }

  /**
   * The target is asked first where pulls are counted, and where it may well hold some of the
   * manifests: it held a former version, or this very one.
   */
  static ImageTree tree(
      MirrorSession session, PlannedImage image, Origin origin, PullAllotment pulls) {
    boolean askTarget =
        image.former() != null
            || session.options().recheck()
            || session.budget().counts(image.source().registry());
    Repository source =
        switch (origin) {
          case Pinned pinned -> pinned.reference().repository();
          case Assembled assembled ->
              assembled.parts().firstEntry().getValue().reference().repository();
        };
    ImageTree tree =
        new ImageTree(
            session, image.source(), source, image.target().repository(), askTarget, pulls);
    if (origin instanceof Assembled assembled) {
      tree.seed(assembled.index());
      assembled
          .parts()
          .values()
          .forEach(part -> tree.foundIn(part.entry().digest(), part.reference().repository()));
    }
    return tree;
  }

  private Optional<ImageResult> verify(ImageTree tree) {
    Verification verification;
    try {
      verification =
          PlatformVerifier.verify(
              image.source(), tree.root().raw(), tree, requirement(image.policy()));
    } catch (RegistryException e) {
      throw MirrorException.of(Side.SOURCE, image.source(), "verify platforms", e);
    }
    notes.addAll(verification.notes());
    platforms =
        verification.platforms().stream()
            .filter(PlatformFinding::present)
            .map(PlatformFinding::platform)
            .toList();
    return verification.ok()
        ? Optional.empty()
        : Optional.of(ended(Outcome.REFUSED, reasons(verification), remedies(verification)));
  }

  static String reasons(Verification verification) {
    return verification.problems().stream()
        .map(
            problem ->
                (problem.platform() == null ? "" : problem.platform() + ": ") + problem.message())
        .distinct()
        .collect(Collectors.joining("; "));
  }

  static String remedies(Verification verification) {
    return verification.problems().stream()
        .map(Problem::remedy)
        .distinct()
        .collect(Collectors.joining("; "));
  }

  static Requirement requirement(CopyPolicy policy) {
    if (policy.artifact()) {
      return Requirement.ofArtifact();
    }
    if (policy.platforms().isEmpty()) {
      return Requirement.asListed();
    }
    Requirement requirement = Requirement.of(policy.platforms());
    return policy.waiver() == null ? requirement : requirement.waived();
  }

  /**
   * Everything that the tag needs, then the tag. Where the target finds that it lacks what was
   * believed to be there, all of it is looked at once more.
   */
  private void bring(ImageTree tree) {
    boolean thorough = session.options().recheck();
    try {
      bring(tree, thorough);
    } catch (MirrorException e) {
      boolean lacking =
          e.getCause() instanceof RegistryException failure
              && e.side() == Side.TARGET
              && (failure.code() == ErrorCode.MANIFEST_BLOB_UNKNOWN
                  || failure.code() == ErrorCode.MANIFEST_INVALID);
      if (thorough || !lacking) {
        throw e;
      }
      session.blobs().forget(target, tree);
      bring(tree, true);
    }
  }

  private void bring(ImageTree tree, boolean ofAll) {
    listener.phase(image, Phase.COPYING);
    transfer.blobs(tree, target, ofAll);
    transfer.manifests(tree, target, false, ofAll);
    if (image.policy().referrers()) {
      listener.phase(image, Phase.REFERRERS);
      attach(tree);
    }
    listener.phase(image, Phase.PUBLISHING);
    Node root = tree.root();
    Digest digest = root.raw().digest();
    if (!digest.equals(image.former()) || !root.atTarget()) {
      retain(digest);
      transfer.put(image.target(), root.raw());
    }
  }

  private void attach(ImageTree tree) {
    ReferrerCopier referrers = new ReferrerCopier(session, image, transfer, pulls);
    for (Node node : tree.nodes().values()) {
      boolean made = image.origin() instanceof Assembled && node.equals(tree.root());
      if (!made) {
        referrers.copy(node.source(), node.raw().digest());
      }
    }
  }

  /** What files in git may still pin by digest must not be collected when the tag moves on. */
  private void retain(Digest digest) {
    Digest former = image.former();
    if (former == null || former.equals(digest) || !image.policy().retain()) {
      return;
    }
    ImageReference kept = target.tagged(retained(image.target(), former));
    Optional<RawManifest> manifest =
        at("read former " + former, () -> session.client().findManifest(target.at(former)).await());
    if (manifest.isPresent()) {
      transfer.put(kept, manifest.get());
    } else {
      notes.add("the former digest %s is not at the target any more".formatted(former));
    }
  }

  static Tag retained(ImageReference target, Digest former) {
    String tag = Objects.requireNonNull(target.tag()).value();
    int room = TAG_LENGTH - RETAINED_DIGITS - 1;
    return new Tag(
        tag.substring(0, Math.min(tag.length(), room)) + "_" + former.shortHex(RETAINED_DIGITS));
  }

  /** Asks the target for the tag and for every manifest below it, all at once. */
  private void confirm(ImageTree tree) {
    Node root = tree.root();
    Parallel.map(
        tree.nodes().values(),
        node -> {
          if (node.equals(root)) {
            confirmTag(root.raw().digest());
          } else {
            confirmChild(target.at(node.raw().digest()));
          }
          return node;
        });
  }

  private void confirmTag(Digest digest) {
    Optional<Descriptor> tag =
        at("confirm " + image.target(), () -> session.client().find(image.target()).await());
    if (tag.isEmpty() || !tag.get().digest().equals(digest)) {
      incomplete = true;
      throw new MirrorException(
          Side.TARGET,
          image.source(),
          "confirm " + image.target(),
          "the tag means %s after it was put as %s"
              .formatted(tag.isEmpty() ? "nothing" : tag.get().digest(), digest),
          "somebody else moved it at the same time, or the registry is in trouble: run again",
          null);
    }
  }

  private void confirmChild(ImageReference name) {
    if (at("confirm " + name, () -> session.client().find(name).await()).isEmpty()) {
      incomplete = true;
      throw new MirrorException(
          Side.TARGET,
          image.source(),
          "confirm " + name,
          "it was put, but it is not there",
          "the registry lost it: run again",
          null);
    }
  }

  private <T> T at(String step, Supplier<T> work) {
    try {
      return work.get();
    } catch (RegistryException e) {
      throw MirrorException.of(Side.TARGET, image.source(), step, e);
    }
  }

  private ImageResult ended(Outcome outcome, @Nullable String error, @Nullable String remedy) {
    return new ImageResult(
        image.source(),
        image.target(),
        outcome,
        image.digest(),
        image.former(),
        platforms,
        transfer.bytes(),
        error,
        remedy,
        notes);
  }
}
