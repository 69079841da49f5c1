package io.entrepot.gate;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Repository;
import io.entrepot.pods.RunningContainer;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether a container runs the image that a file pins. Runtimes report the digest of the list, of
 * one platform's manifest, or of the configuration alone, and files pin any of the first two: two
 * digests of one list are the same image. Safe for many threads.
 */
public final class SameImage {

  /** What is found. */
  public sealed interface Answer {

    /** It is, as far as a digest is known at all. */
    record Same() implements Answer {}

    /** It is another one. */
    record Different(Digest runs) implements Answer {}

    /** Nobody could be asked. */
    record Unknown(String why) implements Answer {}
  }

  private static final Answer SAME = new Answer.Same();

  private record Place(Repository repository, Digest digest) {}

  private final boolean offline;
  private final Supplier<RegistryClient> registries;
  private final @Nullable LockView lock;
  private final Map<Place, Optional<Manifest>> manifests = new ConcurrentHashMap<>();
  private final Map<Place, Map<Digest, Answer>> answers = new ConcurrentHashMap<>();

  public SameImage(boolean offline, Supplier<RegistryClient> registries, @Nullable LockView lock) {
    this.offline = offline;
    this.registries = registries;
    this.lock = lock;
  }

  /**
   * Compares; a container of which no digest is known is compared with nothing.
   *
   * @param pinned with the digest that a file says
   */
  public Answer compare(ImageReference pinned, RunningContainer running) {
    Digest wanted = pinned.digest();
    Digest runs = running.digest() == null ? running.config() : running.digest();
    if (wanted == null || runs == null || wanted.equals(runs)) {
      return SAME;
    }
    Map<Digest, Answer> known =
        answers.computeIfAbsent(
            new Place(pinned.repository(), wanted), _ -> new ConcurrentHashMap<>());
    Answer before = known.get(runs);
    if (before != null) {
      return before;
    }
    Answer answer = asked(pinned, wanted, runs, running.digest() == null);
    known.put(runs, answer);
    return answer;
  }

  private Answer asked(ImageReference pinned, Digest wanted, Digest runs, boolean config) {
    if (offline) {
      return new Answer.Unknown(
          "offline: whether %s belongs to the list %s is not known".formatted(runs, wanted));
    }
    try {
      for (ImageReference list : lists(pinned, wanted, config ? null : runs)) {
        Set<Digest> members = members(list, config);
        if (members.contains(runs) && (config || members.contains(wanted))) {
          return SAME;
        }
      }
    } catch (RegistryException e) {
      return new Answer.Unknown(String.valueOf(e.getMessage()));
    }
    if (manifest(pinned.pinnedTo(wanted)).isEmpty()) {
      return new Answer.Unknown(
          "%s is not there, so that nobody can tell whether %s belongs to it"
              .formatted(pinned.pinnedTo(wanted), runs));
    }
    return new Answer.Different(runs);
  }

  /** What may be the list of both, the likeliest first. */
  private Set<ImageReference> lists(ImageReference pinned, Digest wanted, @Nullable Digest runs) {
    Set<ImageReference> lists = new LinkedHashSet<>();
    lists.add(pinned.pinnedTo(wanted));
    if (runs != null) {
      lists.add(pinned.pinnedTo(runs));
    }
    if (lock != null && pinned.tag() != null) {
      lock.find(pinned.repository().tagged(pinned.tag()))
          .ifPresent(
              image -> {
                boolean copy = image.target().repository().equals(pinned.repository());
                lists.add(pinned.pinnedTo(copy ? image.digestAtTarget() : image.digest()));
              });
    }
    return lists;
  }

  /** The digests of an image: of its list and of each platform's manifest, or configurations. */
  private Set<Digest> members(ImageReference list, boolean configs) {
    Set<Digest> members = new LinkedHashSet<>();
    Optional<Manifest> found = manifest(list);
    if (found.isEmpty()) {
      return members;
    }
    if (!configs && list.digest() != null) {
      members.add(list.digest());
    }
    switch (found.get()) {
      case Index index -> {
        for (Descriptor child : index.images()) {
          if (configs) {
            manifest(list.pinnedTo(child.digest())).ifPresent(each -> addConfig(each, members));
          } else {
            members.add(child.digest());
          }
        }
      }
      case ImageManifest single -> {
        if (configs) {
          addConfig(single, members);
        }
      }
    }
    return members;
  }

  private static void addConfig(Manifest manifest, Set<Digest> members) {
    if (manifest instanceof ImageManifest image && image.config() != null) {
      members.add(image.config().digest());
    }
  }

  private Optional<Manifest> manifest(ImageReference image) {
    Place place = new Place(image.repository(), Objects.requireNonNull(image.digest()));
    Optional<Manifest> known = manifests.get(place);
    if (known == null) {
      known = registries.get().findManifest(image).await().flatMap(SameImage::parsed);
      manifests.put(place, known);
    }
    return known;
  }

  private static Optional<Manifest> parsed(RawManifest raw) {
    try {
      return Optional.of(raw.parse());
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }
}
