package io.entrepot.mirror;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import org.jspecify.annotations.Nullable;

/** One thing a plan does, in the order of the plan. */
public sealed interface MirrorStep {

  /** Bytes that travel for it. */
  default long bytes() {
    return 0;
  }

  /**
   * A manifest is put at the target by its digest.
   *
   * @param pull whether it is read from a source that counts pulls
   */
  record CopyManifest(Descriptor manifest, boolean pull) implements MirrorStep {}

  /** A blob is read at the source and sent. */
  record CopyBlob(Descriptor blob) implements MirrorStep {
    @Override
    public long bytes() {
      return blob.size();
    }
  }

  /** A blob is taken over from another repository of the target's registry. */
  record MountBlob(Descriptor blob, Repository from) implements MirrorStep {}

  /** A manifest or blob that need not travel. */
  record AlreadyThere(Descriptor content) implements MirrorStep {}

  /** A layer that stays where its publisher keeps it. */
  record KeepForeign(Descriptor layer) implements MirrorStep {}

  /** Content of which nothing is known before a pull is spent on its parent. */
  record Unknown(Digest parent) implements MirrorStep {}

  /** What a moving tag meant before stays reachable under another tag. */
  record RetainTag(ImageReference tag, Digest digest) implements MirrorStep {}

  /**
   * A signature, SBOM or attestation travels along.
   *
   * @param name its digest, or the tag under which it is found
   */
  record CopyReferrer(Digest subject, String name) implements MirrorStep {}

  /**
   * The tag moves; always last.
   *
   * @param former what the tag means now, or null where there is none
   */
  record PutTag(ImageReference target, Digest digest, @Nullable Digest former)
      implements MirrorStep {}
}
