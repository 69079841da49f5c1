package io.entrepot.mirror;

import io.entrepot.layout.Layout;
import io.entrepot.layout.LayoutNames;
import io.entrepot.layout.LayoutRegistry;
import io.entrepot.lock.AwaitedImage;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockedImage;
import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.mirror.MirrorEntry.Assembly;
import io.entrepot.mirror.MirrorEntry.Compose;
import io.entrepot.mirror.MirrorEntry.ImageCopy;
import io.entrepot.oci.ImageReference;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * A mirror file brought to its target out of an image layout, by the lock that travels in it; no
 * source is asked. All of the layout is hashed before the first tag moves.
 */
public final class LayoutImport {

  private final Layout layout;
  private final LayoutLock travelled;
  private final SpecTargets targets;
  private final LockFile own;
  private final ChartRun charts;
  private final MirrorSpec spec;

  /**
   * @param settings the mirror file
   * @param own the lock beside the mirror file
   * @throws RegistryException where the layout has no lock, or is not as it was written
   */
  public LayoutImport(Layout layout, MirrorSettings settings, LockFile own) {
    this.layout = layout;
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
    this.spec = new MirrorSpec(charts.spec().entries().stream().map(LayoutImport::whole).toList());
  }

  /** The file's entries; a list that is made of parts lies in the layout as it was made. */
  public MirrorSpec spec() {
    return spec;
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
        image.trust(),
        image.origin());
  }

  /** The plan with the charts that the layout does not hold. */
  public MirrorPlan complete(MirrorPlan plan, MirrorOptions options) {
    return charts.complete(plan, options);
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
                          images.put(key, at(image, target));
                          awaited.remove(key);
                        }));
    return new MirrorReport(
        report.images(), report.requests(), new TreeMap<>(), LockFile.of(images, awaited));
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
