package io.entrepot.mirror;

import io.entrepot.lock.LockedImage;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RawManifest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether a list at the source differs from the locked one only in what no platform asked
 * would get: an architecture was added, attestations were made again.
 *
 * <p>Both lists are read for that, the source's for one pull where those are counted; {@link
 * ListMemory} spares the next run of that. What cannot be found out is no quiet drift.
 */
final class QuietDrift {

  private final MirrorSession session;

  QuietDrift(MirrorSession session) {
    this.session = session;
  }

  /**
   * Whether the copy stays as it is.
   *
   * @param now what the source's name means
   * @param former what the target's tag means
   */
  boolean isQuiet(
      ImageDraft draft, @Nullable LockedImage locked, Descriptor now, Descriptor former) {
    CopyPolicy policy = draft.policy();
    if (!policy.quiet() || policy.artifact() || policy.platforms().isEmpty()) {
      return false;
    }
    // What is denied as it is may be mended by exactly that which nobody asked for.
    if (locked == null
        || !locked.digest().equals(draft.locked())
        || locked.trust().denied().isPresent()
        || !draft.covers(locked.platforms())) {
      return false;
    }
    return former.digest().equals(locked.digest())
        && !now.digest().equals(locked.digest())
        && now.mediaType().isIndex()
        && former.mediaType().isIndex()
        && sameFor(draft, former.digest(), now.digest());
  }

  private boolean sameFor(ImageDraft draft, Digest before, Digest now) {
    List<Platform> platforms = draft.policy().platforms();
    Map<Platform, Digest> kept = chosen(before, platforms, () -> atTarget(draft, before));
    return kept.size() == platforms.size()
        && kept.equals(chosen(now, platforms, () -> atSource(draft, now)));
  }

  /** What clients of these platforms take of a list; of those that can be told. */
  private Map<Platform, Digest> chosen(
      Digest list, List<Platform> platforms, Supplier<Optional<RawManifest>> read) {
    Optional<Map<Platform, Digest>> known =
        session.options().lists().flatMap(lists -> lists.find(list, platforms));
    if (known.isPresent()) {
      return known.get();
    }
    Map<Platform, Digest> chosen =
        session
            .manifests()
            .find(list)
            .or(read)
            .map(manifest -> chosen(manifest, platforms))
            .orElse(Map.of());
    if (chosen.size() == platforms.size()) {
      session.options().lists().ifPresent(lists -> lists.put(list, chosen));
    }
    return chosen;
  }

  private static Map<Platform, Digest> chosen(RawManifest manifest, List<Platform> platforms) {
    Map<Platform, Digest> chosen = new TreeMap<>();
    try {
      // An entry without a platform can be meant for any; which one a Windows client takes depends
      // on its version too.
      if (manifest.parse() instanceof Index index
          && index.images().stream().allMatch(entry -> entry.platform() != null)) {
        for (Platform wanted : platforms) {
          index
              .entryFor(wanted)
              .filter(entry -> entry.platform() != null && entry.platform().osVersion() == null)
              .ifPresent(entry -> chosen.put(wanted, entry.digest()));
        }
      }
    } catch (MalformedException e) {
      // Reading it for the copy tells what is wrong with it.
      return Map.of();
    }
    return chosen;
  }

  private Optional<RawManifest> atTarget(ImageDraft draft, Digest list) {
    ImageReference copy = draft.target().repository().at(list);
    return MirrorException.at(
        Side.TARGET,
        draft.source(),
        "read " + copy,
        () -> session.target().findManifest(copy).await());
  }

  /** Nothing where no pull is left for it. */
  private Optional<RawManifest> atSource(ImageDraft draft, Digest list) {
    ImageReference named = draft.source().repository().at(list);
    try (PullAllotment pulls = new PullAllotment(session.budget(), named.registry(), 0)) {
      pulls.require(1);
      pulls.spend();
      RawManifest read =
          MirrorException.at(
              Side.SOURCE,
              draft.source(),
              "read " + named,
              () -> session.source().fetchManifest(named).await());
      session.manifests().put(read);
      return Optional.of(read);
    } catch (Stopped e) {
      return Optional.empty();
    }
  }
}
