package io.entrepot.mirror;

import io.entrepot.concurrent.Parallel;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockedImage;
import io.entrepot.mirror.MirrorEntry.Assembly;
import io.entrepot.mirror.MirrorEntry.Compose;
import io.entrepot.mirror.MirrorEntry.ImageCopy;
import io.entrepot.mirror.MirrorEntry.TagSelection;
import io.entrepot.mirror.PlannedImage.Assembled;
import io.entrepot.mirror.PlannedImage.Cost;
import io.entrepot.mirror.PlannedImage.Made;
import io.entrepot.mirror.PlannedImage.Origin;
import io.entrepot.mirror.PlannedImage.Pinned;
import io.entrepot.mirror.PlannedImage.Verdict;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.RegistryName;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.stream.Collectors;
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
  private final Lookups lookups;
  private final LockFile lock;
  private final TagExpansion tags;
  private final PolicyPlanner policies;
  private final QuietDrift drift;
  private final AssemblyPlanner assemblies;
  private final CompositionPlanner compositions;

  MirrorPlanner(MirrorSession session, LockFile lock) {
    this.session = session;
    this.lookups = new Lookups(session);
    this.lock = lock;
    this.tags = new TagExpansion(session, lock);
    this.policies = new PolicyPlanner(session.options(), lock);
    this.drift = new QuietDrift(session);
    this.assemblies = new AssemblyPlanner(session, lock, policies);
    this.compositions = new CompositionPlanner(session, lock, policies);
  }

  /**
   * What is planned.
   *
   * @param images those of entries, then those that a recheck looks at beside them
   * @param kept the targets of the latter
   */
  record Planned(List<PlannedImage> images, Set<ImageReference> kept) {}

  Planned plan(MirrorSpec spec) {
    Semaphore slots = new Semaphore(Math.max(4, 2 * session.options().jobs()));
    List<List<MirrorEntry>> expanded =
        Parallel.map(
            spec.entries(),
            slots,
            entry ->
                entry instanceof TagSelection selection && admits(selection)
                    ? tags.expand(selection)
                    : List.of(entry));
    List<PlannedImage> images = new ArrayList<>();
    List<MirrorEntry> wanted =
        expanded.stream().flatMap(Collection::stream).filter(this::admits).toList();
    images.addAll(Parallel.map(wanted, slots, this::plan));
    refuseSharedTargets(images);
    int asked = images.size();
    if (session.options().recheck() && !session.options().check()) {
      KeptCopies kept = KeptCopies.beside(images, spec, lock, session);
      images.addAll(Parallel.map(kept.copies(), slots, this::planKept));
      images.addAll(kept.failed());
    }
    Set<ImageReference> kept =
        images.subList(asked, images.size()).stream()
            .map(PlannedImage::target)
            .collect(Collectors.toSet());
    for (int i = 0; i < images.size(); i++) {
      images.set(i, images.get(i).numbered(i));
    }
    if (!session.options().check()) {
      admitToBudget(images);
    }
    return new Planned(
        session.options().detail() ? new DryRun(session).steps(images) : images, kept);
  }

  private boolean admits(MirrorEntry entry) {
    MirrorOptions options = session.options();
    return switch (entry) {
      case ImageCopy copy -> options.admits(copy.source().toString(), copy.target().toString());
      case TagSelection selection -> options.only() == null || mayAdmit(selection);
      case Compose compose ->
          options.admits(compose.target().toString())
              || compose.composition().sources().stream()
                  .anyMatch(source -> options.admits(source.toString()));
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

  private PlannedImage plan(MirrorEntry entry) {
    ImageDraft draft = ImageDraft.of(entry, lock);
    return guarded(
        draft,
        () ->
            switch (entry) {
              case ImageCopy copy -> planCopy(copy, draft);
              case TagSelection selection -> tags.nothing(selection, draft);
              case Compose compose -> compositions.plan(compose, draft);
              case Assembly assembly -> assemblies.plan(assembly, draft);
            });
  }

  /** A copy by digest: the source is asked for nothing that is at the target. */
  private PlannedImage planKept(ImageCopy copy) {
    Digest digest = Objects.requireNonNull(copy.source().digest());
    ImageDraft named = ImageDraft.of(copy, lock);
    return guarded(
        named,
        () -> {
          Optional<Descriptor> meant =
              Lookups.atTarget(named, session.target().find(copy.target()));
          // A tag that means something else by now is not taken back.
          boolean moved = meant.isPresent() && !meant.get().digest().equals(digest);
          ImageDraft draft = moved ? named.at(TagSteps.retained(copy.target(), digest)) : named;
          Future<Optional<Descriptor>> atTarget =
              moved ? session.target().find(draft.target()) : Future.succeededFuture(meant);
          Descriptor root =
              Lookups.atTarget(draft, atTarget)
                  .or(
                      () ->
                          Lookups.atTarget(
                              draft, session.target().find(draft.target().pinnedTo(digest))))
                  .orElseGet(() -> lookups.resolve(draft, copy.source()));
          return resolved(draft, atTarget, root, Map.of());
        });
  }

  private PlannedImage guarded(ImageDraft draft, Supplier<PlannedImage> planning) {
    try {
      return planning.get();
    } catch (MirrorException e) {
      if (e.isLimit() && e.side() == Side.SOURCE) {
        session.budget().exhausted(draft.source().registry());
        return draft.stopped(Stopped.postponed(String.valueOf(e.getMessage())));
      }
      PlannedImage failed = draft.failed(String.valueOf(e.getMessage()), e.remedy());
      return e.isGone() ? failed.missing() : failed;
    } catch (Stopped e) {
      return draft.stopped(e);
    }
  }

  private PlannedImage planCopy(ImageCopy copy, ImageDraft draft) {
    session.target().expectPushes(copy.target().repository());
    Future<Optional<Descriptor>> atTarget = session.target().find(copy.target());
    ImageReference key = draft.source();
    LockedImage locked = lock.images().get(key);
    if (session.options().locked()) {
      if (locked == null || !locked.target().equals(copy.target())) {
        return notLocked(draft, locked);
      }
      Descriptor root = there(draft, atTarget, locked.digest());
      session.budget().look(key.registry());
      return resolved(draft, atTarget, root, Map.of());
    }
    Descriptor current = lookups.resolve(draft, "resolve", key);
    session.budget().look(key.registry());
    try {
      policies.refuseDenied(key.repository(), current.digest());
    } catch (Stopped e) {
      return draft.stopped(e).from(new Pinned(key, current));
    }
    if (session.options().policy().isEmpty()) {
      return moved(draft, atTarget, current, Map.of());
    }
    AgeChoice age =
        policies.choose(
            key,
            current.digest(),
            locked,
            digest -> lookups.isAtSource(draft, draft.source(), digest));
    Map<ImageReference, AgeChoice> ages = Map.of(key, age);
    Digest taken = age.taken();
    if (taken == null) {
      return draft.waiting().aged(ages);
    }
    // What is too young is not read yet.
    return taken.equals(current.digest())
        ? moved(draft, atTarget, current, ages)
        : resolved(draft, atTarget, there(draft, atTarget, taken), ages);
  }

  /** What the source has now, unless it differs only in what nobody asked for. */
  private PlannedImage moved(
      ImageDraft draft,
      Future<Optional<Descriptor>> atTarget,
      Descriptor current,
      Map<ImageReference, AgeChoice> ages) {
    LockedImage locked = lock.images().get(draft.source());
    return Lookups.atTarget(draft, atTarget)
        .filter(copy -> drift.isQuiet(draft, locked, current, copy))
        .map(copy -> resolved(draft, atTarget, copy, Map.of()).passingOver(current.digest()))
        .orElseGet(() -> resolved(draft, atTarget, current, ages));
  }

  private PlannedImage notLocked(ImageDraft draft, @Nullable LockedImage locked) {
    if (policies.isAwaited(draft.source())) {
      return draft.waiting();
    }
    return draft.failed(
        locked == null
            ? "not in the lock file"
            : "the lock file has it at %s".formatted(locked.target()),
        "a run from the source, without --locked or --from, locks it");
  }

  private PlannedImage resolved(
      ImageDraft draft,
      Future<Optional<Descriptor>> atTarget,
      Descriptor root,
      Map<ImageReference, AgeChoice> ages) {
    ImageReference key = draft.source();
    LockedImage locked = lock.images().get(key);
    Pinned origin = new Pinned(key, root);
    try {
      policies.refuseDenied(key.repository(), root.digest());
    } catch (Stopped e) {
      return draft.stopped(e).from(origin).aged(ages);
    }
    Digest former = Lookups.atTarget(draft, atTarget).map(Descriptor::digest).orElse(null);
    boolean vouched =
        !session.options().recheck()
            && draft.vouchedBy(locked, root.digest())
            && root.digest().equals(draft.locked())
            && policies.isSettled(key, root.digest(), locked);
    return draft.resolved(origin, former, vouched).aged(ages);
  }

  /** A digest that is wanted whatever the source's name means: at the target it costs nothing. */
  private Descriptor there(ImageDraft draft, Future<Optional<Descriptor>> atTarget, Digest wanted) {
    return Lookups.atTarget(draft, atTarget)
        .filter(there -> there.digest().equals(wanted))
        .orElseGet(
            () -> lookups.resolve(draft, "resolve " + wanted, draft.source().pinnedTo(wanted)));
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
                    Verdict.POSTPONE,
                    session.budget().shortage(registry, pulls),
                    Stopped.RETRY_NEXT_RUN)
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
      case Made _ -> 0;
      case Pinned pinned ->
          pinned.root().mediaType().isIndex()
              ? 1
                  + Math.max(
                      image.policy().platforms().size(),
                      (int) Math.min(100, pinned.root().size() / ENTRY_BYTES))
              : 1;
    };
  }
}
