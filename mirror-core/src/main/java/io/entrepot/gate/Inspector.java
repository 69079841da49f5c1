package io.entrepot.gate;

import io.entrepot.gate.Inspection.Absent;
import io.entrepot.gate.Inspection.Kind;
import io.entrepot.gate.Inspection.Present;
import io.entrepot.gate.Inspection.Unknown;
import io.entrepot.lock.LockedImage;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RawManifest;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import io.entrepot.verify.PlatformFinding;
import io.entrepot.verify.PlatformVerifier;
import io.entrepot.verify.Problem;
import io.entrepot.verify.RegistryContent;
import io.entrepot.verify.Requirement;
import io.entrepot.verify.Verification;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds out about images, each asked once: from the registry, from the answers kept on disk, or,
 * where no registry is asked, from the lock and those answers alone. Safe for many threads.
 */
public final class Inspector {

  private static final int AT_ONCE = 16;

  private final boolean offline;
  private final Supplier<RegistryClient> client;
  private final @Nullable LockView lock;
  private final AnswerCache cache;
  private final Semaphore slots = new Semaphore(AT_ONCE);
  private final Map<ImageReference, Inspection> known = new ConcurrentHashMap<>();

  /**
   * @param client asked for where the first registry is asked
   * @param cache directory of answers that never change
   */
  public Inspector(
      boolean offline, Supplier<RegistryClient> client, @Nullable LockView lock, Path cache) {
    this.offline = offline;
    this.client = client;
    this.lock = lock;
    this.cache = new AnswerCache(cache);
  }

  /**
   * What is known of an image.
   *
   * @param wanted platforms asked for; none of an artifact
   */
  public Inspection inspect(ImageReference image, List<Platform> wanted) {
    Inspection before = known.get(image);
    if (before != null && !(before instanceof Present present && !present.answers(wanted))) {
      return before;
    }
    Inspection found = offline ? fromLock(image, wanted) : fromRegistry(image, wanted);
    known.put(image, found);
    return found;
  }

  private Inspection fromLock(ImageReference image, List<Platform> wanted) {
    Optional<LockedImage> locked = lock == null ? Optional.empty() : lock.find(image);
    Digest digest =
        image.digest() != null
            ? image.digest()
            : locked.map(LockedImage::digestAtTarget).orElse(null);
    if (digest != null) {
      Optional<Present> kept =
          cache.find(image.repository(), digest).filter(present -> present.answers(wanted));
      if (kept.isPresent()) {
        return kept.get();
      }
    }
    if (digest == null || locked.isEmpty()) {
      return new Unknown(
          "offline: neither the lock nor an earlier answer knows it; check without --offline");
    }
    List<Platform> there = locked.get().platforms();
    TreeMap<Platform, String> problems = new TreeMap<>();
    List<Platform> served = new ArrayList<>();
    for (Platform platform : wanted) {
      if (there.stream().anyMatch(each -> each.satisfies(platform))) {
        served.add(platform);
      } else {
        problems.put(platform, "the lock has %s only".formatted(names(there)));
      }
    }
    return there.isEmpty()
        ? new Present(digest, Kind.ARTIFACT, List.of(), new TreeMap<>())
        : new Present(digest, Kind.LIST, served, problems);
  }

  private Inspection fromRegistry(ImageReference image, List<Platform> wanted) {
    try {
      slots.acquire();
      try {
        return asked(image, wanted);
      } finally {
        slots.release();
      }
    } catch (RegistryException e) {
      return new Unknown(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Unknown("stopped");
    }
  }

  private Inspection asked(ImageReference image, List<Platform> wanted) {
    Digest digest = image.digest();
    if (digest == null) {
      Optional<Descriptor> named = client.get().find(image.orLatest()).await();
      if (named.isEmpty()) {
        return new Absent();
      }
      digest = named.get().digest();
    }
    Optional<Present> kept =
        cache.find(image.repository(), digest).filter(present -> present.answers(wanted));
    if (kept.isPresent()) {
      // What it is cannot change; that it is there can. A HEAD is no pull.
      boolean there = image.digest() == null || client.get().find(image).await().isPresent();
      return there ? kept.get() : new Absent();
    }
    Optional<RawManifest> manifest = client.get().findManifest(image.pinnedTo(digest)).await();
    if (manifest.isEmpty()) {
      return new Absent();
    }
    return examined(image, manifest.get(), wanted);
  }

  private Present examined(ImageReference image, RawManifest manifest, List<Platform> wanted) {
    Kind kind = kind(manifest);
    if (kind == Kind.ARTIFACT) {
      Present present = new Present(manifest.digest(), kind, List.of(), new TreeMap<>());
      cache.put(image.repository(), present);
      return present;
    }
    Verification verification =
        PlatformVerifier.verify(
            image,
            manifest,
            new RegistryContent(client.get(), image.repository()),
            new Requirement(wanted, true, false, false));
    List<Platform> there =
        verification.platforms().stream()
            .filter(PlatformFinding::present)
            .map(PlatformFinding::platform)
            .toList();
    TreeMap<Platform, String> problems = new TreeMap<>();
    boolean lasting = true;
    for (Problem problem : verification.problems()) {
      // What is missing or broken may be pushed again; what a list says it says for ever.
      lasting &=
          problem.kind() == Problem.Kind.NO_ENTRY
              || problem.kind() == Problem.Kind.PLATFORM_DISAGREES;
      List<Platform> concerned =
          problem.platform() == null
              ? wanted.stream().filter(each -> !there.contains(each)).toList()
              : List.of(problem.platform());
      concerned.forEach(each -> problems.merge(each, problem.message(), (a, b) -> a + "; " + b));
    }
    for (Platform platform : wanted) {
      if (!there.contains(platform)) {
        problems.putIfAbsent(platform, "it is not there");
      }
    }
    List<Platform> sound = there.stream().filter(each -> !problems.containsKey(each)).toList();
    Present present = new Present(manifest.digest(), kind, sound, problems);
    if (lasting) {
      cache.put(image.repository(), present);
    }
    return present;
  }

  private static Kind kind(RawManifest manifest) {
    if (manifest.mediaType().isIndex()) {
      return Kind.LIST;
    }
    try {
      return manifest.parse() instanceof ImageManifest image && !image.isRunnable()
          ? Kind.ARTIFACT
          : Kind.SINGLE;
    } catch (MalformedException e) {
      // The verifier says what is wrong with it.
      return Kind.SINGLE;
    }
  }

  static String names(List<Platform> platforms) {
    return String.join(", ", platforms.stream().map(Platform::toString).toList());
  }
}
