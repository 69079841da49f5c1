package io.entrepot.mirror;

import io.entrepot.lock.LockedSignature;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One thing that is done for an image. {@link StepPlanner} makes all of them, {@link StepRunner}
 * runs them and nothing else; a dry run shows the same list.
 *
 * <p>A new condition on which a tag moves is one record here, one line in {@code
 * StepPlanner.conditions}, which throws {@link Stopped} where it is not met, and a case wherever
 * the compiler asks for one.
 */
public sealed interface MirrorStep {

  /** Bytes that travel for it from the source. */
  default long bytes() {
    return 0;
  }

  /** Whether the target is another one afterwards. */
  default boolean moves() {
    return false;
  }

  /**
   * The manifests of an image are read at a source that counts pulls; what they hold becomes steps
   * once they are read.
   *
   * @param pulls about how many are spent
   */
  record ReadManifests(Descriptor root, int pulls) implements MirrorStep {
    @Override
    public boolean moves() {
      return true;
    }
  }

  /**
   * The condition that each platform asked is really there; it was looked at when the plan was
   * made, and an image that fails it is refused.
   *
   * @param platforms found to be there
   * @param notes what is odd but stops nothing
   */
  record RequirePlatforms(List<Platform> platforms, List<String> notes) implements MirrorStep {

    /** Copies the lists. */
    public RequirePlatforms {
      platforms = List.copyOf(platforms);
      notes = List.copyOf(notes);
    }
  }

  /**
   * The condition that the policy admits the image; it was judged when the plan was made, and an
   * image that fails it is refused.
   *
   * @param fingerprint of the denied digests, none of which is in the image
   * @param signedBy who vouches for it, by source
   */
  record RequireAdmission(
      Optional<Digest> fingerprint, Map<ImageReference, List<LockedSignature>> signedBy)
      implements MirrorStep {

    /** Copies the map. */
    public RequireAdmission {
      signedBy = Map.copyOf(signedBy);
    }
  }

  /**
   * Signatures are read at a source that counts pulls, and verified; the condition that the policy
   * admits the image follows.
   *
   * @param sources whose signatures are asked for
   */
  record VerifyEvidence(List<ImageReference> sources) implements MirrorStep {

    /** Copies the list. */
    public VerifyEvidence {
      sources = List.copyOf(sources);
    }
  }

  /**
   * The operator's program is asked whether the tag may move.
   *
   * @param reference by tag and by digest
   */
  record AskHook(ImageReference reference) implements MirrorStep {}

  /** A blob of the image, which is brought to the target's repository or is there. */
  sealed interface OfBlob extends MirrorStep {

    /** The blob. */
    Descriptor blob();
  }

  /** A blob is read in a repository of the source and sent. */
  record CopyBlob(Descriptor blob, Repository from) implements OfBlob {
    @Override
    public long bytes() {
      return blob.size();
    }

    @Override
    public boolean moves() {
      return true;
    }
  }

  /**
   * A blob is taken over from another repository of the target's registry, once it is there; a
   * registry that does not mount gets it sent from there.
   */
  record MountBlob(Descriptor blob, Repository from) implements OfBlob {
    @Override
    public boolean moves() {
      return true;
    }
  }

  /** A blob that another image of the run brings to the same repository is waited for. */
  record AwaitBlob(Descriptor blob) implements OfBlob {}

  /** A blob that the target holds. */
  record BlobThere(Descriptor blob) implements OfBlob {}

  /** A layer that stays where its publisher keeps it. */
  record KeepForeign(Descriptor layer) implements MirrorStep {}

  /**
   * A manifest is put at the target by its digest.
   *
   * @param list whether it names other manifests, which are put before it
   */
  record CopyManifest(Descriptor manifest, boolean list) implements MirrorStep {
    @Override
    public boolean moves() {
      return true;
    }
  }

  /** A manifest that the target holds. */
  record ManifestThere(Descriptor manifest) implements MirrorStep {}

  /**
   * A source that counts pulls is asked what is attached to a digest; what is found becomes steps.
   *
   * @param depth 1 for what is attached to the image, 2 for what is attached to that, …
   */
  record FindReferrers(Digest subject, Repository source, int depth) implements MirrorStep {}

  /**
   * A signature, SBOM or attestation travels along: its manifests are read and become steps.
   *
   * @param tag the tag under which it is found, or null where it refers to the subject
   * @param depth as in {@link FindReferrers}
   */
  record CopyReferrer(
      Digest subject, Descriptor manifest, Repository source, @Nullable Tag tag, int depth)
      implements MirrorStep {

    @Override
    public boolean moves() {
      return true;
    }

    /** Its digest, or the tag under which it is found. */
    public String name() {
      return tag == null ? manifest.digest().toString() : tag.value();
    }
  }

  /**
   * The target lists the referrers of a digest that were brought: a registry with the referrers API
   * does so by itself, for another one a step follows that writes the fallback tag.
   *
   * @param list the source's list where that lies under a fallback tag, or null
   */
  record ListReferrers(Digest subject, List<Descriptor> referrers, @Nullable Digest list)
      implements MirrorStep {

    /** Copies the list. */
    public ListReferrers {
      referrers = List.copyOf(referrers);
    }

    @Override
    public boolean moves() {
      return true;
    }
  }

  /** The source's list of referrers is put at the target byte for byte. */
  record PutList(ImageReference tag, Digest list) implements MirrorStep {
    @Override
    public boolean moves() {
      return true;
    }
  }

  /**
   * Referrers are added to what the target lists under a fallback tag.
   *
   * @param list the source's list, which is put as it is where the target lists nothing else, or
   *     null
   */
  record MergeList(
      Digest subject, ImageReference tag, List<Descriptor> referrers, @Nullable Digest list)
      implements MirrorStep {

    /** Copies the list. */
    public MergeList {
      referrers = List.copyOf(referrers);
    }

    @Override
    public boolean moves() {
      return true;
    }
  }

  /** What a moving tag meant before stays reachable under another tag. */
  record RetainTag(ImageReference tag, Digest digest) implements MirrorStep {
    @Override
    public boolean moves() {
      return true;
    }
  }

  /**
   * The root is put under the tag: the tag moves. Nothing is brought after it.
   *
   * @param former what the tag means now, or null where there is none
   */
  record PutTag(ImageReference target, Digest digest, @Nullable Digest former)
      implements MirrorStep {
    @Override
    public boolean moves() {
      return true;
    }
  }

  /** The target is asked for the tag and every manifest below it. */
  record Confirm(ImageReference target, Digest digest) implements MirrorStep {}
}
