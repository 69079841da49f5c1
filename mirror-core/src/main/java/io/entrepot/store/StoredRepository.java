package io.entrepot.store;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Tag;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * What one repository knows: tags, manifests, and blobs linked into it.
 *
 * <p>Questions look at memory only, save {@link #referrers}; changes are durable when they return.
 */
public final class StoredRepository {

  private static final Logger LOG = System.getLogger(StoredRepository.class.getName());

  /** Characters of a file's name that every usual file system takes. */
  private static final int MAX_FILE_NAME = 255;

  private final ContentStore store;
  private final RepositoryId id;
  private final Path directory;
  private final NavigableMap<String, Digest> tags = new ConcurrentSkipListMap<>();
  private final Map<Digest, StoredManifest> manifests = new ConcurrentHashMap<>();
  private final Set<Digest> blobs = ConcurrentHashMap.newKeySet();
  private volatile Map<Digest, Descriptor> children = new ConcurrentHashMap<>();

  StoredRepository(ContentStore store, RepositoryId id, Path directory) {
    this.store = store;
    this.id = id;
    this.directory = directory;
  }

  /** Reads what was written by an earlier process. */
  synchronized StoredRepository load() throws IOException {
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      for (Path file : files(directory.resolve("_manifests").resolve(algorithm.prefix()))) {
        Optional<Digest> digest = named(algorithm, file);
        if (digest.isPresent()) {
          loadManifest(digest.get(), file);
        }
      }
      for (Path file : files(directory.resolve("_blobs").resolve(algorithm.prefix()))) {
        named(algorithm, file).ifPresent(blobs::add);
      }
    }
    for (Path file : files(directory.resolve("_tags"))) {
      try {
        String name = decoded(file.getFileName().toString());
        Optional<String> text = DurableFiles.read(file);
        if (text.isPresent()) {
          tags.put(new Tag(name).value(), Digest.parse(text.get()));
        }
      } catch (MalformedException e) {
        LOG.log(Level.WARNING, "{0} is not a tag and is left alone", file);
      }
    }
    recomputeChildren();
    return this;
  }

  private static Optional<Digest> named(Digest.Algorithm algorithm, Path file) {
    try {
      return Optional.of(new Digest(algorithm, file.getFileName().toString()));
    } catch (MalformedException e) {
      LOG.log(Level.WARNING, "{0} is not named by a digest and is left alone", file);
      return Optional.empty();
    }
  }

  private void loadManifest(Digest digest, Path file) throws IOException {
    Optional<byte[]> content = store.readAll(digest, RawManifest.MAX_BYTES);
    if (content.isEmpty()) {
      // Evicted, and fetched again when somebody asks.
      LOG.log(Level.DEBUG, "{0}: manifest {1} is not in the store", id, digest);
      return;
    }
    try {
      RawManifest raw =
          RawManifest.of(
              new MediaType(DurableFiles.read(file).orElse("")), content.get(), digest.algorithm());
      manifests.put(digest, StoredManifest.of(raw, raw.parse()));
    } catch (MalformedException e) {
      LOG.log(Level.WARNING, "{0}: manifest {1} cannot be read: {2}", id, digest, e.getMessage());
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    List<Path> files = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
        stream.forEach(files::add);
      }
    }
    return files;
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
    store.put(digest, raw.bytes(), id.isLocal());
    return store.attempt(
        "cannot keep the manifest " + digest,
        () -> {
          StoredManifest stored = StoredManifest.of(raw, manifest);
          StoredManifest present = manifests.get(digest);
          // One digest has one type; whoever came first said which.
          if (present == null || id.isLocal()) {
            write("_manifests", digest, raw.mediaType().value() + "\n");
            manifests.put(digest, stored);
            stored.children().forEach(child -> children.put(child.digest(), child));
          } else {
            stored = present;
          }
          for (Tag tag : moved) {
            writeTag(tag, digest);
          }
          store.repositories().noteName(id);
          return stored;
        });
  }

  /** Moves a tag to a manifest that is here. */
  public synchronized void moveTag(Tag tag, Digest digest) {
    store.attempt(
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
    DurableFiles.write(store.temporaryDirectory(), tagFile(tag.value()), digest + "\n");
    tags.put(tag.value(), digest);
  }

  /** Forgets a tag; false where there is none. */
  public synchronized boolean removeTag(String tag) {
    return store.attempt(
        "cannot remove the tag " + tag,
        () -> {
          DurableFiles.delete(tagFile(new Tag(tag).value()));
          return tags.remove(tag) != null;
        });
  }

  /** Forgets a manifest and the tags that mean it; false where there is none. */
  public synchronized boolean removeManifest(Digest digest) {
    return store.attempt(
        "cannot remove the manifest " + digest,
        () -> {
          for (Map.Entry<String, Digest> tag : tags.entrySet()) {
            if (tag.getValue().equals(digest)) {
              removeTag(tag.getKey());
            }
          }
          DurableFiles.delete(file("_manifests", digest));
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
    store.attempt(
        "cannot link " + digest,
        () -> {
          write("_blobs", digest, "");
          blobs.add(digest);
          store.repositories().noteName(id);
          return digest;
        });
  }

  /** Makes a blob unknown here; false where it was. */
  public synchronized boolean unlinkBlob(Digest digest) {
    return store.attempt(
        "cannot unlink " + digest,
        () -> {
          DurableFiles.delete(file("_blobs", digest));
          return blobs.remove(digest);
        });
  }

  /** Unlinks blobs that no manifest of this repository needs, pushed longer ago than the grace. */
  public synchronized int unlinkUnreferenced(Duration grace) {
    int unlinked = 0;
    Instant limit = Instant.now().minus(grace);
    for (Digest digest : List.copyOf(blobs)) {
      boolean old =
          store.attempt(
              "cannot look at " + digest,
              () -> {
                Path link = file("_blobs", digest);
                return Files.exists(link)
                    && Files.getLastModifiedTime(link).toInstant().isBefore(limit);
              });
      // Times of files are no proof: clocks are set.
      boolean claimed = store.isNeeded(digest);
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
    Optional<byte[]> bytes = store.readAll(digest, RawManifest.MAX_BYTES);
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

  private void write(String kind, Digest digest, String text) throws IOException {
    DurableFiles.write(store.temporaryDirectory(), file(kind, digest), text);
  }

  private Path file(String kind, Digest digest) {
    return directory.resolve(kind).resolve(digest.algorithm().prefix()).resolve(digest.hex());
  }

  // Upper case is written as !x, so that file systems which ignore case keep V1 and v1 apart. Only
  // 128 capitals do not fit a file's name that way: they are !! and then the whole.
  private Path tagFile(String tag) {
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < tag.length(); i++) {
      char c = tag.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        name.append('!').append(Character.toString(c).toLowerCase(Locale.ROOT));
      } else {
        name.append(c);
      }
    }
    return directory
        .resolve("_tags")
        .resolve(
            name.length() > MAX_FILE_NAME ? "!!" + tag.toLowerCase(Locale.ROOT) : name.toString());
  }

  private static String decoded(String fileName) {
    if (fileName.startsWith("!!")) {
      return fileName.substring(2).toUpperCase(Locale.ROOT);
    }
    StringBuilder tag = new StringBuilder();
    boolean upper = false;
    for (int i = 0; i < fileName.length(); i++) {
      char c = fileName.charAt(i);
      if (c == '!') {
        upper = true;
      } else {
        tag.append(upper ? Character.toUpperCase(c) : c);
        upper = false;
      }
    }
    return tag.toString();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }

  @Override
  public String toString() {
    return id.toString();
  }
}
