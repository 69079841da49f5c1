package io.entrepot.gate;

import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockedImage;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;

/** A lock, asked by the names of sources and of copies. */
public final class LockView {

  private record Content(Repository repository, Digest digest) {}

  private final Map<ImageReference, LockedImage> byTag = new HashMap<>();
  private final Map<Content, LockedImage> byDigest = new HashMap<>();
  private final Map<LockedImage, ImageReference> sources = new HashMap<>();
  private final Map<Repository, TreeSet<String>> held = new HashMap<>();

  /** Of what a lock holds. */
  public LockView(LockFile lock) {
    lock.images()
        .forEach(
            (source, image) -> {
              add(source, image.digest(), image);
              add(image.target(), image.digestAtTarget(), image);
              sources.putIfAbsent(image, source);
            });
  }

  private void add(ImageReference name, Digest digest, LockedImage image) {
    if (name.tag() != null) {
      byTag.put(name, image);
    }
    byDigest.put(new Content(name.repository(), digest), image);
    held.computeIfAbsent(name.repository(), _ -> new TreeSet<>())
        .add((name.tag() == null ? "" : name.tag() + " is ") + digest);
  }

  /** Whether it holds any image of a repository, be it a source or a copy. */
  public boolean holds(Repository repository) {
    return held.containsKey(repository);
  }

  /** What the lock says of the image: by its digest where it has one, else by its tag. */
  public Optional<LockedImage> find(ImageReference image) {
    return Optional.ofNullable(
        image.digest() == null
            ? byTag.get(image.orLatest())
            : byDigest.get(
                new Content(image.repository(), Objects.requireNonNull(image.digest()))));
  }

  /** The source of an image that it holds: the key of its entry. */
  public Optional<ImageReference> source(LockedImage image) {
    return Optional.ofNullable(sources.get(image));
  }

  /** Why the image is not held, or nothing where it is. */
  public Optional<String> problem(ImageReference image) {
    if (find(image).isPresent()) {
      return Optional.empty();
    }
    TreeSet<String> others = held.get(image.repository());
    if (others == null) {
      return Optional.of("the lock does not hold %s".formatted(image));
    }
    return Optional.of(
        image.digest() == null
            ? "the lock holds %s, but not this tag: %s"
                .formatted(image.repository(), String.join(", ", others))
            : "the lock holds %s with another digest: %s"
                .formatted(image.repository(), String.join(", ", others)));
  }
}
