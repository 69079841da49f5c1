package io.entrepot.layout;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageManifest;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Tag;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * An open image layout. What is wrong with it is told as a {@link RegistryException} that names the
 * layout and the file in it.
 */
public final class Layout implements AutoCloseable {

  private static final String MARK = "oci-layout";
  private static final String INDEX = "index.json";
  private static final int MAX_MARK = 4096;

  private final String name;
  private final LayoutFiles files;
  private final LayoutContents contents;
  private final @Nullable LayoutWriter writer;
  private final LayoutIndex index;
  private @Nullable Map<Digest, Map<Digest, Descriptor>> referrers;

  private Layout(String name, LayoutFiles files, @Nullable LayoutWriter writer, LayoutIndex index) {
    this.name = name;
    this.files = files;
    this.contents = new LayoutContents(files, name);
    this.writer = writer;
    this.index = index;
  }

  /** Opens a layout to read it. */
  public static Layout open(LayoutReference reference) {
    String name = reference.whole().toString();
    try {
      if (!Files.exists(reference.path()) && !reference.archive()) {
        throw RegistryException.of(ErrorCode.NAME_UNKNOWN, name, "there is no such directory");
      }
      LayoutFiles files =
          reference.archive()
              ? ArchiveFiles.open(reference.path(), name)
              : new DirectoryFiles(reference.path(), name);
      try {
        return new Layout(name, files, null, readIndex(new LayoutContents(files, name), name));
      } catch (RuntimeException e) {
        files.close();
        throw e;
      }
    } catch (IOException e) {
      throw LayoutFailure.io(name, e);
    }
  }

  /**
   * Opens a layout to write into it, and makes it where there is none. Of a directory only one
   * process at a time is let in. An archive is written at its {@link #finish}.
   *
   * @param split bytes of a part of an archive at most, or 0 for one file
   */
  public static Layout edit(LayoutReference reference, long split) {
    String name = reference.whole().toString();
    try {
      LayoutWriter writer = LayoutWriter.open(reference, split, name);
      LayoutFiles files = new DirectoryFiles(writer.directory(), name);
      try {
        Layout layout =
            new Layout(name, files, writer, readIndex(new LayoutContents(files, name), name));
        if (writer.replacesArchive()) {
          try (Layout former = open(reference)) {
            layout.takeOver(former);
          }
        }
        return layout;
      } catch (RuntimeException e) {
        writer.close();
        throw e;
      }
    } catch (IOException e) {
      throw LayoutFailure.io(name, e);
    }
  }

  /** Of nothing yet, to plan with: nothing is written. */
  public static Layout nothing(LayoutReference reference) {
    String name = reference.whole().toString();
    return new Layout(name, LayoutFiles.NONE, null, LayoutIndex.empty());
  }

  private static LayoutIndex readIndex(LayoutContents contents, String name) {
    String mark =
        contents
            .small(MARK, MAX_MARK)
            .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
            .orElseThrow(
                () -> LayoutFailure.refused(name, MARK, "is missing: this is no OCI image layout"));
    if (!LayoutWriter.isMark(mark)) {
      throw LayoutFailure.refused(name, MARK, "says that this is no layout of version 1");
    }
    byte[] json =
        contents
            .small(INDEX, LayoutIndex.MAX_BYTES)
            .orElseThrow(() -> LayoutFailure.refused(name, INDEX, "is missing"));
    try {
      return LayoutIndex.parse(json);
    } catch (MalformedException e) {
      throw LayoutFailure.refused(name, INDEX, "is " + e.getMessage());
    }
  }

  /** The whole content of another layout; its bytes are hashed on their way. */
  private void takeOver(Layout other) {
    LayoutWriter into = writing();
    for (Digest digest : other.reachable().keySet()) {
      if (contents.size(digest).isEmpty()) {
        into.copy(other.contents, digest);
      }
    }
    index.addMissing(other.index);
    into.index(index.json());
  }

  /** Its name in messages. */
  String name() {
    return name;
  }

  LayoutContents contents() {
    return contents;
  }

  /**
   * The writer.
   *
   * @throws IllegalStateException where it was opened to read
   */
  LayoutWriter writing() {
    if (writer == null) {
      throw new IllegalStateException("open for reading only: " + name);
    }
    return writer;
  }

  /** The entries of the index. */
  public synchronized List<Descriptor> entries() {
    return index.entries();
  }

  /** The name of an entry; nothing for one that has none. */
  public static Optional<String> nameOf(Descriptor entry) {
    return Optional.ofNullable(LayoutIndex.name(entry));
  }

  /** The entry of a name; without a name the only image, whatever it is called. */
  Optional<Descriptor> entry(Optional<String> wanted) {
    if (wanted.isPresent()) {
      return entries().stream()
          .filter(each -> wanted.equals(nameOf(each)))
          .reduce((first, last) -> last);
    }
    List<Descriptor> images = images();
    if (images.size() > 1) {
      throw RegistryException.of(
              ErrorCode.MANIFEST_UNKNOWN, name, "it holds %d images".formatted(images.size()))
          .withRemedy(
              "name one of them, as %s:NAME: %s"
                  .formatted(
                      name,
                      String.join(
                          ", ",
                          images.stream()
                              .map(each -> nameOf(each).orElse(each.digest().toString()))
                              .limit(20)
                              .toList())));
    }
    return images.stream().findFirst();
  }

  /** The entries that are images: what is attached to others is left out. */
  public List<Descriptor> images() {
    Map<Digest, Descriptor> images = new LinkedHashMap<>();
    for (Descriptor entry : entries()) {
      boolean attached =
          Attachments.isDocument(entry)
              || nameOf(entry).filter(Attachments::isAttachment).isPresent()
              || (nameOf(entry).isEmpty() && subject(entry).isPresent());
      if (!attached) {
        images.put(entry.digest(), entry);
      }
    }
    return List.copyOf(images.values());
  }

  private Optional<Digest> subject(Descriptor entry) {
    try {
      return contents.manifest(entry).flatMap(Attachments::subjectOf).map(Descriptor::digest);
    } catch (RegistryException e) {
      return Optional.empty();
    }
  }

  /** A manifest of the layout by its digest. */
  public Optional<RawManifest> manifest(Digest digest) {
    String type =
        entries().stream()
            .filter(each -> each.digest().equals(digest))
            .map(each -> each.mediaType().value())
            .findFirst()
            .orElse(null);
    return contents.manifest(digest, type);
  }

  /** Whether the bytes of a digest are here, and are right. */
  public boolean has(Digest digest) {
    return contents.sound(digest).isPresent();
  }

  /** The size in bytes of what lies under a digest; nothing where there is nothing. */
  public Optional<Long> size(Digest digest) {
    return contents.size(digest);
  }

  /** Reads a blob in pieces; the last one comes after all of it was hashed. */
  public void read(Digest digest, Pieces pieces) {
    contents.read(digest, -1, 0, pieces);
  }

  /** Writes a blob. */
  public void addBlob(Digest digest, long size, InputStream bytes) {
    writing().blob(digest, size, bytes);
    contents.written(digest, size);
  }

  /** Writes a manifest that others name; what is attached to something is entered too. */
  public void add(RawManifest manifest) {
    writing().small(manifest.digest(), manifest.bytes());
    contents.written(manifest.digest(), manifest.size());
    Attachments.subjectOf(manifest).ifPresent(subject -> attach(subject.digest(), manifest));
  }

  /** Writes a manifest and enters it, in place of the entry that has its name. */
  public void add(RawManifest manifest, Optional<String> entryName) {
    add(manifest);
    put(manifest.descriptor(), entryName.orElse(null));
  }

  /** As an entry of its own, as oras finds it, and in the list under the fallback tag. */
  private synchronized void attach(Digest subject, RawManifest manifest) {
    Map<Digest, Descriptor> attached = referrers(subject);
    Descriptor entry = Attachments.asReferrer(manifest);
    if (attached.put(manifest.digest(), entry) == null) {
      put(entry, null);
      RawManifest list = Index.of(MediaType.OCI_INDEX, List.copyOf(attached.values()));
      writing().small(list.digest(), list.bytes());
      put(list.descriptor(), Tag.referrersOf(subject).value());
    }
  }

  /** The manifests that refer to a digest. */
  public synchronized List<Descriptor> attachedTo(Digest subject) {
    return List.copyOf(referrers(subject).values());
  }

  /** Puts an entry into the index. */
  synchronized void put(Descriptor manifest, @Nullable String entryName) {
    index.put(manifest, entryName);
    writing().index(index.json());
  }

  /** What refers to a digest: entries with that subject, and fallback lists of other programs. */
  synchronized Map<Digest, Descriptor> referrers(Digest subject) {
    Map<Digest, Map<Digest, Descriptor>> all = referrers;
    if (all == null) {
      all = Attachments.referrers(entries(), contents);
      referrers = all;
    }
    return all.computeIfAbsent(subject, each -> new LinkedHashMap<>());
  }

  /** Hashes every file of the layout. */
  public void verify() {
    contents.verifyAll();
  }

  /** Refuses a layout in which something is missing below its entries, or has another size. */
  public void requireWhole() {
    Set<Digest> seen = new LinkedHashSet<>();
    entries().forEach(entry -> walk(entry, seen, true));
  }

  /** Everything that the entries name and that is there, with its size in bytes. */
  Map<Digest, Long> reachable() {
    Set<Digest> seen = new LinkedHashSet<>();
    for (Descriptor entry : entries()) {
      walk(entry, seen, false);
    }
    Map<Digest, Long> sizes = new LinkedHashMap<>();
    new TreeSet<>(seen)
        .forEach(digest -> contents.size(digest).ifPresent(size -> sizes.put(digest, size)));
    return sizes;
  }

  private void walk(Descriptor start, Set<Digest> seen, boolean strict) {
    Deque<Descriptor> todo = new ArrayDeque<>(List.of(start));
    while (!todo.isEmpty()) {
      Descriptor each = todo.remove();
      if (!seen.add(each.digest())) {
        continue;
      }
      Optional<Long> size = contents.size(each.digest());
      if (size.isEmpty()) {
        if (strict && !each.isForeign()) {
          throw LayoutFailure.refused(name, LayoutContents.member(each.digest()), "is missing");
        }
        continue;
      }
      if (strict && size.get() != each.size()) {
        throw LayoutFailure.corrupt(
            name,
            LayoutContents.member(each.digest()),
            "has %d bytes, not %d".formatted(size.get(), each.size()));
      }
      boolean manifest = each.mediaType().isManifest() || each.equals(start);
      if (manifest && size.get() <= RawManifest.MAX_BYTES) {
        todo.addAll(below(each, strict));
      }
    }
  }

  private List<Descriptor> below(Descriptor descriptor, boolean strict) {
    try {
      Optional<RawManifest> raw = contents.manifest(descriptor);
      if (raw.isEmpty()) {
        return List.of();
      }
      Manifest manifest = raw.get().parse();
      List<Descriptor> below = new ArrayList<>();
      if (manifest instanceof Index || manifest instanceof ImageManifest) {
        below.addAll(manifest.children());
      }
      return below;
    } catch (MalformedException e) {
      if (strict) {
        throw LayoutFailure.refused(
            name, LayoutContents.member(descriptor.digest()), "is " + e.getMessage());
      }
      return List.of();
    }
  }

  /** What was written is complete: an archive is made now. */
  public void finish() {
    writing().finish(reachable());
  }

  @Override
  public void close() {
    try {
      files.close();
    } catch (IOException e) {
      throw LayoutFailure.io(name, e);
    } finally {
      if (writer != null) {
        writer.close();
      }
    }
  }
}
