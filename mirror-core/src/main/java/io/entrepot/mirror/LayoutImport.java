package io.entrepot.mirror;

import io.entrepot.layout.Layout;
import io.entrepot.layout.LayoutNames;
import io.entrepot.layout.LayoutRegistry;
import io.entrepot.lock.AwaitedImage;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockedImage;
import io.entrepot.lock.LockedTrust;
import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.mirror.MirrorEntry.Assembly;
import io.entrepot.mirror.MirrorEntry.Compose;
import io.entrepot.mirror.MirrorEntry.ImageCopy;
import io.entrepot.mirror.PlannedImage.Verdict;
import io.entrepot.oci.ImageReference;
import io.entrepot.policy.Decision;
import io.entrepot.policy.LockJudge;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A mirror file brought to its target out of an image layout, by the lock that travels in it; no
 * source is asked. All of the layout is hashed before the first tag moves.
 */
public final class LayoutImport {

  private final Layout layout;
  private final LayoutLock travelled;
  private final SpecTargets targets;
  private final LockFile own;
  private final Optional<RunPolicy> policy;
  private final ChartRun charts;
  private final MirrorSpec spec;
  private final Set<ImageReference> made;

  /**
   * @param settings the mirror file
   * @param own the lock beside the mirror file
   * @param policy what may arrive; what the layout's lock says of signatures and of denied digests
   *     is not believed where one is in force
   * @throws RegistryException where the layout has no lock, or is not as it was written
   */
  public LayoutImport(
      Layout layout, MirrorSettings settings, LockFile own, Optional<RunPolicy> policy) {
    this.layout = layout;
    this.policy = policy;
    this.own = own;
    layout.verify();
    this.travelled =
        LayoutLock.read(layout)
            .orElseThrow(
                () ->
                    RegistryException.of(
                            ErrorCode.MANIFEST_UNKNOWN,
                            "the layout holds no lock, so it does not say what is what")
                        .withRemedy(
                            "make it by entrepot mirror --to; single images are taken by entrepot"
                                + " copy"));
    if (!travelled.sparse()) {
      layout.requireWhole();
    }
    travelled.requireEntries(layout);
    this.charts = ChartRun.locked(settings, source(), travelled.lock());
    this.targets = new SpecTargets(charts.spec());
    this.made =
        charts.spec().entries().stream()
            .flatMap(entry -> madeTarget(entry).stream())
            .collect(Collectors.toUnmodifiableSet());
    this.spec = new MirrorSpec(charts.spec().entries().stream().map(LayoutImport::whole).toList());
  }

  /** The file's entries; a list that is made of parts lies in the layout as it was made. */
  public MirrorSpec spec() {
    return spec;
  }

  private static Optional<ImageReference> madeTarget(MirrorEntry entry) {
    return switch (entry) {
      case Compose compose -> Optional.of(compose.target());
      case Assembly assembly -> Optional.of(assembly.target());
      default -> Optional.empty();
    };
  }

  private static MirrorEntry whole(MirrorEntry entry) {
    if (entry instanceof Compose compose) {
      return new ImageCopy(compose.target(), compose.target(), compose.policy(), compose.where());
    }
    return entry instanceof Assembly assembly
        ? new ImageCopy(assembly.target(), assembly.target(), assembly.policy(), assembly.where())
        : entry;
  }

  /** What is read from. */
  public final RegistryClient source() {
    return LayoutRegistry.client(layout, LayoutNames.canonical());
  }

  /** The lock to plan with: the travelled digests; what we have already vouches for its copies. */
  public LockFile planning() {
    TreeMap<ImageReference, LockedImage> images = new TreeMap<>();
    travelled
        .lock()
        .images()
        .forEach(
            (key, image) ->
                targets
                    .of(key)
                    .ifPresent(
                        target ->
                            images.put(
                                image.targetDigest() == null ? key : target,
                                planned(key, image, target))));
    return LockFile.of(images);
  }

  private LockedImage planned(ImageReference key, LockedImage image, ImageReference target) {
    LockedImage mine = own.images().get(key);
    boolean same =
        mine != null
            && mine.target().equals(target)
            && mine.digestAtTarget().equals(image.digestAtTarget());
    return new LockedImage(
        image.digestAtTarget(),
        null,
        target,
        same ? image.platforms() : List.of(),
        policy.isEmpty()
            ? image.trust()
            : judgedHere(image.trust(), mine == null || !same ? LockedTrust.NONE : mine.trust()),
        image.origin());
  }

  /** What a lock says of ages, with what was found out here of signatures and denied digests. */
  private static LockedTrust judgedHere(LockedTrust travelled, LockedTrust here) {
    return travelled.signedBy(here.signedBy()).judged(here.judged(), here.denied());
  }

  /**
   * The plan with the charts that the layout does not hold. What was made of several images arrives
   * whole, without them: it is refused where the layout's lock does not say that each is admitted.
   */
  public MirrorPlan complete(MirrorPlan plan, MirrorOptions options) {
    MirrorPlan judged =
        policy
            .map(
                run -> {
                  LockJudge judge =
                      new LockJudge(
                          run.policy(), travelled.lock(), Clock.fixed(run.now(), ZoneOffset.UTC));
                  return plan.with(
                      plan.images().stream().map(image -> judged(image, judge)).toList());
                })
            .orElse(plan);
    return charts.complete(judged, options);
  }

  private PlannedImage judged(PlannedImage image, LockJudge judge) {
    if (!made.contains(image.target()) || image.origin() == null) {
      return image;
    }
    return switch (judge.judgeByNames(image.target().pinnedTo(image.origin().digest()))) {
      case Decision.Admitted _ -> image;
      case Decision.Waiting(var until) ->
          image.with(Verdict.REFUSE, "too-young: it waits until " + until, "bring it then");
      case Decision.Refused(var cause, var reason, var remedy) ->
          image.with(Verdict.REFUSE, cause.word() + ": " + reason, remedy);
      case Decision.Unjudged(var reason, var remedy) -> image.with(Verdict.FAIL, reason, remedy);
    };
  }

  /** The report with our lock: as travelled where it arrived, else as it was. */
  public MirrorReport conclude(MirrorReport report) {
    Set<ImageReference> arrived = new HashSet<>();
    for (ImageResult result : report.images()) {
      if (result.outcome() == Outcome.COPIED || result.outcome() == Outcome.UNCHANGED) {
        arrived.add(result.target());
      }
    }
    TreeMap<ImageReference, LockedImage> images = new TreeMap<>();
    own.images()
        .forEach(
            (key, image) -> {
              if (targets.of(key).isPresent()) {
                images.put(key, image);
              }
            });
    TreeMap<ImageReference, AwaitedImage> awaited = new TreeMap<>(own.awaited());
    travelled
        .lock()
        .images()
        .forEach(
            (key, image) ->
                targets
                    .of(key)
                    .filter(arrived::contains)
                    .ifPresent(
                        target -> {
                          images.put(key, arrived(image, target, report.lock()));
                          awaited.remove(key);
                        }));
    return new MirrorReport(
        report.images(), report.requests(), new TreeMap<>(), LockFile.of(images, awaited));
  }

  private LockedImage arrived(LockedImage image, ImageReference target, LockFile ran) {
    LockedImage named = at(image, target);
    // Of what is made of several nobody here has seen the signatures: the lock was asked.
    return policy.isEmpty() || made.contains(target)
        ? named
        : ran.images().values().stream()
            .filter(each -> each.target().equals(target))
            .findFirst()
            .map(each -> named.with(judgedHere(image.trust(), each.trust())))
            .orElse(named);
  }

  /** The same image with the name that it has here. */
  static LockedImage at(LockedImage image, ImageReference target) {
    return new LockedImage(
        image.digest(),
        image.targetDigest(),
        target,
        image.platforms(),
        image.trust(),
        image.origin());
  }
}
