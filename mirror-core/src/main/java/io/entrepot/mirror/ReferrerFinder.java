package io.entrepot.mirror;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.RegistryException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds signatures, SBOMs and attestations that the target lacks: what refers to a digest, and
 * cosign's tags beside it.
 *
 * <p>What an unchanged image costs. A source with the referrers API is asked for its list, one
 * request; a list that is not empty is compared with the target's, one more. A source without it
 * has a fallback tag or none; the repository's tags, listed once in a run for all of its images,
 * tell which, and cosign's tags too. A tag that exists is compared by HEAD on both sides, two
 * requests. So an image without anything costs two, with one kind of attachment three, and every
 * further kind two more. No manifest is fetched at the source: a fallback list is put at the target
 * byte for byte, also where the target has the API and would not need it, so that HEAD tells
 * whether it has changed. Whether a registry has the API is found out once in a run.
 */
final class ReferrerFinder {

  private static final List<String> SUFFIXES = List.of("sig", "att", "sbom");
  private static final int MAX_REFERRERS = 10_000;

  private final MirrorSession session;
  private final ImageReference image;
  private final Repository target;
  private final PullAllotment pulls;

  ReferrerFinder(MirrorSession session, PlannedImage image, PullAllotment pulls) {
    this.session = session;
    this.image = image.source();
    this.target = image.target().repository();
    this.pulls = pulls;
  }

  /**
   * What the target lacks.
   *
   * @param referrers that refer to the subject
   * @param list the source's list where that lies under a fallback tag, or null
   * @param tags of cosign, with what they mean at the source
   */
  record Missing(
      List<Descriptor> referrers, @Nullable RawManifest list, Map<Tag, Descriptor> tags) {}

  /**
   * Looks for what is attached to {@code subject} in {@code source}.
   *
   * @param subjectAtTarget whether the target holds the subject; a target that does not is not
   *     asked what refers to it
   */
  Missing find(Repository source, Digest subject, boolean subjectAtTarget) {
    Map<Tag, Descriptor> tags = new LinkedHashMap<>();
    Missing missing = referrers(source, subject, subjectAtTarget, tags);
    for (String suffix : SUFFIXES) {
      Tag tag = Tag.attachmentOf(subject, suffix);
      movedTag(source, tag).ifPresent(found -> tags.put(tag, found));
    }
    return missing;
  }

  private Missing referrers(
      Repository source, Digest subject, boolean subjectAtTarget, Map<Tag, Descriptor> tags) {
    Optional<List<Descriptor>> api =
        at(Side.SOURCE, "list referrers", () -> session.referrers(Side.SOURCE, source, subject));
    if (api.isPresent()) {
      List<Descriptor> listed = distinct(subject, api.get());
      if (listed.isEmpty() || !subjectAtTarget) {
        return new Missing(listed, null, tags);
      }
      Set<Digest> there = new HashSet<>();
      listedAtTarget(subject).forEach(descriptor -> there.add(descriptor.digest()));
      return new Missing(
          listed.stream().filter(each -> !there.contains(each.digest())).toList(), null, tags);
    }
    Optional<Descriptor> moved = movedTag(source, Tag.referrersOf(subject));
    if (moved.isEmpty()) {
      return new Missing(List.of(), null, tags);
    }
    RawManifest list = fetch(source, moved.get().digest());
    return entries(subject, list)
        .map(entries -> new Missing(distinct(subject, entries), list, tags))
        .orElseGet(() -> new Missing(List.of(), null, tags));
  }

  /** What the target lists for a subject; nothing where it cannot say, so that all is brought. */
  private List<Descriptor> listedAtTarget(Digest subject) {
    ImageReference tag = target.tagged(Tag.referrersOf(subject));
    try {
      return session
          .referrers(Side.TARGET, target, subject)
          .orElseGet(
              () ->
                  session
                      .target()
                      .findManifest(tag)
                      .await()
                      .flatMap(list -> entries(subject, list))
                      .orElse(List.of()));
    } catch (RegistryException e) {
      return List.of();
    }
  }

  /** The source's content of a tag, where it exists and the target's differs. */
  private Optional<Descriptor> movedTag(Repository source, Tag tag) {
    Optional<Set<Tag>> tags = at(Side.SOURCE, "list tags of " + source, () -> session.tags(source));
    if (tags.isPresent() && !tags.get().contains(tag)) {
      return Optional.empty();
    }
    Optional<Descriptor> here =
        at(Side.SOURCE, "look for " + tag, () -> session.source().find(source.tagged(tag)).await());
    if (here.isEmpty()) {
      return here;
    }
    Optional<Descriptor> there =
        at(Side.TARGET, "look for " + tag, () -> session.target().find(target.tagged(tag)).await());
    return there.isPresent() && there.get().digest().equals(here.get().digest())
        ? Optional.empty()
        : here;
  }

  private RawManifest fetch(Repository source, Digest digest) {
    Optional<RawManifest> known = session.manifests().find(digest);
    if (known.isPresent()) {
      return known.get();
    }
    pulls.require(1);
    pulls.spend();
    RawManifest read =
        at(
            Side.SOURCE,
            "read " + digest,
            () -> session.source().fetchManifest(source.at(digest)).await());
    session.manifests().put(read);
    return read;
  }

  private List<Descriptor> distinct(Digest subject, List<Descriptor> referrers) {
    Map<Digest, Descriptor> distinct = new LinkedHashMap<>();
    referrers.forEach(each -> distinct.putIfAbsent(each.digest(), each));
    if (distinct.size() > MAX_REFERRERS) {
      throw new MirrorException(
          Side.SOURCE,
          image,
          "list referrers",
          "%d are attached to %s; at most %d are copied"
              .formatted(distinct.size(), subject, MAX_REFERRERS),
          "referrers: false copies the image alone",
          null);
    }
    return List.copyOf(distinct.values());
  }

  /**
   * The entries of a list; nothing where something else lies under the tag, which lists nothing.
   * GitLab's registry finds the subject itself under the tag.
   */
  static Optional<List<Descriptor>> entries(Digest subject, RawManifest manifest) {
    if (manifest.digest().equals(subject)) {
      return Optional.empty();
    }
    try {
      return manifest.parse() instanceof Index index
          ? Optional.of(index.manifests())
          : Optional.empty();
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  private <T> T at(Side side, String step, Supplier<T> work) {
    try {
      return work.get();
    } catch (RegistryException e) {
      throw MirrorException.of(side, image, step, e);
    }
  }
}
