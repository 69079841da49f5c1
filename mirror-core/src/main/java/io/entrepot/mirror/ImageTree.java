package io.entrepot.mirror;

import io.entrepot.concurrent.Parallel;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Repository;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryException;
import io.entrepot.verify.ImageContent;
import io.entrepot.verify.RegistryContent;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The manifests of one image, read level by level, each from where it costs least: from this run's
 * memory, from the target by its digest, and only then from the source.
 *
 * <p>Before a level is read from a source that counts pulls, as many pulls are set aside as will be
 * made; an image that does not fit is left before any of them is spent.
 */
final class ImageTree implements ImageContent {

  /** Lists within lists deeper than this are refused. */
  private static final int MAX_DEPTH = 4;

  private static final int MAX_MANIFESTS = 8192;

  private final MirrorSession session;
  private final ImageReference image;
  private final Repository source;
  private final Repository target;
  private final boolean askTarget;
  private final PullAllotment pulls;
  private final ManifestSpace.Part space;
  private final Map<Digest, Node> nodes = new LinkedHashMap<>();
  private final Map<Digest, RawManifest> given = new HashMap<>();
  private final Set<Digest> notAtTarget = ConcurrentHashMap.newKeySet();
  private final Map<Digest, RegistryException> absent = new ConcurrentHashMap<>();
  private final Map<Digest, Repository> origins = new ConcurrentHashMap<>();
  private final ConcurrentMap<Digest, byte[]> configs = new ConcurrentHashMap<>();
  private final Set<Digest> looseBlobs = ConcurrentHashMap.newKeySet();

  /**
   * A manifest of the image.
   *
   * @param parsed null for content of an unknown kind, which has no children we know of
   * @param atTarget whether the target holds it
   */
  record Node(
      Descriptor descriptor,
      RawManifest raw,
      @Nullable Manifest parsed,
      Repository source,
      boolean atTarget) {}

  /** A blob and the repository in which its manifest was found. */
  record Blob(Descriptor descriptor, Repository source) {}

  ImageTree(
      MirrorSession session,
      ImageReference image,
      Repository source,
      Repository target,
      boolean askTarget,
      PullAllotment pulls,
      ManifestSpace space) {
    this.session = session;
    this.space = space.part();
    this.image = image;
    this.source = source;
    this.target = target;
    this.askTarget = askTarget;
    this.pulls = pulls;
  }

  /** A manifest that is already here, as an assembled list is. */
  void seed(RawManifest manifest) {
    given.put(manifest.digest(), manifest);
  }

  /** Where content is found that does not lie in the image's own repository. */
  void foundIn(Digest digest, Repository repository) {
    origins.put(digest, repository);
  }

  /**
   * Reads {@code root} and everything below it; goes on where an earlier call ended.
   *
   * @throws Stopped where the pulls for it cannot be had
   */
  void read(Descriptor root) {
    read(root, true, true);
  }

  /** As {@link #readWithoutPulls}, as far as the image is small: nothing is waited for. */
  void readAhead(Descriptor root) {
    read(root, !session.budget().counts(source.registry()), false);
  }

  /** Its manifests are not needed any more. */
  void forget() {
    space.forget();
  }

  /** As {@link #read(Descriptor)}; false where a counted pull would be spent, and none is. */
  boolean readWithoutPulls(Descriptor root) {
    return read(root, !session.budget().counts(source.registry()), true);
  }

  private boolean read(Descriptor root, boolean mayPull, boolean mayWait) {
    List<Descriptor> level = List.of(root);
    Set<Digest> seen = new HashSet<>(Set.of(root.digest()));
    for (int depth = 0; !level.isEmpty(); depth++) {
      if (depth > MAX_DEPTH) {
        throw broken("lists within lists, more than %d deep".formatted(MAX_DEPTH));
      }
      if (!readLevel(level, mayPull, mayWait)) {
        return false;
      }
      level = below(level, seen);
    }
    return true;
  }

  /** What was read, children before parents. */
  List<Node> childrenFirst() {
    List<Node> ordered = new ArrayList<>();
    collect(root(), new HashSet<>(), ordered);
    return ordered;
  }

  private void collect(Node node, Set<Digest> visited, List<Node> ordered) {
    if (!visited.add(node.raw().digest())) {
      return;
    }
    if (node.parsed() instanceof Index index) {
      for (Descriptor child : index.manifests()) {
        Node below = nodes.get(child.digest());
        if (below != null) {
          collect(below, visited, ordered);
        }
      }
    }
    ordered.add(node);
  }

  Node root() {
    return nodes.values().iterator().next();
  }

  /** Every manifest that is named. */
  Map<Digest, Node> nodes() {
    return nodes;
  }

  /** The bytes of a manifest that was read. */
  RawManifest raw(Digest digest) {
    Node node = nodes.get(digest);
    if (node == null) {
      throw new IllegalStateException("not read: " + digest);
    }
    return node.raw();
  }

  /** Manifests that are named, but not there. */
  Map<Digest, RegistryException> absent() {
    return absent;
  }

  /** The blobs of those manifests which the target lacks, each once; foreign layers left out. */
  List<Blob> blobs(boolean ofAll) {
    Map<Digest, Blob> blobs = new LinkedHashMap<>();
    for (Node node : nodes.values()) {
      if (node.atTarget() && !ofAll) {
        continue;
      }
      if (node.parsed() instanceof ImageManifest manifest) {
        for (Descriptor blob : manifest.children()) {
          if (!blob.isForeign()) {
            blobs.putIfAbsent(blob.digest(), new Blob(blob, node.source()));
          }
        }
      } else if (node.parsed() instanceof Index index) {
        for (Descriptor blob : index.manifests()) {
          if (looseBlobs.contains(blob.digest())) {
            blobs.putIfAbsent(blob.digest(), new Blob(blob, node.source()));
          }
        }
      }
    }
    return List.copyOf(blobs.values());
  }

  /** A configuration that was read for verification, or null. */
  @Nullable Buffer config(Digest digest) {
    byte[] bytes = configs.get(digest);
    return bytes == null ? null : Buffer.buffer(bytes);
  }

  @Override
  public RawManifest manifest(Descriptor descriptor) {
    Node node = nodes.get(descriptor.digest());
    if (node != null) {
      return node.raw();
    }
    RegistryException missing = absent.get(descriptor.digest());
    throw missing != null ? missing : notThere(descriptor);
  }

  @Override
  public byte[] blob(Descriptor descriptor, int maxBytes) {
    byte[] known = configs.get(descriptor.digest());
    if (known != null) {
      return known;
    }
    byte[] bytes = session.config(descriptor.digest(), () -> readConfig(descriptor, maxBytes));
    configs.put(descriptor.digest(), bytes);
    return bytes;
  }

  /** From the target where it holds the list or the image, since then it should hold this too. */
  private byte[] readConfig(Descriptor descriptor, int maxBytes) {
    Repository origin = source;
    boolean perhapsAtTarget = nodes.values().stream().limit(1).anyMatch(Node::atTarget);
    for (Node node : nodes.values()) {
      if (node.parsed() instanceof ImageManifest manifest
          && manifest.config() != null
          && manifest.config().digest().equals(descriptor.digest())) {
        origin = node.source();
        perhapsAtTarget |= node.atTarget();
      }
    }
    if (perhapsAtTarget) {
      try {
        return session.target().fetchBlobBytes(target, descriptor, maxBytes).await();
      } catch (RegistryException e) {
        if (!e.code().isAbsence()) {
          throw e;
        }
      }
    }
    return session.source().fetchBlobBytes(origin, descriptor, maxBytes).await();
  }

  @Override
  public <T> T read(Descriptor descriptor, BlobReader<T> reader) throws IOException {
    return new RegistryContent(session.source(), source).read(descriptor, reader);
  }

  private boolean readLevel(List<Descriptor> level, boolean mayPull, boolean mayWait) {
    List<Descriptor> wanted =
        level.stream()
            .filter(
                descriptor ->
                    !nodes.containsKey(descriptor.digest())
                        && !absent.containsKey(descriptor.digest())
                        && !looseBlobs.contains(descriptor.digest()))
            .toList();
    if (nodes.size() + wanted.size() > MAX_MANIFESTS) {
      throw broken("more than %d manifests".formatted(MAX_MANIFESTS));
    }
    long bytes = wanted.stream().mapToLong(ImageTree::stated).sum();
    if (!mayWait && !space.staysSmall(bytes)) {
      return false;
    }
    if (!space.grow(bytes)) {
      throw tooMuch();
    }
    Map<Digest, RawManifest> atTarget = readAtTarget(wanted);
    Map<Digest, RawManifest> read = new ConcurrentHashMap<>(atTarget);
    List<Descriptor> toPull = new ArrayList<>();
    for (Descriptor descriptor : wanted) {
      known(descriptor.digest())
          .ifPresentOrElse(
              raw -> read.putIfAbsent(descriptor.digest(), raw),
              () -> {
                if (!read.containsKey(descriptor.digest())) {
                  toPull.add(descriptor);
                }
              });
    }
    if (!toPull.isEmpty() && !mayPull) {
      space.shrink(bytes);
      return false;
    }
    pulls.require(toPull.size());
    Parallel.map(
        toPull,
        descriptor -> {
          reading(descriptor, () -> pull(descriptor))
              .ifPresent(raw -> read.put(descriptor.digest(), raw));
          return descriptor;
        });
    for (Descriptor descriptor : wanted) {
      RawManifest raw = read.get(descriptor.digest());
      if (raw != null && !nodes.containsKey(descriptor.digest())) {
        Manifest parsed = parse(descriptor, raw);
        Repository origin = origins.getOrDefault(descriptor.digest(), source);
        boolean there = atTarget.containsKey(descriptor.digest());
        nodes.put(descriptor.digest(), new Node(descriptor, raw, parsed, origin, there));
      }
    }
    return true;
  }

  /** What a descriptor says of a manifest's size; of what may be a blob, nothing. */
  private static long stated(Descriptor descriptor) {
    return descriptor.mediaType().isManifest()
        ? Math.min(descriptor.size(), RawManifest.MAX_BYTES)
        : 0;
  }

  private RegistryException tooMuch() {
    return broken(
        "its manifests have more than %d MiB; no real image is made so"
            .formatted(ManifestSpace.MOST >> 20));
  }

  /** Reads a manifest when there is memory for it. */
  private Optional<RawManifest> reading(
      Descriptor descriptor, Supplier<Optional<RawManifest>> read) {
    Optional<RawManifest> raw = space.reading(stated(descriptor), read);
    if (!space.fits()) {
      throw tooMuch();
    }
    return raw;
  }

  /** What the manifests of a level name, each once. */
  private List<Descriptor> below(List<Descriptor> level, Set<Digest> seen) {
    List<Descriptor> below = new ArrayList<>();
    for (Descriptor descriptor : level) {
      Node node = nodes.get(descriptor.digest());
      if (node != null && node.parsed() instanceof Index index) {
        for (Descriptor child : index.manifests()) {
          origins.putIfAbsent(child.digest(), node.source());
          if (seen.add(child.digest())) {
            below.add(child);
          }
        }
      }
    }
    return below;
  }

  private Optional<RawManifest> known(Digest digest) {
    RawManifest seeded = given.get(digest);
    return seeded != null ? Optional.of(seeded) : session.manifests().find(digest);
  }

  private Map<Digest, RawManifest> readAtTarget(List<Descriptor> wanted) {
    if (!askTarget) {
      return Map.of();
    }
    Map<Digest, RawManifest> found = new ConcurrentHashMap<>();
    Parallel.map(
        wanted.stream().filter(each -> !notAtTarget.contains(each.digest())).toList(),
        descriptor -> {
          Optional<RawManifest> there =
              reading(descriptor, () -> findAtTarget(target.at(descriptor.digest())));
          there.ifPresentOrElse(
              raw -> found.put(descriptor.digest(), raw),
              () -> notAtTarget.add(descriptor.digest()));
          return there.isPresent();
        });
    found.values().forEach(session.manifests()::put);
    return found;
  }

  private Optional<RawManifest> findAtTarget(ImageReference name) {
    Optional<RawManifest> known = known(Objects.requireNonNull(name.digest()));
    try {
      return known.isPresent()
          ? session.target().find(name).map(head -> head.flatMap(present -> known)).await()
          : session.target().findManifest(name).await();
    } catch (RegistryException e) {
      throw MirrorException.of(Side.TARGET, image, "look for manifest " + name.digest(), e);
    }
  }

  private Optional<RawManifest> pull(Descriptor descriptor) {
    Repository origin = origins.getOrDefault(descriptor.digest(), source);
    pulls.spend();
    try {
      RawManifest raw = session.source().fetchManifest(origin.at(descriptor.digest())).await();
      session.manifests().put(raw);
      return Optional.of(raw);
    } catch (RegistryException e) {
      if (!e.code().isAbsence()) {
        throw e;
      }
      boolean blob =
          !descriptor.mediaType().isManifest()
              && session.source().hasBlob(origin, descriptor).await();
      if (blob) {
        looseBlobs.add(descriptor.digest());
      } else {
        absent.put(descriptor.digest(), e);
      }
      return Optional.empty();
    }
  }

  private @Nullable Manifest parse(Descriptor descriptor, RawManifest raw) {
    try {
      return raw.parse();
    } catch (MalformedException e) {
      if (descriptor.mediaType().isManifest() || raw.mediaType().isSchema1()) {
        throw RegistryException.of(
                ErrorCode.MANIFEST_INVALID,
                image.repository() + "@" + descriptor.digest(),
                String.valueOf(e.getMessage()))
            .withCause(e);
      }
      // A kind of manifest nobody has told us about: its bytes travel, and nothing is read in it.
      return null;
    }
  }

  private RegistryException broken(String message) {
    return RegistryException.of(ErrorCode.MANIFEST_INVALID, image.toString(), message);
  }

  private RegistryException notThere(Descriptor descriptor) {
    return RegistryException.of(
            ErrorCode.MANIFEST_UNKNOWN,
            image.repository() + "@" + descriptor.digest(),
            "not part of the image")
        .withStatus(404);
  }
}
