package io.entrepot.mirror;

import io.entrepot.layout.Elsewhere;
import io.entrepot.layout.Layout;
import io.entrepot.layout.LayoutRegistry;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockedImage;
import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.mirror.MirrorEntry.Assembly;
import io.entrepot.mirror.MirrorEntry.Compose;
import io.entrepot.mirror.MirrorEntry.ImageCopy;
import io.entrepot.mirror.MirrorEntry.TagSelection;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Repository;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A mirror file copied into an image layout instead of to its target, which is not asked. Each
 * image lies there under its source's canonical name, and the lock beside them.
 */
public final class LayoutExport {

  private final Layout layout;
  private final MirrorSpec spec;
  private final SpecTargets targets;
  private final @Nullable LockFile since;
  private final Elsewhere elsewhere = new Elsewhere();

  /**
   * @param since the lock of the side that gets the layout: what it has is left out; null for all
   */
  public LayoutExport(Layout layout, MirrorSpec spec, @Nullable LockFile since) {
    this.layout = layout;
    this.targets = new SpecTargets(spec);
    this.since = since;
    this.spec =
        new MirrorSpec(spec.entries().stream().map(LayoutExport::withoutRetention).toList());
  }

  /** The file's entries; a layout keeps no former digests. */
  public MirrorSpec spec() {
    return spec;
  }

  /**
   * What is written to.
   *
   * @param source asked for the manifests of what the other side has
   */
  public RegistryClient target(RegistryClient source) {
    if (since != null) {
      new Known(source, elsewhere).add(since, targets);
    }
    return LayoutRegistry.client(layout, tagged -> Optional.of(targets.name(tagged)), elsewhere);
  }

  /** The lock to plan with: ours, and where it is silent that of the other side. */
  public LockFile planning(LockFile own) {
    if (since == null) {
      return own;
    }
    TreeMap<ImageReference, LockedImage> images = new TreeMap<>(own.images());
    since
        .images()
        .forEach(
            (key, image) ->
                targets
                    .of(key)
                    .filter(target -> !own.awaited().containsKey(key))
                    .ifPresent(target -> images.putIfAbsent(key, LayoutImport.at(image, target))));
    return LockFile.of(images, own.awaited());
  }

  /** Puts the lock of what is in the layout beside it. */
  public void conclude(MirrorReport report) {
    Set<ImageReference> good = new HashSet<>();
    for (ImageResult result : report.images()) {
      if (result.outcome() == Outcome.COPIED || result.outcome() == Outcome.UNCHANGED) {
        good.add(result.target());
      }
    }
    Optional<LayoutLock> former = LayoutLock.read(layout);
    TreeMap<ImageReference, LockedImage> images = new TreeMap<>();
    former.ifPresent(lock -> images.putAll(lock.lock().images()));
    report
        .lock()
        .images()
        .forEach(
            (key, image) -> {
              if (good.contains(image.target())) {
                images.put(key, image);
              }
            });
    boolean sparse = since != null || former.map(LayoutLock::sparse).orElse(false);
    new LayoutLock(LockFile.of(images), sparse).write(layout);
  }

  private static MirrorEntry withoutRetention(MirrorEntry entry) {
    return switch (entry) {
      case ImageCopy copy ->
          new ImageCopy(copy.source(), copy.target(), plain(copy.policy()), copy.where());
      case TagSelection selection ->
          new TagSelection(
              selection.source(),
              selection.target(),
              selection.filter(),
              plain(selection.policy()),
              selection.where());
      case Compose compose ->
          new Compose(
              compose.composition(), compose.target(), plain(compose.policy()), compose.where());
      case Assembly assembly ->
          new Assembly(
              assembly.parts(), assembly.target(), plain(assembly.policy()), assembly.where());
    };
  }

  private static CopyPolicy plain(CopyPolicy policy) {
    return new CopyPolicy(
        policy.platforms(),
        policy.artifact(),
        policy.referrers(),
        false,
        policy.quiet(),
        policy.waiver());
  }

  /** Finds out what manifests and blobs a lock stands for. */
  private record Known(RegistryClient source, Elsewhere elsewhere) {

    private static final int MAX_DEPTH = 4;

    void add(LockFile lock, SpecTargets targets) {
      lock.images()
          .forEach(
              (key, image) ->
                  targets
                      .of(key)
                      .ifPresent(
                          target -> {
                            elsewhere.tag(target, image.digestAtTarget());
                            if (moved(key, image)) {
                              add(key.repository(), image.digest(), MAX_DEPTH);
                            }
                          }));
    }

    /** An image that is the same is not looked into: nothing of it is written. */
    private boolean moved(ImageReference key, LockedImage image) {
      try {
        Optional<Descriptor> now = source.find(key).await();
        return now.isPresent()
            && !now.get().digest().equals(image.digest())
            // Looking must not cost what copying would.
            && source.rateLimit(key.registry()).isEmpty();
      } catch (RegistryException e) {
        // The plan asks again, and says what is wrong.
        return false;
      }
    }

    private void add(Repository repository, Digest digest, int depth) {
      Optional<RawManifest> raw = read(repository, digest);
      if (raw.isEmpty() || depth == 0) {
        return;
      }
      elsewhere.manifest(raw.get().descriptor());
      for (Descriptor child : children(raw.get())) {
        if (child.mediaType().isManifest()) {
          add(repository, child.digest(), depth - 1);
        } else {
          elsewhere.blob(child.digest());
        }
      }
    }

    private Optional<RawManifest> read(Repository repository, Digest digest) {
      try {
        return source.findManifest(repository.at(digest)).await();
      } catch (RegistryException e) {
        // Then nothing is left out for it.
        return Optional.empty();
      }
    }

    private static List<Descriptor> children(RawManifest raw) {
      try {
        Manifest manifest = raw.parse();
        return manifest instanceof Index index ? index.manifests() : manifest.children();
      } catch (MalformedException e) {
        return List.of();
      }
    }
  }
}
