package io.entrepot.store;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Tag;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;

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
  private final DiskHealth disk;
  private final StoreClock clock;
  private final Consumer<RepositoryId> written;
  private final NavigableMap<String, Digest> tags = new ConcurrentSkipListMap<>();
  private final Map<Digest, StoredManifest> manifests = new ConcurrentHashMap<>();
  private final Set<Digest> blobs = ConcurrentHashMap.newKeySet();
  private volatile Map<Digest, Descriptor> children = new ConcurrentHashMap<>();

  /**
   * @param written told when something was put into the repository
   */
  StoredRepository(
      RepositoryId id,
      RepositoryFiles files,
      Contents contents,
      DiskHealth disk,
      StoreClock clock,
      Consumer<RepositoryId> written) {
    this.id = id;
    this.files = files;
    this.contents = contents;
    this.disk = disk;
    this.clock = clock;
    this.written = written;
  }

  /** Reads what was written by an earlier process. */
  synchronized StoredRepository load() throws IOException {
    for (Digest digest : files.manifests()) {
      loadManifest(digest);
    }
    blobs.addAll(files.blobs());
    files.tags().forEach((tag, digest) -> tags.put(tag.value(), digest));
    recomputeChildren();
    return this;
  }

  private void loadManifest(Digest digest) throws IOException {
    Optional<byte[]> content = contents.readAll(digest, RawManifest.MAX_BYTES);
    if (content.isEmpty()) {
      // Evicted, and fetched again when somebody asks.
      LOG.log(Level.DEBUG, "{0}: manifest {1} is not in the store", id, digest);
      return;
    }
    try {
      RawManifest raw = RawManifest.of(files.mediaType(digest), content.get(), digest.algorithm());
      manifests.put(digest, StoredManifest.of(raw, raw.parse()));
    } catch (MalformedException e) {
      LOG.log(Level.WARNING, "{0}: manifest {1} cannot be read: {2}", id, digest, e.getMessage());
    }
  }

  /** Which repository this is. */
  public RepositoryId id() {
    return id;
  }

  /** Whether nothing was ever put here, or all of it was removed. */
  public boolean isEmpty() {
    return tags.isEmpty() && manifests.isEmpty() && blobs.isEmpty();
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
    return Optional.ofNullable(manifests.get(digest));
  }

  /** How many manifests. */
  public int manifestCount() {
    return manifests.size();
  }

  /** Whether a blob was pushed or mounted here. */
  public boolean hasBlob(Digest digest) {
    return blobs.contains(digest);
  }

  /** How a manifest of this repository describes the content, if one does. */
  public Optional<Descriptor> described(Digest digest) {
    return Optional.ofNullable(children.get(digest));
  }

  /** Whether content was put here, or a manifest of this repository describes it. */
  public boolean knows(Digest digest) {
    return blobs.contains(digest) || children.containsKey(digest) || manifests.containsKey(digest);
  }

  /**
   * Keeps a manifest and then moves tags to it.
   *
   * @param moved may be empty
   */
  public synchronized StoredManifest put(RawManifest raw, Manifest manifest, List<Tag> moved) {
    Digest digest = raw.digest();
    contents.put(digest, raw.bytes(), id.isLocal());
    return disk.attempt(
        "cannot keep the manifest " + digest,
        () -> {
          StoredManifest stored = StoredManifest.of(raw, manifest);
          StoredManifest present = manifests.get(digest);
          // One digest has one type; whoever came first said which.
          if (present == null || id.isLocal()) {
            files.writeManifest(digest, raw.mediaType());
            manifests.put(digest, stored);
            stored.children().forEach(child -> children.put(child.digest(), child));
          } else {
            stored = present;
          }
          for (Tag tag : moved) {
            writeTag(tag, digest);
          }
          written.accept(id);
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
          boolean removed = manifests.remove(digest) != null;
          recomputeChildren();
          return removed;
        });
  }

  /**
   * Forgets every tag, manifest and blob.
   *
   * @return how many there were
   */
  public synchronized int clear() {
    int count = tags.size() + manifests.size() + blobs.size();
    List.copyOf(tags.keySet()).forEach(this::removeTag);
    List.copyOf(manifests.keySet()).forEach(this::removeManifest);
    List.copyOf(blobs).forEach(this::unlinkBlob);
    return count;
  }

  /** Makes a blob of the store known here. */
  public synchronized void linkBlob(Digest digest) {
    if (blobs.contains(digest)) {
      return;
    }
    disk.attempt(
        "cannot link " + digest,
        () -> {
          files.writeBlob(digest);
          blobs.add(digest);
          written.accept(id);
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

  /** Unlinks blobs that no manifest of this repository needs, pushed longer ago than the grace. */
  public synchronized int unlinkUnreferenced(Duration grace) {
    int unlinked = 0;
    Instant limit = clock.wall().instant().minus(grace);
    for (Digest digest : List.copyOf(blobs)) {
      boolean old =
          disk.attempt("cannot look at " + digest, () -> files.isBlobLinkedBefore(digest, limit));
      // Times of files are no proof: clocks are set.
      boolean claimed = contents.isNeeded(digest);
      if (old && !claimed && !children.containsKey(digest) && unlinkBlob(digest)) {
        unlinked++;
      }
    }
    return unlinked;
  }

  /**
   * What refers to a digest: manifests with that subject, and what the fallback tag lists; in the
   * order of digests. Reads the fallback index from disk.
   */
  public List<Descriptor> referrers(Digest subject) {
    Map<Digest, Descriptor> found = new LinkedHashMap<>();
    manifests.values().stream()
        .filter(manifest -> subject.equals(manifest.subject()))
        .forEach(manifest -> found.put(manifest.digest(), manifest.descriptor()));
    for (Descriptor entry : fallback(subject)) {
      if (manifests.containsKey(entry.digest())) {
        found.putIfAbsent(entry.digest(), entry);
      }
    }
    return found.values().stream()
        .sorted((one, other) -> one.digest().compareTo(other.digest()))
        .toList();
  }

  private List<Descriptor> fallback(Digest subject) {
    Digest digest = tags.get(Tag.referrersOf(subject).value());
    StoredManifest stored = digest == null ? null : manifests.get(digest);
    if (digest == null || stored == null || !stored.mediaType().isIndex()) {
      return List.of();
    }
    Optional<byte[]> bytes = contents.readAll(digest, RawManifest.MAX_BYTES);
    if (bytes.isEmpty()) {
      return List.of();
    }
    Manifest manifest = RawManifest.of(stored.mediaType(), bytes.get(), digest.algorithm()).parse();
    return manifest instanceof Index index ? index.manifests() : List.of();
  }

  /** Everything this repository knows, here or not. */
  void addReferences(Set<Digest> references) {
    references.addAll(manifests.keySet());
    references.addAll(blobs);
    references.addAll(children.keySet());
  }

  private void recomputeChildren() {
    Map<Digest, Descriptor> fresh = new ConcurrentHashMap<>();
    manifests
        .values()
        .forEach(
            manifest -> manifest.children().forEach(child -> fresh.put(child.digest(), child)));
    children = fresh;
  }

  @Override
  public String toString() {
    return id.toString();
  }
}
