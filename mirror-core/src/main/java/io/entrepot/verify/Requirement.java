package io.entrepot.verify;

import io.entrepot.oci.Platform;
import java.util.List;

/**
 * What must hold for an image.
 *
 * @param platforms each must really be there; empty asks that whatever is listed be true
 * @param singleAllowed whether a manifest that is no list will do, as a waiver says
 * @param artifact a chart or other artifact, of which no platforms are asked
 * @param deep whether the program that would start is compared with the platform
 */
public record Requirement(
    List<Platform> platforms, boolean singleAllowed, boolean artifact, boolean deep) {

  /** Copies the list. */
  public Requirement {
    platforms = platforms.stream().distinct().toList();
  }

  /** A list with these platforms. */
  public static Requirement of(List<Platform> platforms) {
    return new Requirement(platforms, false, false, false);
  }

  /** Whatever is listed must be true. */
  public static Requirement asListed() {
    return new Requirement(List.of(), true, false, false);
  }

  /** No platforms. */
  public static Requirement ofArtifact() {
    return new Requirement(List.of(), true, true, false);
  }

  /**
   * A waiver was given: with exactly one platform left to ask for, a manifest that is no list will
   * do.
   */
  public Requirement waived() {
    return new Requirement(platforms, platforms.size() == 1, artifact, deep);
  }

  /** Also compares the program that would start. */
  public Requirement deeply() {
    return new Requirement(platforms, singleAllowed, artifact, true);
  }
}
