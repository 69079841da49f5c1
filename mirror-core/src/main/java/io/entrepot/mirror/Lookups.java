package io.entrepot.mirror;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.vertx.core.Future;
import java.util.Optional;

/** What planners ask the registries about one image; what fails names the image and the step. */
record Lookups(MirrorSession session) {

  /** What a name means at the source. */
  Descriptor resolve(ImageDraft draft, ImageReference wanted) {
    return resolve(draft, "resolve " + wanted, wanted);
  }

  /** The same, as a step with another name. */
  Descriptor resolve(ImageDraft draft, String step, ImageReference wanted) {
    return MirrorException.at(
        Side.SOURCE, draft.source(), step, () -> session.source().resolve(wanted).await());
  }

  /** Whether the source still has a digest. */
  boolean isAtSource(ImageDraft draft, ImageReference key, Digest digest) {
    return MirrorException.at(
        Side.SOURCE,
        draft.source(),
        "look for " + digest,
        () -> session.source().find(key.pinnedTo(digest)).await().isPresent());
  }

  /** Awaits what the target's tag means now. */
  static Optional<Descriptor> atTarget(ImageDraft draft, Future<Optional<Descriptor>> answer) {
    return MirrorException.at(
        Side.TARGET, draft.source(), "resolve " + draft.target(), answer::await);
  }
}
