package io.entrepot.sites;

import io.entrepot.oci.Tag;
import io.entrepot.text.Glob;
import java.util.List;
import java.util.stream.Stream;

/**
 * Tags that move: they say nothing beside a digest and are dropped.
 *
 * @param globs as in {@code floatingTags}, {@code *} for any characters
 */
public record FloatingTags(List<Glob> globs) {

  /** Branches and channels by their usual names. */
  public static final FloatingTags DEFAULT =
      new FloatingTags(
          Stream.of(
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
                  "release-branch-*")
              .map(Glob::of)
              .toList());

  /** Copies. */
  public FloatingTags {
    globs = List.copyOf(globs);
  }

  /** These and one more. */
  public FloatingTags and(Tag tag) {
    return new FloatingTags(
        Stream.concat(globs.stream(), Stream.of(Glob.of(tag.value()))).toList());
  }

  /** Whether a tag is one of them. */
  public boolean matches(Tag tag) {
    return globs.stream().anyMatch(glob -> glob.matches(tag.value()));
  }
}
