package io.entrepot.mirror;

import io.entrepot.mirror.compose.Composition;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.oci.Repository;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** One entry of a mirror file. */
public sealed interface MirrorEntry {

  /** What must hold for the copy. */
  CopyPolicy policy();

  /** File and line, for messages. */
  String where();

  /**
   * One image.
   *
   * @param source by tag or by digest
   * @param target always with a tag
   */
  record ImageCopy(ImageReference source, ImageReference target, CopyPolicy policy, String where)
      implements MirrorEntry {}

  /** Those tags of a repository that a filter lets through; the copies keep their tags. */
  record TagSelection(
      Repository source, Repository target, TagFilter filter, CopyPolicy policy, String where)
      implements MirrorEntry {}

  /** One image that is put together here: a base, and files on it. */
  record Compose(Composition composition, ImageReference target, CopyPolicy policy, String where)
      implements MirrorEntry {}

  /** One manifest list made out of single-architecture images. */
  record Assembly(
      SortedMap<Platform, ImageReference> parts,
      ImageReference target,
      CopyPolicy policy,
      String where)
      implements MirrorEntry {

    /** Copies the map. */
    public Assembly {
      parts = Collections.unmodifiableSortedMap(new TreeMap<>(parts));
    }
  }
}
