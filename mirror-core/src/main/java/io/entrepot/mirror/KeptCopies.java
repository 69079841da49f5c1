package io.entrepot.mirror;

import io.entrepot.concurrent.Parallel;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockedImage;
import io.entrepot.mirror.MirrorEntry.Assembly;
import io.entrepot.mirror.MirrorEntry.Compose;
import io.entrepot.mirror.MirrorEntry.ImageCopy;
import io.entrepot.mirror.MirrorEntry.TagSelection;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.RegistryException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Copies that no entry asks for any more and that files may still pin: locked images whose entry is
 * gone, and former digests under {@code <tag>_<first 12 hex digits>}. A recheck looks at them too;
 * the lock does not change by it.
 */
final class KeptCopies {

  private static final Pattern RETAINED = Pattern.compile("(.+)_([0-9a-f]{12})");
  private static final CopyPolicy WHOLE = new CopyPolicy(List.of(), true, false, false, null);

  private final MirrorSession session;
  private final Set<ImageReference> covered = new HashSet<>();
  private final Map<Repository, Map<String, Repository>> sources = new TreeMap<>();
  private final Map<ImageReference, ImageCopy> copies = new LinkedHashMap<>();
  private final List<PlannedImage> failed = new ArrayList<>();

  private KeptCopies(MirrorSession session) {
    this.session = session;
  }

  /**
   * Finds them.
   *
   * @param planned the images that entries ask for
   */
  static KeptCopies beside(
      Collection<PlannedImage> planned, MirrorSpec spec, LockFile lock, MirrorSession session) {
    KeptCopies kept = new KeptCopies(session);
    planned.forEach(image -> kept.covered.add(image.target()));
    spec.entries().forEach(kept::source);
    lock.images().forEach(kept::locked);
    Parallel.map(kept.sources.keySet(), kept::retained).forEach(kept::add);
    return kept;
  }

  /** One for each copy: source and target, the source by digest. */
  List<ImageCopy> copies() {
    return copies.values().stream().filter(copy -> admits(copy.source(), copy.target())).toList();
  }

  /** What could not be looked at. */
  List<PlannedImage> failed() {
    return failed.stream().filter(image -> admits(image.source(), image.target())).toList();
  }

  private boolean admits(ImageReference source, ImageReference target) {
    return session.options().admits(source.toString(), target.toString());
  }

  /** Where the copies below an entry's target come from; what is made here only from there. */
  private void source(MirrorEntry entry) {
    switch (entry) {
      case ImageCopy copy -> source(copy.target(), copy.source().repository());
      case TagSelection selection -> sources(selection.target()).put("", selection.source());
      case Compose compose -> source(compose.target(), compose.target().repository());
      case Assembly assembly -> source(assembly.target(), assembly.target().repository());
    }
  }

  private void source(ImageReference target, Repository source) {
    Map<String, Repository> known = sources(target.repository());
    known.putIfAbsent(String.valueOf(target.tag()), source);
    known.putIfAbsent("", source);
  }

  private Map<String, Repository> sources(Repository target) {
    return sources.computeIfAbsent(target, _ -> new TreeMap<>());
  }

  private void locked(ImageReference key, LockedImage image) {
    boolean madeHere = !image.digest().equals(image.digestAtTarget());
    Repository source = madeHere ? image.target().repository() : key.repository();
    source(image.target(), source);
    if (covered.contains(image.target())) {
      return;
    }
    CopyPolicy policy =
        new CopyPolicy(image.platforms(), image.platforms().isEmpty(), false, false, null);
    copies.putIfAbsent(
        image.target(),
        new ImageCopy(
            source.at(image.digestAtTarget()), image.target(), policy, LockFile.USUAL_NAME));
  }

  /** What the tags of a repository retain. */
  private record Found(List<ImageCopy> copies, List<PlannedImage> failed) {}

  private void add(Found found) {
    found.copies().forEach(copy -> copies.putIfAbsent(copy.target(), copy));
    failed.addAll(found.failed());
  }

  private Found retained(Repository target) {
    Map<String, Repository> known = sources(target);
    List<ImageCopy> held = new ArrayList<>();
    List<PlannedImage> lost = new ArrayList<>();
    List<Tag> tags;
    try {
      tags = session.target().tags(target).await();
    } catch (RegistryException e) {
      if (!e.code().isAbsence()) {
        lost.add(unread(target, new ImageReference(target, null, null), e));
      }
      return new Found(held, lost);
    }
    for (Tag tag : tags) {
      Matcher retained = RETAINED.matcher(tag.value());
      ImageReference copy = target.tagged(tag);
      if (!retained.matches() || covered.contains(copy)) {
        continue;
      }
      Repository source =
          Stream.of(retained.group(1), "")
              .map(known::get)
              .flatMap(Stream::ofNullable)
              .findFirst()
              .orElse(target);
      try {
        Optional<Digest> meant = session.target().find(copy).await().map(Descriptor::digest);
        // Another one's tag may look like this.
        meant
            .filter(digest -> digest.shortHex(12).equals(retained.group(2)))
            .ifPresent(
                digest -> held.add(new ImageCopy(source.at(digest), copy, WHOLE, tag.value())));
      } catch (RegistryException e) {
        lost.add(unread(source, copy, e));
      }
    }
    return new Found(held, lost);
  }

  private static PlannedImage unread(
      Repository source, ImageReference target, RegistryException e) {
    return new ImageDraft(
            new ImageReference(source, target.tag(), null), target, WHOLE, target.toString(), null)
        .failed(String.valueOf(e.getMessage()), e.remedy());
  }
}
