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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;

/**
 * Signatures, SBOMs and attestations: what refers to a digest, and cosign's tags beside it.
 *
 * <p>What an unchanged image costs. A source with the referrers API is asked for its list, one
 * request; a list that is not empty is compared with the target's, one more. A source without it
 * has a fallback tag or none; the repository's tags, listed once in a run for all of its images,
 * tell which, and cosign's tags too. A tag that exists is compared by HEAD on both sides, two
 * requests. So an image without anything costs two, with one kind of attachment three, and every
 * further kind two more. No manifest is fetched at the source: a fallback list is put at the target
 * byte for byte, also where the target has the API and would not need it, so that HEAD tells
 * whether it has changed. Whether a registry has the API is found out once in a run.
 *
 * <p>Attachments of the images inside a list are looked for when the list is copied, not again
 * while it is unchanged: asking for each of them would cost more than the rest of the run.
 */
final class ReferrerCopier {

  private static final List<String> SUFFIXES = List.of("sig", "att", "sbom");
  private static final int MAX_DEPTH = 4;
  private static final int MAX_REFERRERS = 1000;
  private static final int TRIES = 5;

  /** Writers of one fallback tag in this run wait for each other; others are found by reading. */
  private static final ConcurrentMap<ImageReference, Object> LOCKS = new ConcurrentHashMap<>();

  private final MirrorSession session;
  private final ImageReference image;
  private final Repository target;
  private final Transfer transfer;
  private final PullAllotment pulls;
  private final Set<Digest> visited = new HashSet<>();

  ReferrerCopier(
      MirrorSession session, PlannedImage image, Transfer transfer, PullAllotment pulls) {
    this.session = session;
    this.image = image.source();
    this.target = image.target().repository();
    this.transfer = transfer;
    this.pulls = pulls;
  }

  /** Brings everything that is attached to {@code subject} in {@code source} to the target. */
  void copy(Repository source, Digest subject) {
    copy(source, subject, 1);
  }

  /** What {@link #copy} would bring, without bringing it: digests and tags. */
  List<String> missing(Repository source, Digest subject) {
    List<String> names = new ArrayList<>();
    wanted(source, subject)
        .ifPresent(list -> list.missing().forEach(each -> names.add(each.digest().toString())));
    for (String suffix : SUFFIXES) {
      Tag tag = Tag.attachmentOf(subject, suffix);
      if (movedTag(source, tag).isPresent()) {
        names.add(tag.value());
      }
    }
    return names;
  }

  /**
   * Referrers that the target lacks.
   *
   * @param fallback the source's list where it lies under a fallback tag
   */
  private record Wanted(List<Descriptor> missing, Optional<RawManifest> fallback) {}

  private void copy(Repository source, Digest subject, int depth) {
    if (depth > MAX_DEPTH || !visited.add(subject)) {
      return;
    }
    Optional<Wanted> wanted = wanted(source, subject);
    if (wanted.isPresent()) {
      for (Descriptor referrer : wanted.get().missing()) {
        copyTree(source, referrer);
        copy(source, referrer.digest(), depth + 1);
      }
      list(subject, wanted.get());
    }
    for (String suffix : SUFFIXES) {
      Tag tag = Tag.attachmentOf(subject, suffix);
      Optional<Descriptor> moved = movedTag(source, tag);
      if (moved.isPresent()) {
        RawManifest root = copyTree(source, moved.get());
        transfer.put(target.tagged(tag), root);
      }
    }
  }

  /** Empty where nothing refers to the subject or the target has it all. */
  private Optional<Wanted> wanted(Repository source, Digest subject) {
    Optional<List<Descriptor>> api =
        at(Side.SOURCE, "list referrers", () -> session.referrers(source, subject));
    if (api.isPresent()) {
      List<Descriptor> referrers = capped(api.get());
      if (referrers.isEmpty()) {
        return Optional.empty();
      }
      Set<Digest> there = new HashSet<>();
      listedAtTarget(subject).forEach(descriptor -> there.add(descriptor.digest()));
      List<Descriptor> missing =
          referrers.stream().filter(each -> !there.contains(each.digest())).toList();
      return missing.isEmpty()
          ? Optional.empty()
          : Optional.of(new Wanted(missing, Optional.empty()));
    }
    Optional<Descriptor> moved = movedTag(source, Tag.referrersOf(subject));
    if (moved.isEmpty()) {
      return Optional.empty();
    }
    RawManifest list = fetch(source, moved.get().digest());
    Optional<Index> index = asIndex(list);
    return index.isEmpty()
        ? Optional.empty()
        : Optional.of(new Wanted(capped(index.get().manifests()), Optional.of(list)));
  }

  /** What the target lists for a subject. */
  private List<Descriptor> listedAtTarget(Digest subject) {
    Optional<List<Descriptor>> api =
        at(Side.TARGET, "list referrers", () -> session.referrers(target, subject));
    return api.orElseGet(
        () ->
            fallbackAtTarget(subject).flatMap(ReferrerCopier::asIndex).stream()
                .flatMap(index -> index.manifests().stream())
                .toList());
  }

  private Optional<RawManifest> fallbackAtTarget(Digest subject) {
    ImageReference tag = target.tagged(Tag.referrersOf(subject));
    return at(Side.TARGET, "read " + tag, () -> session.client().findManifest(tag).await());
  }

  /** Makes the target list what was brought: it does so itself, or by the fallback tag. */
  private void list(Digest subject, Wanted wanted) {
    Optional<List<Descriptor>> api =
        at(Side.TARGET, "list referrers", () -> session.referrers(target, subject));
    ImageReference tag = target.tagged(Tag.referrersOf(subject));
    if (api.isPresent()) {
      wanted.fallback().ifPresent(list -> transfer.put(tag, list));
      return;
    }
    synchronized (LOCKS.computeIfAbsent(tag, key -> new Object())) {
      merge(subject, tag, wanted);
    }
  }

  /**
   * Read, add, write, read again: the fallback tag has no compare-and-set, and other writers do
   * lose entries on GHCR.
   */
  private void merge(Digest subject, ImageReference tag, Wanted wanted) {
    for (int attempt = 0; attempt < TRIES; attempt++) {
      List<Descriptor> listed =
          fallbackAtTarget(subject).flatMap(ReferrerCopier::asIndex).stream()
              .flatMap(index -> index.manifests().stream())
              .toList();
      if (containsAll(listed, wanted.missing())
          && (wanted.fallback().isEmpty() || listed.size() > wanted.missing().size())) {
        return;
      }
      boolean sourceHasAll = containsAll(wanted.missing(), listed);
      RawManifest merged =
          wanted.fallback().isPresent() && sourceHasAll
              ? wanted.fallback().get()
              : FallbackIndex.merge(listed, wanted.missing());
      transfer.put(tag, merged);
      Optional<RawManifest> after = fallbackAtTarget(subject);
      if (after.isPresent()
          && asIndex(after.get())
              .filter(index -> containsAll(index.manifests(), wanted.missing()))
              .isPresent()) {
        return;
      }
    }
    throw new MirrorException(
        Side.TARGET,
        image,
        "list referrers under " + tag,
        "the tag lost what was written to it, %d times".formatted(TRIES),
        "somebody else writes it at the same time: run again",
        null);
  }

  /** The source's content of a tag, where it exists and the target's differs. */
  private Optional<Descriptor> movedTag(Repository source, Tag tag) {
    Optional<Set<Tag>> tags = at(Side.SOURCE, "list tags of " + source, () -> session.tags(source));
    if (tags.isPresent() && !tags.get().contains(tag)) {
      return Optional.empty();
    }
    Optional<Descriptor> here =
        at(Side.SOURCE, "look for " + tag, () -> session.client().find(source.tagged(tag)).await());
    if (here.isEmpty()) {
      return here;
    }
    Optional<Descriptor> there =
        at(Side.TARGET, "look for " + tag, () -> session.client().find(target.tagged(tag)).await());
    return there.isPresent() && there.get().digest().equals(here.get().digest())
        ? Optional.empty()
        : here;
  }

  private RawManifest copyTree(Repository source, Descriptor root) {
    ImageTree tree =
        at(
            Side.SOURCE,
            "read " + root.digest(),
            () -> {
              ImageTree read = new ImageTree(session, image, source, target, true, pulls);
              read.read(root);
              return read;
            });
    if (!tree.absent().isEmpty()) {
      throw MirrorException.of(
          Side.SOURCE, image, "read " + root.digest(), tree.absent().values().iterator().next());
    }
    transfer.blobs(tree, target, false);
    transfer.manifests(tree, target, true, false);
    return tree.root().raw();
  }

  private RawManifest fetch(Repository source, Digest digest) {
    RawManifest known = session.manifests().get(digest);
    if (known != null) {
      return known;
    }
    pulls.require(1);
    pulls.spend();
    RawManifest read =
        at(
            Side.SOURCE,
            "read " + digest,
            () -> session.client().fetchManifest(source.at(digest)).await());
    session.manifests().put(digest, read);
    return read;
  }

  private static List<Descriptor> capped(List<Descriptor> referrers) {
    Map<Digest, Descriptor> distinct = new LinkedHashMap<>();
    referrers.stream()
        .limit(MAX_REFERRERS)
        .forEach(each -> distinct.putIfAbsent(each.digest(), each));
    return List.copyOf(distinct.values());
  }

  private static Optional<Index> asIndex(RawManifest manifest) {
    try {
      return manifest.parse() instanceof Index index ? Optional.of(index) : Optional.empty();
    } catch (MalformedException e) {
      // Something else lies under that tag; it lists nothing.
      return Optional.empty();
    }
  }

  private static boolean containsAll(List<Descriptor> list, List<Descriptor> wanted) {
    Set<Digest> digests = new HashSet<>();
    list.forEach(descriptor -> digests.add(descriptor.digest()));
    return wanted.stream().allMatch(descriptor -> digests.contains(descriptor.digest()));
  }

  private <T> T at(Side side, String step, Supplier<T> work) {
    try {
      return work.get();
    } catch (RegistryException e) {
      throw MirrorException.of(side, image, step, e);
    }
  }
}
