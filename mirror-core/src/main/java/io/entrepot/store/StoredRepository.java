package io.entrepot.store;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Tag;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one repository knows: tags, manifests, and blobs linked into it.
 *
 * <p>Questions look at memory only, save {@link #referrers}; changes are durable when they return.
 */
public final class StoredRepository {

  private static final Logger LOG = System.getLogger(StoredRepository.class.getName());

  private final RepositoryId id;
  private final RepositoryFiles files;
  private final Contents contents;
  private final ReferrerList referrers;
  private final DiskHealth disk;
  private final StoreClock clock;
  private final Consumer<StoredRepository> changed;
  private final NavigableMap<String, Digest> tags = new ConcurrentSkipListMap<>();
  private final Map<Digest, Known> manifests = new ConcurrentHashMap<>();
  private final Set<Digest> unreadable = ConcurrentHashMap.newKeySet();
  private final Set<Digest> blobs = ConcurrentHashMap.newKeySet();
  private final ChildIndex children = new ChildIndex();

  private record Known(StoredManifest manifest, List<Digest> children) {}

  /**
   * @param changed told when something was put here, and when nothing is left
   */
  StoredRepository(
      RepositoryId id,
      RepositoryFiles files,
      Contents contents,
      DiskHealth disk,
      StoreClock clock,
      Consumer<StoredRepository> changed) {
    this.id = id;
    this.files = files;
    this.contents = contents;
    this.referrers = new ReferrerList(contents);
    this.disk = disk;
    this.clock = clock;
    this.changed = changed;
  }

  // ---------------------------------------------------------------- loading

  /** Reads what was written by an earlier process. */
  synchronized StoredRepository load() throws IOException {
    for (Digest digest : files.manifests()) {
      if (!loadManifest(digest)) {
        unreadable.add(digest);
      }
    }
    blobs.addAll(files.blobs());
    files.tags().forEach((tag, digest) -> tags.put(tag.value(), digest));
    children.forEach(contents::expectSize);
    for (Digest digest : blobs) {
      if (!children.contains(digest) && contents.isHere(digest)) {
        long size = files.blobSize(digest);
        if (size >= 0) {
          contents.expectSize(digest, size);
        }
      }
    }
    return this;
  }

  private boolean loadManifest(Digest digest) throws IOException {
    try {
      Optional<byte[]> content = contents.readAll(digest, RawManifest.MAX_BYTES);
      if (content.isEmpty()) {
        // Evicted, and fetched again when somebody asks; or it was bad.
        LOG.log(
            id.isLocal() ? Level.WARNING : Level.DEBUG,
            "{0}: manifest {1} is not in the store",
            id,
            digest);
        return false;
      }
      RawManifest raw = RawManifest.of(files.mediaType(digest), content.get(), digest.algorithm());
      enter(raw, raw.parse());
      return true;
    } catch (MalformedException | StoreException e) {
      LOG.log(Level.WARNING, "{0}: manifest {1} cannot be read: {2}", id, digest, e.getMessage());
      return false;
    }
  }

  private StoredManifest enter(RawManifest raw, Manifest manifest) {
    StoredManifest stored = StoredManifest.of(raw, manifest);
    Known previous =
        manifests.put(raw.digest(), new Known(stored, children.add(manifest.children())));
    if (previous != null) {
      children.remove(previous.children());
    }
    unreadable.remove(raw.digest());
    return stored;
  }

  // ---------------------------------------------------------------- questions

  /** Which repository this is. */
  public RepositoryId id() {
    return id;
  }

  /** Whether nothing was ever put here, or all of it was removed. */
  public boolean isEmpty() {
    return tags.isEmpty() && manifests.isEmpty() && unreadable.isEmpty() && blobs.isEmpty();
  }

  /** What a tag means. */
  public Optional<Digest> tag(String tag) {
    return Optional.ofNullable(tags.get(tag));
  }

  /** Tags in the order of their characters. */
  public NavigableMap<String, Digest> tags() {
    return Collections.unmodifiableNavigableMap(tags);
  }

  /** A manifest by its digest. */
  public Optional<StoredManifest> manifest(Digest digest) {
    Known known = manifests.get(digest);
    return known == null ? Optional.empty() : Optional.of(known.manifest());
  }

  /** How many manifests. */
  public int manifestCount() {
    return manifests.size();
  }

  /** Bytes of the content that this repository knows and the store has, each counted once. */
  public long bytesHere() {
    Set<Digest> counted = new HashSet<>(manifests.keySet());
    counted.addAll(blobs);
    children.forEach((digest, size) -> counted.add(digest));
    long bytes = 0;
    for (Digest digest : counted) {
      bytes += contents.peek(digest).map(StoredContent::size).orElse(0L);
    }
    return bytes;
  }

  /** When a manifest was first kept here; empty where it is not, or where that cannot be read. */
  public Optional<Instant> keptSince(Digest digest) {
    return manifests.containsKey(digest) ? files.manifestTime(digest) : Optional.empty();
  }

  /** Whether a blob was pushed or mounted here. */
  public boolean hasBlob(Digest digest) {
    return blobs.contains(digest);
  }

  /** Digest and size of content that a manifest of this repository needs. */
  public Optional<Descriptor> described(Digest digest) {
    OptionalLong size = children.size(digest);
    return size.isEmpty()
        ? Optional.empty()
        : Optional.of(Descriptor.of(MediaType.OCTET_STREAM, digest, size.getAsLong()));
  }

  /** What a manifest of this repository needs; empty where the manifest is not here. */
  public Optional<List<Digest>> children(Digest manifest) {
    Known known = manifests.get(manifest);
    return known == null ? Optional.empty() : Optional.of(known.children());
  }

  /** Manifests of this repository that need content. Looks through all of them. */
  public List<StoredManifest> holders(Digest content) {
    return children.contains(content)
        ? manifests.values().stream()
            .filter(known -> known.children().contains(content))
            .map(Known::manifest)
            .toList()
        : List.of();
  }

  /** Whether content was put here, or a manifest of this repository describes it. */
  public boolean knows(Digest digest) {
    return blobs.contains(digest) || children.contains(digest) || manifests.containsKey(digest);
  }

  /**
   * What refers to a digest: manifests with that subject, and what the fallback tag lists; in the
   * order of digests. Reads these manifests from disk.
   */
  public List<Descriptor> referrers(Digest subject) {
    NavigableMap<Digest, Descriptor> found = new TreeMap<>();
    for (Known known : manifests.values()) {
      if (subject.equals(known.manifest().subject())) {
        found.put(known.manifest().digest(), referrers.describe(known.manifest()));
      }
    }
    Digest fallback = tags.get(Tag.referrersOf(subject).value());
    @Nullable Known list = fallback == null ? null : manifests.get(fallback);
    if (list != null) {
      for (Descriptor entry : referrers.entries(list.manifest())) {
        if (manifests.containsKey(entry.digest())) {
          found.putIfAbsent(entry.digest(), entry);
        }
      }
    }
    return List.copyOf(found.values());
  }

  // ---------------------------------------------------------------- changes

  /**
   * Keeps a manifest and then moves tags to it.
   *
   * @param moved may be empty
   */
  public synchronized StoredManifest put(RawManifest raw, Manifest manifest, List<Tag> moved) {
    Digest digest = raw.digest();
    contents.put(digest, raw.content(), id.isLocal());
    return disk.attempt(
        "cannot keep the manifest " + digest,
        () -> {
          Known present = manifests.get(digest);
          StoredManifest stored;
          // One digest has one type; whoever came first said which.
          if (present == null || id.isLocal()) {
            files.writeManifest(digest, raw.mediaType());
            stored = enter(raw, manifest);
            manifest.children().forEach(child -> contents.expectSize(child.digest(), child.size()));
          } else {
            stored = present.manifest();
          }
          for (Tag tag : moved) {
            writeTag(tag, digest);
          }
          changed.accept(this);
          return stored;
        });
  }

  /** Moves a tag to a manifest that is here. */
  public synchronized void moveTag(Tag tag, Digest digest) {
    disk.attempt(
        "cannot move the tag " + tag,
        () -> {
          writeTag(tag, digest);
          return digest;
        });
  }

  private void writeTag(Tag tag, Digest digest) throws IOException {
    if (digest.equals(tags.get(tag.value()))) {
      return;
    }
    files.writeTag(tag, digest);
    tags.put(tag.value(), digest);
  }

  /** Forgets a tag; false where there is none. */
  public synchronized boolean removeTag(String tag) {
    return disk.attempt(
        "cannot remove the tag " + tag,
        () -> {
          files.deleteTag(new Tag(tag));
          return tags.remove(tag) != null;
        });
  }

  /** Forgets a manifest and the tags that mean it; false where there is none. */
  public synchronized boolean removeManifest(Digest digest) {
    return disk.attempt(
        "cannot remove the manifest " + digest,
        () -> {
          for (Map.Entry<String, Digest> tag : tags.entrySet()) {
            if (tag.getValue().equals(digest)) {
              removeTag(tag.getKey());
            }
          }
          files.deleteManifest(digest);
          Known known = manifests.remove(digest);
          if (known != null) {
            children.remove(known.children());
          }
          return unreadable.remove(digest) || known != null;
        });
  }

  /** Makes a blob of the store known here, or notes that it was pushed again. */
  public synchronized void linkBlob(Digest digest) {
    disk.attempt(
        "cannot link " + digest,
        () -> {
          if (blobs.contains(digest)) {
            files.touchBlob(digest, clock.wall().instant());
            return digest;
          }
          files.writeBlob(digest, contents.knownSize(digest));
          blobs.add(digest);
          changed.accept(this);
          return digest;
        });
  }

  /** Makes a blob unknown here; false where it was. */
  public synchronized boolean unlinkBlob(Digest digest) {
    return disk.attempt(
        "cannot unlink " + digest,
        () -> {
          files.deleteBlob(digest);
          return blobs.remove(digest);
        });
  }

  /**
   * Forgets every tag, manifest and blob.
   *
   * @return how many there were
   */
  public synchronized int clear() {
    List<Digest> all = new ArrayList<>(manifests.keySet());
    all.addAll(unreadable);
    int count = tags.size() + all.size() + blobs.size();
    List.copyOf(tags.keySet()).forEach(this::removeTag);
    all.forEach(this::removeManifest);
    List.copyOf(blobs).forEach(this::unlinkBlob);
    return count;
  }

  // ---------------------------------------------------------------- for collectors

  /**
   * Unlinks blobs that no manifest of this repository needs, pushed longer ago than the grace. None
   * where a manifest that was pushed here cannot be read: what it needs is not known.
   */
  synchronized int unlinkUnreferenced(Duration grace) {
    if (id.isLocal() && !unreadable.isEmpty()) {
      LOG.log(
          Level.WARNING,
          "{0}: {1} manifests cannot be read, so all blobs stay; push them again or delete them",
          id,
          unreadable.size());
      return 0;
    }
    int unlinked = 0;
    Instant limit = clock.wall().instant().minus(grace);
    for (Digest digest : List.copyOf(blobs)) {
      boolean old =
          disk.attempt("cannot look at " + digest, () -> files.isBlobLinkedBefore(digest, limit));
      // Times of files are no proof: clocks are set.
      if (old && !contents.isRecent(digest) && !children.contains(digest) && unlinkBlob(digest)) {
        unlinked++;
      }
    }
    return unlinked;
  }

  /** Forgets manifests and blobs that are not in the store any more, and tags that mean them. */
  synchronized void forgetEvicted() {
    List<Digest> known = new ArrayList<>(manifests.keySet());
    known.addAll(unreadable);
    known.stream().filter(digest -> !contents.isHere(digest)).forEach(this::removeManifest);
    List.copyOf(blobs).stream()
        .filter(digest -> !contents.isHere(digest))
        .forEach(this::unlinkBlob);
  }

  /** Removes the directory where nothing is known here. */
  synchronized void removeIfEmpty() {
    if (isEmpty()) {
      disk.attempt(
          "cannot remove the repository " + id,
          () -> {
            files.deleteIfEmpty();
            return id;
          });
      changed.accept(this);
    }
  }

  /** Everything this repository knows, here or not. */
  void addReferences(DigestSet references) {
    manifests.keySet().forEach(references::add);
    unreadable.forEach(references::add);
    blobs.forEach(references::add);
    children.addTo(references);
  }

  /** About how many bytes of memory this takes. */
  int weight() {
    long weight =
        512
            + 320L * manifests.size()
            + 224L * children.count()
            + 160L * tags.size()
            + 176L * (blobs.size() + unreadable.size());
    return (int) Math.min(weight, Integer.MAX_VALUE);
  }

  @Override
  public String toString() {
    return id.toString();
  }
}
