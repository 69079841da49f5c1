package io.entrepot.pin;

import io.entrepot.lock.AwaitedImage;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockedImage;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.sites.ChartVersion;
import io.entrepot.sites.FloatingTags;
import io.entrepot.sites.ImageWords;
import io.entrepot.sites.LeftReason;
import io.entrepot.sites.Reading;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Digests and targets as the lock file has them; nothing is asked of any registry. */
public final class LockSource implements PinSource {

  private final Map<ImageReference, LockedImage> bySource;
  private final Map<Repository, List<Map.Entry<ImageReference, LockedImage>>> byTarget =
      new HashMap<>();
  private final Map<Repository, List<Map.Entry<ImageReference, LockedImage>>> byRepository =
      new HashMap<>();
  private final Map<ImageReference, AwaitedImage> awaited = new HashMap<>();
  private final FloatingTags floating;

  /**
   * @param floating tags that are dropped when an image is written by digest
   */
  public LockSource(LockFile lock, FloatingTags floating) {
    this.bySource = lock.images();
    this.floating = floating;
    lock.awaited()
        .forEach(
            (source, image) -> {
              awaited.put(source, image);
              if (image.target() != null) {
                awaited.put(image.target(), image);
              }
            });
    for (Map.Entry<ImageReference, LockedImage> entry : lock.images().entrySet()) {
      byTarget
          .computeIfAbsent(entry.getValue().target().repository(), _ -> new ArrayList<>())
          .add(entry);
      byRepository.computeIfAbsent(entry.getKey().repository(), _ -> new ArrayList<>()).add(entry);
    }
  }

  /** Those that were republished: what they were made of was a file. */
  @Override
  public Set<ImageReference> indexedCharts() {
    Set<ImageReference> charts = new HashSet<>();
    bySource.forEach(
        (key, image) -> {
          if (image.origin().from().keySet().stream().anyMatch(from -> from.startsWith("http"))) {
            charts.add(key);
          }
        });
    return charts;
  }

  @Override
  public boolean asks() {
    return false;
  }

  @Override
  public void prepare(Collection<Reading> readings) {
    // Everything is in memory.
  }

  @Override
  public Resolution resolve(Reading reading) {
    return switch (reading) {
      case Reading.Image image -> image(image.reference());
      case Reading.Chart chart -> chart(chart);
      case Reading.ChartRegistry registry -> charts(registry);
      case Reading.Unclear unclear -> new Resolution.Missing(unclear.reason(), unclear.message());
    };
  }

  private Resolution image(ImageReference written) {
    Resolution known = locked(written);
    return known instanceof Resolution.Missing
        ? waiting(written).<Resolution>map(why -> why).orElse(known)
        : known;
  }

  /** An image of which nothing is old enough to be copied. */
  private Optional<Resolution.Missing> waiting(ImageReference written) {
    ImageReference name =
        written.tag() == null && written.digest() != null
            ? written
            : new ImageReference(written.repository(), written.orLatest().tag(), null);
    return Optional.ofNullable(awaited.get(name))
        .map(
            image ->
                new Resolution.Missing(
                    LeftReason.WAITING,
                    "%s waits: it was first seen at %s and is too young to be mirrored"
                        .formatted(name, image.waiting().getFirst().firstSeen())));
  }

  private Resolution locked(ImageReference written) {
    List<Map.Entry<ImageReference, LockedImage>> ours = byTarget.get(written.repository());
    if (ours != null) {
      Resolution known = ours(written, ours);
      // A target may be somebody's source as well; then the source's own entry decides.
      if (!(known instanceof Resolution.Missing)
          || !byRepository.containsKey(written.repository())) {
        return known;
      }
    }
    LockedImage locked = null;
    if (written.tag() != null || written.digest() == null) {
      locked =
          bySource.get(new ImageReference(written.repository(), written.orLatest().tag(), null));
    }
    if (locked == null && written.digest() != null) {
      locked = bySource.get(written.pinnedTo(written.digest()));
      if (locked == null && written.tag() == null) {
        locked =
            withDigest(
                byRepository.getOrDefault(written.repository(), List.of()), written.digest());
      }
    }
    if (locked == null) {
      return new Resolution.Missing(LeftReason.NOT_LOCKED, notLocked(written));
    }
    String note =
        written.digest() == null
                || written.digest().equals(locked.digest())
                || written.digest().equals(locked.digestAtTarget())
            ? ""
            : "was pinned to %s, which is not what the lock holds"
                .formatted(shown(written.digest()));
    Tag tag = written.tag() == null && written.digest() != null ? null : locked.target().tag();
    return new Resolution.Pinned(locked.target().repository(), tag, locked.digestAtTarget(), note);
  }

  private Resolution ours(
      ImageReference written, List<Map.Entry<ImageReference, LockedImage>> entries) {
    LockedImage found = null;
    if (written.tag() != null || written.digest() == null) {
      Tag tag = written.orLatest().tag();
      for (Map.Entry<ImageReference, LockedImage> entry : entries) {
        if (entry.getValue().target().tag() != null
            && entry.getValue().target().tag().equals(tag)) {
          found = entry.getValue();
        }
      }
    }
    Digest digest = written.digest();
    if (found == null && digest != null) {
      for (Map.Entry<ImageReference, LockedImage> entry : entries) {
        if (entry.getValue().digestAtTarget().equals(digest)) {
          return new Resolution.Pinned(written.repository(), written.tag(), digest, "");
        }
      }
      // The tag was dropped when this was pinned: it was a floating one, or the image's only one.
      List<LockedImage> candidates =
          entries.stream()
              .map(Map.Entry::getValue)
              .filter(
                  image -> image.target().tag() != null && floating.matches(image.target().tag()))
              .toList();
      if (candidates.isEmpty() && entries.size() == 1) {
        candidates = List.of(entries.getFirst().getValue());
      }
      Set<Digest> digests = new HashSet<>();
      candidates.forEach(image -> digests.add(image.digestAtTarget()));
      if (written.tag() == null && digests.size() == 1) {
        found = candidates.getFirst();
      } else {
        return new Resolution.Missing(
            LeftReason.NOT_LOCKED,
            "the lock holds %s, but not with this digest".formatted(written.repository()));
      }
    }
    if (found == null) {
      return new Resolution.Missing(LeftReason.NOT_LOCKED, notLocked(written));
    }
    String note =
        digest == null || digest.equals(found.digestAtTarget())
            ? ""
            : "the lock moved on from %s".formatted(shown(digest));
    Tag tag = written.tag() == null && digest != null ? null : found.target().tag();
    return new Resolution.Pinned(written.repository(), tag, found.digestAtTarget(), note);
  }

  private Resolution chart(Reading.Chart chart) {
    String version = chart.version();
    boolean range = version != null && ChartVersion.isRange(version);
    if (version == null && chart.digest() != null) {
      return chartByDigest(chart, chart.digest());
    }
    if (byTarget.containsKey(chart.repository())) {
      for (Map.Entry<ImageReference, LockedImage> entry : byTarget.get(chart.repository())) {
        if (version != null && matches(entry.getValue().target().tag(), version)) {
          return new Resolution.Moved(chart.repository(), entry.getValue().digestAtTarget(), null);
        }
      }
      return new Resolution.Moved(
          chart.repository(),
          chart.digest(),
          range || version == null ? rangeMessage(version) : null);
    }
    List<Map.Entry<ImageReference, LockedImage>> entries =
        byRepository.getOrDefault(chart.repository(), List.of());
    for (Map.Entry<ImageReference, LockedImage> entry : entries) {
      if (version != null && matches(entry.getKey().tag(), version)) {
        return new Resolution.Moved(
            entry.getValue().target().repository(), entry.getValue().digestAtTarget(), null);
      }
    }
    Set<Repository> targets = new HashSet<>();
    entries.forEach(entry -> targets.add(entry.getValue().target().repository()));
    if ((range || version == null) && targets.size() == 1) {
      return new Resolution.Moved(targets.iterator().next(), null, rangeMessage(version));
    }
    return new Resolution.Missing(
        LeftReason.NOT_LOCKED, "the lock does not hold the chart " + chart);
  }

  /**
   * The mirror's own needs nothing; for another one the charts' new names are somebody's to write.
   */
  private Resolution charts(Reading.ChartRegistry registry) {
    String below =
        ImageWords.withoutLastSlashes(registry.address().substring("oci://".length())) + "/";
    if (byTarget.keySet().stream().anyMatch(target -> target.toString().startsWith(below))) {
      return new Resolution.Kept();
    }
    return new Resolution.Missing(LeftReason.NOT_WRITABLE, registry.problem());
  }

  /** A digest alone says which chart is installed. */
  private Resolution chartByDigest(Reading.Chart chart, Digest digest) {
    for (Map.Entry<ImageReference, LockedImage> entry :
        byTarget.getOrDefault(chart.repository(), List.of())) {
      if (entry.getValue().digestAtTarget().equals(digest)) {
        return new Resolution.Moved(chart.repository(), digest, null);
      }
    }
    LockedImage locked =
        withDigest(byRepository.getOrDefault(chart.repository(), List.of()), digest);
    return locked == null
        ? new Resolution.Missing(LeftReason.NOT_LOCKED, "the lock does not hold the chart " + chart)
        : new Resolution.Moved(locked.target().repository(), locked.digestAtTarget(), null);
  }

  private static String rangeMessage(@Nullable String version) {
    return version == null
        ? "no version: which chart is installed stays open"
        : "'%s' is a range of versions: no digest pins it".formatted(version);
  }

  /** A chart's version is its tag, with {@code _} for {@code +}, which tags cannot hold. */
  private static boolean matches(@Nullable Tag tag, String version) {
    return tag != null && tag.value().equals(version.replace('+', '_'));
  }

  private static @Nullable LockedImage withDigest(
      List<Map.Entry<ImageReference, LockedImage>> entries, Digest digest) {
    for (Map.Entry<ImageReference, LockedImage> entry : entries) {
      if (entry.getValue().digest().equals(digest)) {
        return entry.getValue();
      }
    }
    return null;
  }

  private static String notLocked(ImageReference written) {
    return "the lock does not hold %s; add it to mirror.yaml and run entrepot mirror"
        .formatted(
            written.digest() != null && written.tag() != null
                ? written.repository().tagged(written.tag())
                : written.orLatest());
  }

  private static String shown(Digest digest) {
    return digest.algorithm().prefix() + ":" + digest.shortHex(12) + "…";
  }
}
