package io.entrepot.mirror;

import io.entrepot.concurrent.Parallel;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockedImage;
import io.entrepot.mirror.ImageTree.Node;
import io.entrepot.mirror.MirrorEntry.Assembly;
import io.entrepot.mirror.MirrorEntry.ImageCopy;
import io.entrepot.mirror.MirrorEntry.TagSelection;
import io.entrepot.mirror.PlannedImage.Assembled;
import io.entrepot.mirror.PlannedImage.Cost;
import io.entrepot.mirror.PlannedImage.Origin;
import io.entrepot.mirror.PlannedImage.Part;
import io.entrepot.mirror.PlannedImage.Pinned;
import io.entrepot.mirror.PlannedImage.Verdict;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.RegistryException;
import io.entrepot.verify.PlatformVerifier;
import io.entrepot.verify.Verification;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Makes the plan: one HEAD at the source and one at the target tell for most images that there is
 * nothing to do.
 *
 * <p>Equal digests do not tell that the target is complete: a list can be there without its images.
 * The lock does, because a run writes an entry only after it asked the target for every manifest.
 * So an image is unchanged for two requests where source, target and lock agree and the platforms
 * asked were found then; where the lock is silent, everything below the target's tag is looked at,
 * at the target, and what is missing is brought. What a registry loses later on its own does not
 * show in two HEADs; {@link MirrorOptions#recheck} looks.
 */
final class MirrorPlanner {

  /** Bytes of a list's entry, a little more than the shortest: to guess how many there are. */
  private static final int ENTRY_BYTES = 450;

  private final MirrorSession session;
  private final LockFile lock;

  MirrorPlanner(MirrorSession session, LockFile lock) {
    this.session = session;
    this.lock = lock;
  }

  List<PlannedImage> plan(MirrorSpec spec) {
    Semaphore slots = new Semaphore(Math.max(4, 2 * session.options().jobs()));
    List<List<MirrorEntry>> expanded =
        Parallel.map(
            spec.entries(),
            slots,
            entry ->
                entry instanceof TagSelection selection && admits(selection)
                    ? expand(selection)
                    : List.of(entry));
    List<PlannedImage> images = new ArrayList<>();
    List<MirrorEntry> wanted =
        expanded.stream().flatMap(Collection::stream).filter(this::admits).toList();
    images.addAll(Parallel.map(wanted, slots, this::plan));
    refuseSharedTargets(images);
    for (int i = 0; i < images.size(); i++) {
      images.set(i, images.get(i).numbered(i));
    }
    if (!session.options().check()) {
      admitToBudget(images);
    }
    return session.options().detail() ? detail(images) : images;
  }

  private boolean admits(MirrorEntry entry) {
    MirrorOptions options = session.options();
    return switch (entry) {
      case ImageCopy copy -> options.admits(copy.source().toString(), copy.target().toString());
      case TagSelection selection -> options.only() == null || mayAdmit(selection);
      case Assembly assembly ->
          options.admits(assembly.target().toString())
              || assembly.parts().values().stream()
                  .anyMatch(part -> options.admits(part.toString()));
    };
  }

  /** Whether some tag of the repositories could be meant; decided for good when it is known. */
  private boolean mayAdmit(TagSelection selection) {
    String only = session.options().only();
    if (only == null) {
      return true;
    }
    int colon = only.lastIndexOf(':');
    String name = colon > only.lastIndexOf('/') ? only.substring(0, colon) : only;
    MirrorOptions byName = session.options().withOnly(name);
    return byName.admits(selection.source().toString(), selection.target().toString());
  }

  private List<MirrorEntry> expand(TagSelection selection) {
    List<Tag> tags;
    if (session.options().locked()) {
      tags =
          lock.images().keySet().stream()
              .filter(key -> key.repository().equals(selection.source()))
              .map(ImageReference::tag)
              .filter(Objects::nonNull)
              .filter(tag -> TagSelector.matches(tag, selection.filter()))
              .toList();
    } else {
      try {
        tags =
            TagSelector.select(
                session.client().tags(selection.source()).await(), selection.filter());
      } catch (RegistryException e) {
        // The entry is planned as failed, with the registry's word.
        return List.of(selection);
      }
    }
    return tags.isEmpty()
        ? List.of(selection)
        : tags.stream()
            .<MirrorEntry>map(
                tag ->
                    new ImageCopy(
                        selection.source().tagged(tag),
                        selection.target().tagged(tag),
                        selection.policy(),
                        selection.where()))
            .toList();
  }

  private PlannedImage plan(MirrorEntry entry) {
    Draft draft = draft(entry);
    try {
      return switch (entry) {
        case ImageCopy copy -> planCopy(copy, draft);
        case TagSelection selection -> planNothing(selection, draft);
        case Assembly assembly -> planAssembly(assembly, draft);
      };
    } catch (MirrorException e) {
      return draft.failed(String.valueOf(e.getMessage()), e.remedy());
    } catch (PullAllotment.Postponed e) {
      return draft.image(
          null, null, Verdict.POSTPONE, String.valueOf(e.getMessage()), ImageCopier.LATER);
    }
  }

  /** What is known of an image before anybody is asked. */
  private record Draft(
      ImageReference source,
      ImageReference target,
      CopyPolicy policy,
      String where,
      @Nullable Digest locked) {

    PlannedImage image(
        @Nullable Origin origin,
        @Nullable Digest former,
        Verdict verdict,
        String reason,
        @Nullable String remedy) {
      return new PlannedImage(
          0, where, origin, source, target, policy, former, locked, verdict, reason, remedy,
          List.of(), Cost.NONE);
    }

    PlannedImage failed(String reason, @Nullable String remedy) {
      return image(null, null, Verdict.FAIL, reason, remedy);
    }
  }

  private Draft draft(MirrorEntry entry) {
    return switch (entry) {
      case ImageCopy copy ->
          new Draft(
              key(copy.source()),
              copy.target(),
              copy.policy(),
              copy.where(),
              lockedAtTarget(List.of(copy.source()), copy.target()));
      case TagSelection selection ->
          new Draft(
              new ImageReference(selection.source(), null, null),
              new ImageReference(selection.target(), null, null),
              selection.policy(),
              selection.where(),
              null);
      case Assembly assembly ->
          new Draft(
              key(assembly.parts().firstEntry().getValue()),
              assembly.target(),
              assembly.policy(),
              assembly.where(),
              lockedAtTarget(assembly.parts().values(), assembly.target()));
    };
  }

  /** The key of a source in the lock: by digest where it has one, else by tag. */
  static ImageReference key(ImageReference source) {
    Digest digest = source.digest();
    return digest != null ? source.pinnedTo(digest) : source.orLatest();
  }

  private @Nullable Digest lockedAtTarget(
      Collection<ImageReference> sources, ImageReference target) {
    Digest locked = null;
    for (ImageReference source : sources) {
      LockedImage entry = lock.images().get(key(source));
      if (entry == null || !entry.target().equals(target)) {
        return null;
      }
      locked = entry.digestAtTarget();
    }
    return locked;
  }

  /** No tag matched, or none could be listed: asked again for the words. */
  private PlannedImage planNothing(TagSelection selection, Draft draft) {
    if (session.options().locked()) {
      return draft.failed(
          "the lock file holds no matching tag of " + selection.source(),
          "run without --locked to resolve and lock it");
    }
    List<Tag> tags =
        await(
            Side.SOURCE,
            draft.source(),
            "list tags of " + selection.source(),
            session.client().tags(selection.source()));
    return draft.failed(
        TagSelector.nothing(tags, selection.filter()),
        "correct the pattern; 'entrepot tags %s' lists what there is"
            .formatted(selection.source()));
  }

  private PlannedImage planCopy(ImageCopy copy, Draft draft) {
    Future<Optional<Descriptor>> atTarget = session.client().find(copy.target());
    ImageReference key = draft.source();
    LockedImage locked = lock.images().get(key);
    Descriptor root;
    if (session.options().locked()) {
      if (locked == null || !locked.target().equals(copy.target())) {
        return draft.failed(
            locked == null
                ? "not in the lock file"
                : "the lock file has it at %s".formatted(locked.target()),
            "run without --locked to resolve and lock it");
      }
      Optional<Descriptor> there = await(Side.TARGET, key, "resolve " + copy.target(), atTarget);
      root =
          there.isPresent() && there.get().digest().equals(locked.digest())
              ? there.get()
              : await(
                  Side.SOURCE,
                  key,
                  "resolve " + locked.digest(),
                  session.client().resolve(key.pinnedTo(locked.digest())));
    } else {
      root = await(Side.SOURCE, key, "resolve", session.client().resolve(key));
    }
    session.budget().look(key.registry());
    Digest former =
        await(Side.TARGET, key, "resolve " + copy.target(), atTarget)
            .map(Descriptor::digest)
            .orElse(null);
    Pinned origin = new Pinned(key, root);
    boolean same = root.digest().equals(former);
    boolean vouched =
        locked != null
            && locked.target().equals(copy.target())
            && locked.digest().equals(root.digest())
            && locked.digestAtTarget().equals(root.digest())
            && covers(locked.platforms(), copy.policy());
    return draft.image(origin, former, verdict(same, vouched), "", null);
  }

  private Verdict verdict(boolean same, boolean vouched) {
    if (!same) {
      return Verdict.COPY;
    }
    return vouched && !session.options().recheck() ? Verdict.UNCHANGED : Verdict.CONFIRM;
  }

  private static boolean covers(List<Platform> locked, CopyPolicy policy) {
    return policy.artifact()
        || policy.platforms().stream()
            .allMatch(wanted -> locked.stream().anyMatch(found -> found.satisfies(wanted)));
  }

  /**
   * A part's tag and the lock's word on it suffice where nothing has moved. Otherwise the list is
   * made again: from HEADs alone where the parts are single manifests, from their lists where they
   * are lists.
   */
  private PlannedImage planAssembly(Assembly assembly, Draft draft) {
    ImageReference image = draft.source();
    Future<Optional<Descriptor>> atTarget = session.client().find(assembly.target());
    Map<Platform, Descriptor> roots = new TreeMap<>();
    boolean vouched = true;
    for (Map.Entry<Platform, ImageReference> part : assembly.parts().entrySet()) {
      ImageReference key = key(part.getValue());
      LockedImage locked = lock.images().get(key);
      ImageReference wanted = key;
      if (session.options().locked()) {
        if (locked == null || !locked.target().equals(assembly.target())) {
          return draft.failed(
              "%s is not in the lock file for this target".formatted(key),
              "run without --locked to resolve and lock it");
        }
        wanted = key.pinnedTo(locked.digest());
      }
      Descriptor root =
          await(Side.SOURCE, image, "resolve " + wanted, session.client().resolve(wanted));
      session.budget().look(key.registry());
      roots.put(part.getKey(), root);
      vouched &=
          locked != null
              && locked.target().equals(assembly.target())
              && locked.digest().equals(root.digest())
              && covers(locked.platforms(), assembly.policy());
    }
    Digest former =
        await(Side.TARGET, image, "resolve " + assembly.target(), atTarget)
            .map(Descriptor::digest)
            .orElse(null);
    boolean same = former != null && former.equals(draft.locked());
    if (vouched && same && !session.options().recheck()) {
      return draft.image(null, former, Verdict.UNCHANGED, "", null);
    }
    SortedMap<Platform, Part> parts = new TreeMap<>();
    for (Map.Entry<Platform, Descriptor> root : roots.entrySet()) {
      ImageReference reference = Objects.requireNonNull(assembly.parts().get(root.getKey()));
      Optional<Descriptor> entry = entry(image, reference, root.getKey(), root.getValue());
      if (entry.isEmpty()) {
        return draft.image(
            null,
            former,
            Verdict.REFUSE,
            "%s holds no manifest for %s".formatted(reference, root.getKey()),
            "name the tag that holds this platform");
      }
      parts.put(root.getKey(), new Part(reference, root.getValue().digest(), entry.get()));
    }
    RawManifest index = AssembledIndex.of(parts.values().stream().map(Part::entry).toList());
    if (session.options().locked() && !index.digest().equals(draft.locked())) {
      return draft.failed(
          "the list made of the locked parts is %s, the lock says %s"
              .formatted(index.digest(), draft.locked()),
          "run without --locked to lock it again");
    }
    return draft.image(
        new Assembled(parts, index),
        former,
        verdict(index.digest().equals(former), vouched),
        "",
        null);
  }

  /** The manifest of a platform in what a part's reference means. */
  private Optional<Descriptor> entry(
      ImageReference image, ImageReference part, Platform platform, Descriptor root) {
    if (!root.mediaType().isIndex()) {
      return Optional.of(
          new Descriptor(
              root.mediaType(), root.digest(), root.size(), platform, null, Map.of(), List.of()));
    }
    RawManifest list = session.manifests().get(root.digest());
    if (list == null) {
      PullAllotment pulls = new PullAllotment(session.budget(), part.registry(), 0);
      pulls.require(1);
      pulls.spend();
      list =
          await(
              Side.SOURCE,
              image,
              "read " + part,
              session.client().fetchManifest(part.pinnedTo(root.digest())));
      session.manifests().put(list.digest(), list);
    }
    if (!(parsed(image, list) instanceof Index index)) {
      return Optional.empty();
    }
    List<Descriptor> images =
        index.images().stream().filter(each -> each.platform() != null).toList();
    return images.stream()
        .filter(each -> platform.equals(each.platform()))
        .findFirst()
        .or(
            () ->
                images.stream()
                    .filter(each -> Objects.requireNonNull(each.platform()).satisfies(platform))
                    .findFirst());
  }

  private static Manifest parsed(ImageReference image, RawManifest manifest) {
    try {
      return manifest.parse();
    } catch (MalformedException e) {
      throw new MirrorException(
          Side.SOURCE,
          image,
          "read manifest " + manifest.digest(),
          String.valueOf(e.getMessage()),
          "ask the publisher to push it again",
          e);
    }
  }

  private static void refuseSharedTargets(List<PlannedImage> images) {
    Map<ImageReference, PlannedImage> byTarget = new HashMap<>();
    for (int i = 0; i < images.size(); i++) {
      PlannedImage image = images.get(i);
      PlannedImage earlier = byTarget.putIfAbsent(image.target(), image);
      if (earlier != null && image.target().tag() != null) {
        images.set(
            i,
            image.with(
                Verdict.FAIL,
                "%s (%s) ends at the same target".formatted(earlier.source(), earlier.where()),
                "give one of them another target"));
      }
    }
  }

  /** In file order: what fits gets its pulls, the rest waits for the next run. */
  private void admitToBudget(List<PlannedImage> images) {
    for (int i = 0; i < images.size(); i++) {
      PlannedImage image = images.get(i);
      Origin origin = image.origin();
      RegistryName registry = image.source().registry();
      boolean moves = image.verdict() == Verdict.COPY || image.verdict() == Verdict.CONFIRM;
      if (!moves || origin == null || !session.budget().counts(registry)) {
        continue;
      }
      int pulls = image.verdict() == Verdict.CONFIRM ? 0 : estimate(image, origin);
      if (session.budget().reserve(registry, pulls)) {
        images.set(i, image.with(List.of(), new Cost(0, false, pulls, false)));
      } else {
        images.set(
            i,
            image
                .with(
                    Verdict.POSTPONE, session.budget().shortage(registry, pulls), ImageCopier.LATER)
                .with(List.of(), new Cost(0, false, 0, true)));
      }
    }
  }

  /**
   * The root and its entries, before the root was read. The number of entries is guessed from the
   * size that HEAD told; at least one for each platform asked. Corrected when the root is here.
   */
  private static int estimate(PlannedImage image, Origin origin) {
    return switch (origin) {
      case Assembled assembled -> assembled.parts().size();
      case Pinned pinned ->
          pinned.root().mediaType().isIndex()
              ? 1
                  + Math.max(
                      image.policy().platforms().size(),
                      (int) Math.min(100, pinned.root().size() / ENTRY_BYTES))
              : 1;
    };
  }

  private List<PlannedImage> detail(List<PlannedImage> images) {
    Map<Digest, Repository> planned = new HashMap<>();
    Semaphore slots = new Semaphore(session.options().jobs());
    List<Optional<ImageTree>> trees =
        Parallel.map(images, slots, image -> Optional.ofNullable(tree(image)));
    List<PlannedImage> detailed = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      PlannedImage image = images.get(i);
      try {
        boolean moves = image.verdict() == Verdict.COPY || image.verdict() == Verdict.CONFIRM;
        Optional<ImageTree> tree = trees.get(i);
        PlannedImage known =
            !moves
                ? image
                : tree.isPresent() ? steps(image, tree.get(), planned) : unknownSteps(image);
        detailed.add(withReferrers(known));
      } catch (MirrorException e) {
        detailed.add(image.with(Verdict.FAIL, String.valueOf(e.getMessage()), e.remedy()));
      } catch (RegistryException e) {
        detailed.add(image.with(Verdict.FAIL, String.valueOf(e.getMessage()), e.remedy()));
      }
    }
    return detailed;
  }

  /** What is attached to the root; a source that counts pulls is not asked for a plan's sake. */
  private PlannedImage withReferrers(PlannedImage image) {
    boolean copied =
        image.verdict() == Verdict.COPY
            || image.verdict() == Verdict.CONFIRM
            || image.verdict() == Verdict.UNCHANGED;
    if (!copied
        || !image.policy().referrers()
        || !(image.origin() instanceof Pinned pinned)
        || session.budget().counts(image.source().registry())) {
      return image;
    }
    PullAllotment pulls = new PullAllotment(session.budget(), image.source().registry(), 0);
    List<String> missing;
    try {
      missing =
          new ReferrerCopier(
                  session, image, new Transfer(session, image, MirrorListener.SILENT), pulls)
              .missing(pinned.reference().repository(), pinned.digest());
    } finally {
      pulls.close();
    }
    List<MirrorStep> steps = new ArrayList<>(image.steps());
    int beforeTag = 0;
    for (MirrorStep step : steps) {
      if (step instanceof MirrorStep.RetainTag || step instanceof MirrorStep.PutTag) {
        break;
      }
      beforeTag++;
    }
    List<MirrorStep> attached =
        missing.stream()
            .<MirrorStep>map(name -> new MirrorStep.CopyReferrer(pinned.digest(), name))
            .toList();
    steps.addAll(beforeTag, attached);
    return image.with(steps, image.cost());
  }

  /** The image's manifests where they can be read without a counted pull; else null. */
  private @Nullable ImageTree tree(PlannedImage image) {
    Origin origin = image.origin();
    boolean moves = image.verdict() == Verdict.COPY || image.verdict() == Verdict.CONFIRM;
    if (origin == null
        || !moves
        || (image.verdict() == Verdict.COPY
            && session.budget().counts(image.source().registry()))) {
      return null;
    }
    PullAllotment pulls = new PullAllotment(session.budget(), image.source().registry(), 0);
    ImageTree tree = ImageCopier.tree(session, image, origin, pulls);
    try {
      tree.read(ImageCopier.root(origin));
      return tree;
    } catch (RegistryException | MirrorException | PullAllotment.Postponed e) {
      // The run tells it with the right words; a plan only lacks the details.
      return null;
    } finally {
      pulls.close();
    }
  }

  private static PlannedImage unknownSteps(PlannedImage image) {
    Origin origin = Objects.requireNonNull(image.origin());
    List<MirrorStep> steps = new ArrayList<>();
    steps.add(new MirrorStep.CopyManifest(ImageCopier.root(origin), image.cost().pulls() > 0));
    steps.add(new MirrorStep.Unknown(origin.digest()));
    addTag(image, origin.digest(), steps);
    return image.with(steps, new Cost(0, false, image.cost().pulls(), false));
  }

  private PlannedImage steps(PlannedImage image, ImageTree tree, Map<Digest, Repository> planned) {
    Verification verification =
        PlatformVerifier.verify(
            image.source(), tree.root().raw(), tree, ImageCopier.requirement(image.policy()));
    if (!verification.ok()) {
      return image.with(
          Verdict.REFUSE, ImageCopier.reasons(verification), ImageCopier.remedies(verification));
    }
    List<MirrorStep> steps = new ArrayList<>();
    long bytes = 0;
    Repository target = image.target().repository();
    for (ImageTree.Blob blob : tree.blobs(session.options().recheck())) {
      Descriptor descriptor = blob.descriptor();
      Repository holder = planned.get(descriptor.digest());
      if (holder != null) {
        steps.add(
            holder.equals(target)
                ? new MirrorStep.AlreadyThere(descriptor)
                : new MirrorStep.MountBlob(descriptor, holder));
      } else if (await(
          Side.TARGET,
          image.source(),
          "look for blob " + descriptor.digest(),
          session.client().hasBlob(target, descriptor))) {
        steps.add(new MirrorStep.AlreadyThere(descriptor));
      } else {
        steps.add(new MirrorStep.CopyBlob(descriptor));
        bytes += descriptor.size();
      }
      if (holder == null) {
        planned.put(descriptor.digest(), target);
      }
    }
    for (Node node : tree.childrenFirst()) {
      if (node.parsed() instanceof ImageManifest manifest) {
        manifest.layers().stream()
            .filter(Descriptor::isForeign)
            .forEach(layer -> steps.add(new MirrorStep.KeepForeign(layer)));
      }
      steps.add(
          node.atTarget()
              ? new MirrorStep.AlreadyThere(node.descriptor())
              : new MirrorStep.CopyManifest(node.descriptor(), false));
    }
    addTag(image, tree.root().raw().digest(), steps);
    boolean moves = steps.stream().anyMatch(step -> !(step instanceof MirrorStep.AlreadyThere));
    PlannedImage known = image.with(steps, new Cost(bytes, true, 0, true));
    return moves ? known : known.with(Verdict.UNCHANGED, "", null);
  }

  private static void addTag(PlannedImage image, Digest digest, List<MirrorStep> steps) {
    Digest former = image.former();
    if (digest.equals(former)) {
      return;
    }
    if (former != null && image.policy().retain()) {
      Tag kept = ImageCopier.retained(image.target(), former);
      steps.add(new MirrorStep.RetainTag(image.target().repository().tagged(kept), former));
    }
    steps.add(new MirrorStep.PutTag(image.target(), digest, former));
  }

  private static <T> T await(Side side, ImageReference image, String step, Future<T> future) {
    try {
      return future.await();
    } catch (RegistryException e) {
      throw MirrorException.of(side, image, step, e);
    }
  }
}
