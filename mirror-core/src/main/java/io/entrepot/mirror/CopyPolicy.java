package io.entrepot.mirror;

import io.entrepot.oci.Platform;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What must hold for a copy and what travels with it.
 *
 * @param platforms each must really be there; empty for an artifact
 * @param artifact a chart or other artifact, of which no platforms are asked
 * @param referrers whether signatures, SBOMs and attestations travel along
 * @param retain whether the former digest of a moved tag stays reachable at the target under {@code
 *     <tag>_<first 12 hex digits>}
 * @param quiet whether a list stays as it is when the source's differs only in what no platform
 *     asked would get
 * @param waiver why fewer platforms than usual are asked of this image, or null
 */
public record CopyPolicy(
    List<Platform> platforms,
    boolean artifact,
    boolean referrers,
    boolean retain,
    boolean quiet,
    @Nullable String waiver) {

  /** As by default a list stays that differs only in what nobody asked for. */
  public CopyPolicy(
      List<Platform> platforms,
      boolean artifact,
      boolean referrers,
      boolean retain,
      @Nullable String waiver) {
    this(platforms, artifact, referrers, retain, true, waiver);
  }

  /** Copies the list. */
  public CopyPolicy {
    platforms = List.copyOf(platforms);
  }
}
