package io.entrepot.proxy;

import io.entrepot.layout.Layout;
import io.entrepot.layout.LayoutReference;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Index;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Tag;
import io.entrepot.store.Ingest;
import io.entrepot.store.Reading;
import io.entrepot.store.RepositoryId;
import io.entrepot.store.Store;
import io.entrepot.store.StoreException;
import io.entrepot.store.StoredManifest;
import io.entrepot.store.StoredRepository;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Brings image layouts into a store, and writes them out of it. Blocking. */
final class StoreLayouts {

  private static final int MAX_DEPTH = 8;

  private final Store store;

  StoreLayouts(Store store) {
    this.store = store;
  }

  // Into the store

  /**
   * Takes everything of a layout: an entry that is named as an image of a registry into that
   * registry's repository, any other into a local one. The whole layout is hashed first.
   *
   * @return what was taken, as {@code ls} prints it
   */
  List<String> take(LayoutReference reference) {
    List<String> taken = new ArrayList<>();
    try (Layout layout = Layout.open(reference)) {
      layout.verify();
      for (Descriptor entry : layout.images()) {
        String name = Layout.nameOf(entry).orElse("");
        Name into = name(name, reference);
        StoredRepository repository = store.repositories().open(into.repository());
        take(layout, repository, entry.digest(), into.tags(), new HashSet<>(), 0);
        taken.add(
            into.tags().isEmpty()
                ? into.repository() + "@" + entry.digest()
                : into.repository() + ":" + into.tags().getFirst());
      }
    }
    return taken;
  }

  private record Name(RepositoryId repository, List<Tag> tags) {}

  private static Name name(String name, LayoutReference reference) {
    int colon = name.lastIndexOf(':');
    try {
      if (RegistryName.beginsName(name)) {
        ImageReference image = ImageReference.parse(name);
        return new Name(
            RepositoryId.of(image.repository()),
            image.tag() == null ? List.of() : List.of(image.tag()));
      }
      if (colon > 0) {
        return new Name(
            RepositoryId.local(name.substring(0, colon)), tag(name.substring(colon + 1)));
      }
    } catch (MalformedException e) {
      // Named otherwise: the layout's own name is its repository.
      return new Name(RepositoryId.local(ownName(reference)), List.of());
    }
    return new Name(RepositoryId.local(ownName(reference)), tag(name));
  }

  private static List<Tag> tag(String name) {
    try {
      return List.of(new Tag(name));
    } catch (MalformedException e) {
      return List.of();
    }
  }

  private static String ownName(LayoutReference reference) {
    String name =
        String.valueOf(reference.path().getFileName())
            .toLowerCase(Locale.ROOT)
            .replaceFirst("\\.(tar|oci)$", "")
            .replaceAll("[^a-z0-9]+", "-")
            .replaceAll("^-+|-+$", "");
    return name.isEmpty() ? "layout" : name;
  }

  private void take(
      Layout layout,
      StoredRepository repository,
      Digest digest,
      List<Tag> tags,
      Set<Digest> seen,
      int depth) {
    Optional<RawManifest> raw = seen.add(digest) ? layout.manifest(digest) : Optional.empty();
    if (raw.isEmpty() || depth > MAX_DEPTH) {
      return;
    }
    Manifest manifest = raw.get().parse();
    for (Descriptor child : manifest.children()) {
      if (manifest instanceof Index) {
        take(layout, repository, child.digest(), List.of(), seen, depth + 1);
      } else if (!child.isForeign()) {
        takeBlob(layout, repository, child);
      }
    }
    repository.put(raw.get(), manifest, tags);
    for (Descriptor attached : layout.attachedTo(digest)) {
      take(layout, repository, attached.digest(), List.of(), seen, depth + 1);
    }
  }

  private void takeBlob(Layout layout, StoredRepository repository, Descriptor blob) {
    if (!store.contents().has(blob.digest())) {
      Ingest ingest = store.contents().begin(blob.digest().algorithm());
      try {
        layout.read(
            blob.digest(),
            (bytes, length) -> {
              ingest.write(ByteBuffer.wrap(bytes, 0, length));
              return true;
            });
        ingest.commit(blob.digest(), blob.size());
      } finally {
        ingest.abort();
      }
    }
    if (repository.id().isLocal()) {
      repository.linkBlob(blob.digest());
    }
  }

  // Out of it

  /**
   * Writes images into a layout, each under the name that {@code ls} prints.
   *
   * @param wanted {@code REPOSITORY[:TAG]}; empty for all that has a tag
   * @return what was written, and what is not in the store
   */
  StoreAnswer.Written write(LayoutReference reference, List<String> wanted) {
    List<String> written = new ArrayList<>();
    List<String> absent = new ArrayList<>();
    try (Layout layout = Layout.edit(reference, 0)) {
      Set<String> found = new HashSet<>();
      for (var named : store.repositories().names().entrySet()) {
        StoredRepository repository = store.repositories().open(named.getValue());
        for (var tag : repository.tags().entrySet()) {
          String image = named.getKey() + ":" + tag.getKey();
          boolean all = wanted.isEmpty();
          boolean meant = wanted.contains(image) || wanted.contains(named.getKey());
          if (all || meant) {
            found.add(wanted.contains(image) ? image : named.getKey());
            write(layout, repository, tag.getValue(), Optional.of(image), new HashSet<>(), absent);
            written.add(image);
          }
        }
      }
      wanted.stream().filter(each -> !found.contains(each)).forEach(absent::add);
      layout.finish();
    } catch (IOException e) {
      throw new StoreException(StoreException.Reason.IO, String.valueOf(e.getMessage()), e);
    }
    return new StoreAnswer.Written(written, absent);
  }

  private void write(
      Layout layout,
      StoredRepository repository,
      Digest digest,
      Optional<String> name,
      Set<Digest> seen,
      List<String> absent)
      throws IOException {
    Optional<byte[]> bytes = store.contents().readAll(digest, RawManifest.MAX_BYTES);
    Optional<StoredManifest> stored = repository.manifest(digest);
    if (!seen.add(digest) || seen.size() > 10_000) {
      return;
    }
    if (bytes.isEmpty() || stored.isEmpty()) {
      // A platform that nobody has pulled through: the list travels without it.
      if (name.isPresent()) {
        absent.add(name.get());
      }
      return;
    }
    RawManifest raw = RawManifest.of(stored.get().mediaType(), bytes.get(), digest.algorithm());
    Manifest manifest = raw.parse();
    for (Descriptor child : manifest.children()) {
      if (manifest instanceof Index) {
        write(layout, repository, child.digest(), Optional.empty(), seen, absent);
      } else if (!child.isForeign()) {
        writeBlob(layout, repository, child, absent);
      }
    }
    if (name.isPresent()) {
      layout.add(raw, name);
    } else {
      layout.add(raw);
    }
    for (Descriptor attached : repository.referrers(digest)) {
      write(layout, repository, attached.digest(), Optional.empty(), seen, absent);
    }
  }

  private void writeBlob(
      Layout layout, StoredRepository repository, Descriptor blob, List<String> absent)
      throws IOException {
    if (layout.has(blob.digest())) {
      return;
    }
    Optional<Reading> reading = store.contents().read(blob.digest());
    if (reading.isEmpty()) {
      absent.add(repository.id() + "@" + blob.digest());
      return;
    }
    try (Reading open = reading.get();
        InputStream in = Channels.newInputStream(open.channel())) {
      layout.addBlob(blob.digest(), blob.size(), in);
    }
  }
}
