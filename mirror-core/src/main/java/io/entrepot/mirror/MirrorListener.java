package io.entrepot.mirror;

import java.util.List;

/**
 * Is told how a run goes on. Called from many threads at once; must return quickly and must not
 * throw.
 */
public interface MirrorListener {

  /** Hears nothing. */
  MirrorListener SILENT = new MirrorListener() {};

  /** What is being done for an image. */
  enum Phase {
    /** Comparing source and target. */
    RESOLVING,
    /** Reading manifests. */
    READING,
    /** Are the platforms really there? */
    VERIFYING,
    /** Transferring configurations and layers. */
    COPYING,
    /** Signatures, SBOMs, attestations. */
    REFERRERS,
    /** Manifests and the tag. */
    PUBLISHING,
    /** Asking the target whether all arrived. */
    CONFIRMING
  }

  /** An image's turn has come. */
  default void started(PlannedImage image) {}

  /** Steps of an image are about to be run: those of its plan, or those that follow from one. */
  default void planned(PlannedImage image, List<MirrorStep> steps) {}

  /** A step was run to its end. */
  default void ran(PlannedImage image, MirrorStep step) {}

  /** A new phase of an image. */
  default void phase(PlannedImage image, Phase phase) {}

  /**
   * So many more bytes will be transferred for an image than were known so far.
   *
   * @param bytes 0 or more
   */
  default void expected(PlannedImage image, long bytes) {}

  /**
   * So many bytes were transferred for an image since the last call.
   *
   * @param bytes 0 or more
   */
  default void transferred(PlannedImage image, long bytes) {}

  /** An image is done, one way or the other. */
  default void finished(PlannedImage image, ImageResult result) {}
}
