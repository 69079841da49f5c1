package io.entrepot.pin;

import io.entrepot.oci.Tag;
import java.util.List;

/**
 * Tags that move: they say nothing beside a digest and are dropped.
 *
 * @param globs as in {@code floatingTags}, {@code *} for any characters
 */
public record FloatingTags(List<String> globs) {

  /** Branches and channels by their usual names. */
  public static final FloatingTags DEFAULT =
      new FloatingTags(
          List.of(
              "latest",
              "main",
              "master",
              "develop",
              "dev",
              "trunk",
              "edge",
              "nightly",
              "stable",
              "staging",
              "production",
              "prod",
              "head",
              "HEAD",
              "next",
              "canary",
              "rolling",
              "feature-*",
              "release-branch-*"));

  /** Copies. */
  public FloatingTags {
    globs = List.copyOf(globs);
  }

  /** Whether a tag is one of them. */
  public boolean matches(Tag tag) {
    return globs.stream().anyMatch(glob -> Glob.matches(glob, tag.value()));
  }
}
