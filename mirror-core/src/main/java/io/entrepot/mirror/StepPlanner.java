package io.entrepot.mirror;

import io.entrepot.concurrent.Parallel;
import io.entrepot.mirror.ImageTree.Blob;
import io.entrepot.mirror.ImageTree.Node;
import io.entrepot.mirror.MirrorListener.Phase;
import io.entrepot.mirror.MirrorStep.AwaitBlob;
import io.entrepot.mirror.MirrorStep.BlobThere;
import io.entrepot.mirror.MirrorStep.CopyBlob;
import io.entrepot.mirror.MirrorStep.CopyManifest;
import io.entrepot.mirror.MirrorStep.CopyReferrer;
import io.entrepot.mirror.MirrorStep.FindReferrers;
import io.entrepot.mirror.MirrorStep.KeepForeign;
import io.entrepot.mirror.MirrorStep.ListReferrers;
import io.entrepot.mirror.MirrorStep.ManifestThere;
import io.entrepot.mirror.MirrorStep.MergeList;
import io.entrepot.mirror.MirrorStep.MountBlob;
import io.entrepot.mirror.MirrorStep.PutList;
import io.entrepot.mirror.MirrorStep.PutTag;
import io.entrepot.mirror.MirrorStep.ReadManifests;
import io.entrepot.mirror.MirrorStep.VerifyEvidence;
import io.entrepot.mirror.PlannedImage.Pinned;
import io.entrepot.mirror.PlannedImage.Verdict;
import io.entrepot.mirror.ReferrerFinder.Missing;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Index;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.RegistryException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decides every step of one image; nobody else does. {@link #steps} changes nothing at the target
 * and spends no counted pull: what cannot be known without one, or before something else is done,
 * is a step that comes back here for the steps that follow from it.
 *
 * <p>Blobs come before the manifests that name them, manifests before lists, attachments before the
 * tag, the tag last: a run that is killed on the way has moved no tag, and the next one finds what
 * was brought.
 *
 * <p>Attachments of the images inside a list are looked for when the list is copied, not again
 * while it is unchanged: asking for each of them would cost more than the rest of the run.
 */
final class StepPlanner {

  private static final int MAX_REFERRER_DEPTH = 4;

  private final MirrorSession session;
  private final ImageWork work;
  private final PlannedImage image;
  private final MirrorListener listener;
  private final ReferrerFinder referrers;
  private final TagSteps tags;

  StepPlanner(MirrorSession session, ImageWork work, MirrorListener listener) {
    this.session = session;
    this.work = work;
    this.image = work.image();
    this.listener = listener;
    this.referrers = new ReferrerFinder(session, image, work.pulls());
    this.tags = new TagSteps(session, work);
  }

  /**
   * The steps of the image, as far as they can be known now.
   *
   * @throws Stopped where it must not be copied
   * @throws MirrorException where it cannot be read
   */
  List<MirrorStep> steps() {
    return switch (image.verdict()) {
      case UNCHANGED -> refresh();
      case COPY -> metered() ? joined(List.of(reading()), tags.steps(false)) : readSteps();
      case CONFIRM -> readSteps();
      case WAIT, REFUSE, FAIL, POSTPONE -> List.of();
    };
  }

  /** Reads the manifests where that costs no pull, so that {@link #steps} finds them read. */
  void readAhead() {
    boolean copied = image.verdict() == Verdict.COPY || image.verdict() == Verdict.CONFIRM;
    if (!copied || (image.verdict() == Verdict.COPY && metered())) {
      return;
    }
    try {
      work.tree().readAhead(work.root());
    } catch (RegistryException | MirrorException | Stopped e) {
      // Read again by steps(), which tells why that fails.
    }
  }

  private List<MirrorStep> readSteps() {
    listener.phase(image, Phase.READING);
    boolean read =
        MirrorException.at(
            Side.SOURCE,
            image.source(),
            "read manifests",
            () -> work.tree().readWithoutPulls(work.root()));
    return read ? all(looked()) : List.of(reading());
  }

  private ReadManifests reading() {
    return new ReadManifests(work.root(), Math.max(1, image.cost().pulls()));
  }

  /** What follows when the manifests are read. */
  List<MirrorStep> after(ReadManifests step) {
    // The tag's steps of a copy stand behind the reading already.
    return image.verdict() == Verdict.COPY ? content(looked()) : all(looked());
  }

  /** All of it once more, where the target was found to lack what it was believed to hold. */
  List<MirrorStep> again() {
    work.tree().blobs(true).forEach(blob -> work.blobs().forget(blob.descriptor().digest()));
    work.forgetReferrers();
    return all(Doubt.OF_ALL);
  }

  /** What of the target's word is not believed. */
  private enum Doubt {
    /** A manifest that is there vouches for what is below it. */
    NONE,
    /** Each blob is asked for; a manifest that was found is there. */
    OF_BLOBS,
    /** Manifests are put again as well. */
    OF_ALL
  }

  private Doubt looked() {
    return session.options().recheck() ? Doubt.OF_BLOBS : Doubt.NONE;
  }

  private List<MirrorStep> all(Doubt doubt) {
    List<MirrorStep> steps = content(doubt);
    boolean moves =
        steps.stream()
            .anyMatch(
                step ->
                    step.moves()
                        && !(step instanceof CopyReferrer || step instanceof ListReferrers));
    return joined(steps, tags.steps(moves));
  }

  /** Everything before the tag. */
  private List<MirrorStep> content(Doubt doubt) {
    ImageTree tree = work.tree();
    refuseAbsent(tree);
    listener.phase(image, Phase.VERIFYING);
    List<MirrorStep> steps = new ArrayList<>(conditions(tree));
    steps.addAll(blobs(tree, doubt != Doubt.NONE));
    steps.addAll(manifests(tree, doubt == Doubt.OF_ALL, false));
    if (image.policy().referrers() || carriesEvidence()) {
      steps.addAll(attached(tree));
    }
    return steps;
  }

  /** What must hold before anything is brought: one line for each condition. */
  private List<MirrorStep> conditions(ImageTree tree) {
    List<MirrorStep> steps = new ArrayList<>();
    steps.add(PlatformCondition.of(image, tree));
    admission().ifPresent(condition -> steps.add(condition.step(tree, metered())));
    return steps;
  }

  private Optional<AdmissionCondition> admission() {
    return session.options().policy().map(run -> new AdmissionCondition(session, work, run));
  }

  /** What follows when signatures may be read. */
  List<MirrorStep> after(VerifyEvidence step) {
    return admission().map(condition -> condition.verified(work.tree())).stream()
        .<MirrorStep>map(each -> each)
        .toList();
  }

  /** Whether somebody has to vouch for the image: then the proof travels along in any case. */
  private boolean carriesEvidence() {
    return session
        .options()
        .policy()
        .filter(
            run ->
                work.sources().entrySet().stream()
                    .anyMatch(
                        each ->
                            run.asksSignatures(
                                each.getKey().repository(), each.getValue().digest())))
        .isPresent();
  }

  private void refuseAbsent(ImageTree tree) {
    if (tree.absent().isEmpty()) {
      return;
    }
    Digest missing = tree.absent().keySet().iterator().next();
    throw new MirrorException(
        Side.SOURCE,
        image.source(),
        "read manifest " + missing,
        "the list names it, but it is not there",
        "the source is incomplete: ask the publisher to push it again",
        tree.absent().get(missing));
  }

  // Blobs and manifests

  /**
   * The blobs of those manifests which the target lacks, or of all. A manifest that the target
   * holds vouches for its blobs: nobody puts a manifest before them, and registries that check
   * refuse it.
   */
  private List<MirrorStep> blobs(ImageTree tree, boolean everything) {
    List<MirrorStep> steps = new ArrayList<>(Parallel.map(tree.blobs(everything), this::blob));
    for (Node node : tree.nodes().values()) {
      if (node.parsed() instanceof ImageManifest manifest) {
        manifest.layers().stream()
            .filter(Descriptor::isForeign)
            .forEach(layer -> steps.add(new KeepForeign(layer)));
      }
    }
    return steps;
  }

  /** Instead of a step that waits for another image, which has failed to bring the blob. */
  MirrorStep instead(ImageTree tree, Descriptor descriptor) {
    return tree.blobs(true).stream()
        .filter(blob -> blob.descriptor().digest().equals(descriptor.digest()))
        .findFirst()
        .map(this::blob)
        .orElseThrow(() -> new IllegalStateException("not of this image: " + descriptor));
  }

  private MirrorStep blob(Blob blob) {
    Descriptor descriptor = blob.descriptor();
    Repository target = work.target();
    Optional<Repository> other = work.blobs().claim(descriptor.digest());
    if (other.isPresent()) {
      return other.get().equals(target)
          ? new AwaitBlob(descriptor)
          : new MountBlob(descriptor, other.get());
    }
    try {
      if (session.blobs().has(image.source(), target, descriptor)) {
        work.blobs().arrived(descriptor.digest());
        return new BlobThere(descriptor);
      }
    } catch (RuntimeException e) {
      work.blobs().failed(descriptor.digest());
      throw e;
    }
    return session.isWithinRegistry(blob.source(), target) && work.made(descriptor.digest()) == null
        ? new MountBlob(descriptor, blob.source())
        : new CopyBlob(descriptor, blob.source());
  }

  /** Manifests by digest: images and artifacts at once, lists after what they name. */
  private List<MirrorStep> manifests(ImageTree tree, boolean everything, boolean withRoot) {
    List<MirrorStep> leaves = new ArrayList<>();
    List<MirrorStep> lists = new ArrayList<>();
    for (Node node : tree.childrenFirst()) {
      if (node.equals(tree.root()) && !withRoot) {
        continue;
      }
      boolean list = node.parsed() instanceof Index;
      if (node.atTarget() && !everything) {
        leaves.add(new ManifestThere(node.descriptor()));
      } else {
        (list ? lists : leaves).add(new CopyManifest(node.descriptor(), list));
      }
    }
    return joined(leaves, lists);
  }

  // Attachments

  /** Source and target agree; only what is attached may have changed. */
  private List<MirrorStep> refresh() {
    if (!image.policy().referrers()
        || session.options().check()
        || !(image.origin() instanceof Pinned pinned)) {
      return List.of();
    }
    return attachedTo(pinned.reference().repository(), pinned.digest(), true);
  }

  private List<MirrorStep> attached(ImageTree tree) {
    boolean made = image.isMadeHere();
    List<Node> subjects =
        tree.nodes().values().stream()
            .filter(node -> !made || !node.equals(tree.root()))
            .filter(node -> image.policy().referrers() || isSource(node))
            .toList();
    if (!metered()) {
      listener.phase(image, Phase.REFERRERS);
    }
    return Parallel.map(
            subjects, node -> attachedTo(node.source(), node.raw().digest(), node.atTarget()))
        .stream()
        .flatMap(List::stream)
        .toList();
  }

  private boolean isSource(Node node) {
    return work.sources().values().stream()
        .anyMatch(root -> root.digest().equals(node.raw().digest()));
  }

  private List<MirrorStep> attachedTo(Repository source, Digest subject, boolean atTarget) {
    FindReferrers step = new FindReferrers(subject, source, 1);
    return metered() ? List.of(step) : found(step, atTarget);
  }

  /** What is attached to a digest, found out now. */
  List<MirrorStep> after(FindReferrers step) {
    return found(step, true);
  }

  private List<MirrorStep> found(FindReferrers step, boolean atTarget) {
    if (step.depth() > MAX_REFERRER_DEPTH || !work.asksReferrersOf(step.subject())) {
      return List.of();
    }
    if (work.isSilent()) {
      work.note(
          "what is attached to %s is not asked: the source has fallen silent"
              .formatted(step.subject()));
      return List.of();
    }
    Missing missing;
    try {
      missing = referrers.find(step.source(), step.subject(), atTarget);
    } catch (MirrorException e) {
      if (e.isLimit()) {
        throw e;
      }
      work.fellSilent(e);
      work.note(
          "what is attached to %s is not known and not copied: %s"
              .formatted(step.subject(), e.getMessage()));
      return List.of();
    }
    List<MirrorStep> steps = new ArrayList<>();
    for (Descriptor referrer : missing.referrers()) {
      steps.add(new CopyReferrer(step.subject(), referrer, step.source(), null, step.depth()));
    }
    if (missing.list() != null) {
      work.keep(missing.list());
    }
    if (missing.list() != null || !missing.referrers().isEmpty()) {
      steps.add(
          new ListReferrers(
              step.subject(),
              missing.referrers(),
              missing.list() == null ? null : missing.list().digest()));
    }
    missing
        .tags()
        .forEach(
            (tag, manifest) ->
                steps.add(
                    new CopyReferrer(step.subject(), manifest, step.source(), tag, step.depth())));
    return steps;
  }

  /** What follows when the manifests of an attachment are read. */
  List<MirrorStep> after(CopyReferrer step, ImageTree tree) {
    List<MirrorStep> steps = new ArrayList<>(blobs(tree, false));
    steps.addAll(manifests(tree, false, true));
    Tag tag = step.tag();
    steps.add(
        tag == null
            ? new FindReferrers(step.manifest().digest(), step.source(), step.depth() + 1)
            : new PutTag(work.target().tagged(tag), step.manifest().digest(), null));
    return steps;
  }

  /**
   * What it takes that the target lists what was brought.
   *
   * @param byItself whether the target has the referrers API
   */
  List<MirrorStep> after(ListReferrers step, boolean byItself) {
    ImageReference tag = work.target().tagged(Tag.referrersOf(step.subject()));
    List<Descriptor> brought =
        step.referrers().stream().filter(each -> !work.isLeft(each.digest())).toList();
    // A list that names what is left behind is not put as it is: a registry may refuse it.
    Digest list = brought.size() == step.referrers().size() ? step.list() : null;
    if (!byItself) {
      return brought.isEmpty()
          ? List.of()
          : List.of(new MergeList(step.subject(), tag, brought, list));
    }
    return list == null ? List.of() : List.of(new PutList(tag, list));
  }

  private boolean metered() {
    return session.budget().counts(image.source().registry());
  }

  private static List<MirrorStep> joined(List<MirrorStep> first, List<MirrorStep> second) {
    List<MirrorStep> steps = new ArrayList<>(first);
    steps.addAll(second);
    return List.copyOf(steps);
  }
}
