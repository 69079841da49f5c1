package io.entrepot.sites;

import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceAlias;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceSequence;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The values of a map's keys, through aliases and merges. */
public final class MapFields {

  /** Longer values are no references, in characters. */
  public static final int LONGEST = 1024;

  /** Bigger maps are no image's, in keys. */
  public static final int MOST_FIELDS = 64;

  private static final List<String> DIGEST_KEYS = List.of("digest", "sha", "sha256", "imageDigest");

  private MapFields() {}

  /** The scalar of a key; null where there is none or it is longer than {@link #LONGEST}. */
  public static @Nullable Segment find(SourceMapping mapping, String key) {
    Segment found = ofAnyLength(mapping, key);
    return found == null || found.to() > LONGEST ? null : found;
  }

  /** The first of several keys that has a scalar. */
  public static @Nullable Segment first(SourceMapping mapping, List<String> keys) {
    for (String key : keys) {
      Segment found = find(mapping, key);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** The field that holds a digest, by its usual names. */
  public static @Nullable Segment digest(SourceMapping mapping) {
    return first(mapping, DIGEST_KEYS);
  }

  /** The text of a key, empty where there is none. */
  public static String text(SourceMapping mapping, String key) {
    Segment segment = find(mapping, key);
    return segment == null ? "" : segment.text();
  }

  /** The scalar of a key, however long it is; null where there is none. */
  public static @Nullable Segment ofAnyLength(SourceMapping mapping, String key) {
    return find(mapping, key, new int[] {MOST_FIELDS});
  }

  /**
   * The scalar of a key.
   *
   * @param budget how many merged maps may still be looked into
   */
  private static @Nullable Segment find(SourceMapping mapping, String key, int[] budget) {
    SourceMapping.Entry entry = mapping.entry(key);
    if (entry != null) {
      return switch (entry.value()) {
        case ScalarSite scalar -> Segment.whole(scalar);
        case SourceAlias alias when alias.target() instanceof ScalarSite scalar ->
            Segment.whole(scalar, alias);
        default -> null;
      };
    }
    SourceMapping.Entry merge = mapping.entry("<<");
    if (merge == null) {
      return null;
    }
    SourceNode merged = SourceMapping.resolved(merge.value());
    List<SourceNode> bases = merged instanceof SourceSequence list ? list.items() : List.of(merged);
    for (SourceNode base : bases) {
      if (budget[0]-- <= 0) {
        return null;
      }
      if (SourceMapping.resolved(base) instanceof SourceMapping from) {
        Segment inherited = find(from, key, budget);
        if (inherited != null) {
          return inherited;
        }
      }
    }
    return null;
  }
}
