package io.entrepot.verify;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.Index;
import io.entrepot.oci.Platform;
import io.entrepot.verify.Problem.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The images that a list names, lists within it included, with the platform of each. */
final class PlatformEntries {

  private static final int MAX_DEPTH = 4;
  private static final int MAX_ENTRIES = 4096;
  private static final int MAX_UNNAMED = 64;

  private final CheckedContent content;
  private final ProblemLog log;
  private final List<Entry> entries = new ArrayList<>();

  private PlatformEntries(CheckedContent content, ProblemLog log) {
    this.content = content;
    this.log = log;
  }

  /** An index entry, with the platform it is for; null where the entry does not say. */
  record Entry(Descriptor descriptor, @Nullable Platform platform) {}

  static PlatformEntries of(Index index, CheckedContent content, ProblemLog log) {
    PlatformEntries entries = new PlatformEntries(content, log);
    entries.collect(index, 1);
    return entries;
  }

  /** The platforms for which there is an entry. */
  List<Platform> platforms() {
    return entries.stream().map(Entry::platform).filter(Objects::nonNull).distinct().toList();
  }

  /** Flattens nested lists and finds out the platform of entries that do not state it. */
  private void collect(Index index, int depth) {
    for (Descriptor child : index.images()) {
      if (entries.size() >= MAX_ENTRIES) {
        log.tooLarge("more than %d entries".formatted(MAX_ENTRIES));
        return;
      }
      if (child.mediaType().isIndex()) {
        if (depth >= MAX_DEPTH) {
          log.tooLarge("lists within lists, more than %d deep".formatted(MAX_DEPTH));
          return;
        }
        if (content.child(child, child.platform()) instanceof Index nested) {
          collect(nested, depth + 1);
        }
      } else if (child.platform() != null) {
        entries.add(new Entry(child, child.platform()));
      } else if (child.mediaType().isImageManifest() && child.artifactType() == null) {
        entries.add(new Entry(child, platformByConfig(child)));
      }
    }
  }

  private @Nullable Platform platformByConfig(Descriptor child) {
    if (entries.stream().filter(entry -> entry.descriptor().platform() == null).count()
        >= MAX_UNNAMED) {
      log.tooLarge("more than %d entries without a platform".formatted(MAX_UNNAMED));
      return null;
    }
    if (!(content.child(child, null) instanceof ImageManifest image)
        || !CheckedContent.isImage(image)) {
      return null;
    }
    Platform platform = content.platformOf(image, null);
    if (platform != null) {
      log.note(
          "the entry %s states no platform; its configuration says %s"
              .formatted(child.digest(), platform));
    }
    return platform;
  }

  /** Tells of platforms with several entries; of those that are not asked only as a note. */
  void reportDoubles(Requirement requirement) {
    entries.stream()
        .filter(entry -> entry.platform() != null)
        .collect(
            Collectors.groupingBy(
                entry -> Objects.requireNonNull(entry.platform()),
                TreeMap::new,
                Collectors.toList()))
        .forEach((platform, same) -> reportDouble(platform, same, requirement));
  }

  /** Whether something tells entries of one platform apart: podman annotates the zstd ones. */
  private static boolean toldApart(List<Entry> same) {
    Map<Map<String, String>, Digest> byAnnotations = new HashMap<>();
    for (Entry entry : same) {
      Digest digest = entry.descriptor().digest();
      Digest other = byAnnotations.putIfAbsent(entry.descriptor().annotations(), digest);
      if (other != null && !other.equals(digest)) {
        return false;
      }
    }
    return true;
  }

  private void reportDouble(Platform platform, List<Entry> same, Requirement requirement) {
    if (same.size() < 2) {
      return;
    }
    List<Digest> digests =
        same.stream().map(entry -> entry.descriptor().digest()).distinct().toList();
    if (digests.size() == 1) {
      log.note("%d equal entries for %s: %s".formatted(same.size(), platform, digests.getFirst()));
      return;
    }
    String message =
        "%d different entries: %s"
            .formatted(
                digests.size(),
                digests.stream().map(Digest::toString).collect(Collectors.joining(", ")));
    boolean asked =
        requirement.platforms().isEmpty()
            || requirement.platforms().stream().anyMatch(platform::satisfies);
    if (asked && !toldApart(same)) {
      log.problem(
          Kind.DOUBLE_ENTRY,
          platform,
          null,
          message,
          "which one runs depends on the client; ask the publisher to drop the wrong one");
    } else {
      log.note(platform.label() + ": " + message);
    }
  }

  /** The same platform first, else the newest variant that the wanted platform can run. */
  Optional<Entry> choose(Platform wanted) {
    Optional<Entry> same =
        entries.stream().filter(entry -> wanted.equals(entry.platform())).findFirst();
    if (same.isPresent()) {
      return same;
    }
    return entries.stream()
        .filter(entry -> entry.platform() != null && entry.platform().satisfies(wanted))
        .max(
            (a, b) ->
                Objects.requireNonNull(a.platform())
                    .compareTo(Objects.requireNonNull(b.platform())));
  }

  /** The platforms in words. */
  String listed() {
    String platforms =
        entries.stream()
            .map(Entry::platform)
            .filter(Objects::nonNull)
            .distinct()
            .sorted()
            .limit(20)
            .map(Platform::toString)
            .collect(Collectors.joining(", "));
    return platforms.isEmpty() ? "none" : platforms;
  }
}
