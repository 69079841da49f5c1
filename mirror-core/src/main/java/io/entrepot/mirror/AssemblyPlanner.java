package io.entrepot.mirror;

import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockedImage;
import io.entrepot.mirror.MirrorEntry.Assembly;
import io.entrepot.mirror.PlannedImage.Assembled;
import io.entrepot.mirror.PlannedImage.Part;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RawManifest;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Plans a list that is made here. A part's tag and the lock's word on it suffice where nothing has
 * moved. Otherwise the list is made again: from HEADs alone where the parts are single manifests,
 * from their lists where they are lists.
 */
final class AssemblyPlanner {

  private static final String LOCK_AGAIN =
      "a run from the source, without --locked or --from, locks it";

  private final MirrorSession session;
  private final Lookups lookups;
  private final LockFile lock;
  private final PolicyPlanner policies;

  AssemblyPlanner(MirrorSession session, LockFile lock, PolicyPlanner policies) {
    this.session = session;
    this.lookups = new Lookups(session);
    this.lock = lock;
    this.policies = policies;
  }

  PlannedImage plan(Assembly assembly, ImageDraft draft) {
    session.target().expectPushes(assembly.target().repository());
    Future<Optional<Descriptor>> atTarget = session.target().find(assembly.target());
    Map<Platform, Descriptor> roots = new TreeMap<>();
    Map<ImageReference, AgeChoice> ages = new TreeMap<>();
    boolean vouched = !session.options().recheck();
    boolean waits = false;
    for (Map.Entry<Platform, ImageReference> part : assembly.parts().entrySet()) {
      ImageReference key = ImageDraft.key(part.getValue());
      LockedImage locked = lock.images().get(key);
      Descriptor root;
      if (session.options().locked()) {
        if (locked == null || !locked.target().equals(assembly.target())) {
          return policies.isAwaited(key)
              ? draft.waiting()
              : draft.failed(
                  "%s is not in the lock file for this target".formatted(key), LOCK_AGAIN);
        }
        root = lookups.resolve(draft, key.pinnedTo(locked.digest()));
      } else {
        root = lookups.resolve(draft, key);
        policies.refuseDenied(key.repository(), root.digest());
        AgeChoice age =
            policies.choose(
                key, root.digest(), locked, digest -> lookups.isAtSource(draft, key, digest));
        if (session.options().policy().isPresent()) {
          ages.put(key, age);
        }
        Digest taken = age.taken();
        waits |= taken == null;
        if (taken != null && !taken.equals(root.digest())) {
          root = lookups.resolve(draft, key.pinnedTo(taken));
        }
      }
      session.budget().look(key.registry());
      policies.refuseDenied(key.repository(), root.digest());
      roots.put(part.getKey(), root);
      vouched &=
          draft.vouchedBy(locked, root.digest()) && policies.isSettled(key, root.digest(), locked);
    }
    if (waits) {
      return draft.waiting().aged(ages);
    }
    return assembled(assembly, draft, atTarget, roots, vouched).aged(ages);
  }

  private PlannedImage assembled(
      Assembly assembly,
      ImageDraft draft,
      Future<Optional<Descriptor>> atTarget,
      Map<Platform, Descriptor> roots,
      boolean vouched) {
    Digest former = Lookups.atTarget(draft, atTarget).map(Descriptor::digest).orElse(null);
    if (vouched && former != null && former.equals(draft.locked())) {
      return draft.unchanged(former);
    }
    SortedMap<Platform, Part> parts = new TreeMap<>();
    for (Map.Entry<Platform, Descriptor> root : roots.entrySet()) {
      ImageReference reference = Objects.requireNonNull(assembly.parts().get(root.getKey()));
      Optional<Descriptor> entry = entry(draft, reference, root.getKey(), root.getValue());
      if (entry.isEmpty()) {
        return draft.refused(
            former,
            "%s holds no manifest for %s".formatted(reference, root.getKey()),
            "name the tag that holds this platform");
      }
      parts.put(root.getKey(), new Part(reference, root.getValue(), entry.get()));
    }
    RawManifest index = AssembledIndex.of(parts.values().stream().map(Part::entry).toList());
    if (session.options().locked() && !index.digest().equals(draft.locked())) {
      return draft.failed(
          "the list made of the locked parts is %s, the lock says %s"
              .formatted(index.digest(), draft.locked()),
          "a run from the source, without --locked or --from, locks it again");
    }
    return draft.resolved(new Assembled(parts, index), former, vouched);
  }

  /** The manifest of a platform in what a part's reference means. */
  private Optional<Descriptor> entry(
      ImageDraft draft, ImageReference part, Platform platform, Descriptor root) {
    if (!root.mediaType().isIndex()) {
      return Optional.of(
          new Descriptor(
              root.mediaType(), root.digest(), root.size(), platform, null, Map.of(), List.of()));
    }
    RawManifest list =
        session.manifests().find(root.digest()).orElseGet(() -> read(draft, part, root.digest()));
    return parsed(draft, list) instanceof Index index ? index.entryFor(platform) : Optional.empty();
  }

  private RawManifest read(ImageDraft draft, ImageReference part, Digest digest) {
    try (PullAllotment pulls = new PullAllotment(session.budget(), part.registry(), 0)) {
      pulls.require(1);
      pulls.spend();
      RawManifest list =
          MirrorException.at(
              Side.SOURCE,
              draft.source(),
              "read " + part,
              () -> session.source().fetchManifest(part.pinnedTo(digest)).await());
      session.manifests().put(list);
      return list;
    }
  }

  private static Manifest parsed(ImageDraft draft, RawManifest manifest) {
    try {
      return manifest.parse();
    } catch (MalformedException e) {
      throw new MirrorException(
          Side.SOURCE,
          draft.source(),
          "read manifest " + manifest.digest(),
          String.valueOf(e.getMessage()),
          "ask the publisher to push it again",
          e);
    }
  }
}
