package io.entrepot.store;

import io.entrepot.oci.Digest;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.Tag;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The directory of one repository: a file for each tag, which holds a digest; for each manifest,
 * which holds its media type; and for each blob, which holds its size. Changes are durable when
 * they return. All of it blocks.
 */
final class RepositoryFiles {

  private static final Logger LOG = System.getLogger(RepositoryFiles.class.getName());

  private static final String TAGS = "_tags";
  private static final String MANIFESTS = "_manifests";
  private static final String BLOBS = "_blobs";

  private final StoreLayout layout;
  private final Path base;
  private final Path directory;

  RepositoryFiles(StoreLayout layout, RepositoryId id) {
    this.layout = layout;
    this.base = id.isLocal() ? layout.local() : layout.upstream();
    this.directory = layout.repository(id);
  }

  // ---------------------------------------------------------------- tags

  /** What each tag means. Files that are no tags are left alone. */
  Map<Tag, Digest> tags() throws IOException {
    Map<Tag, Digest> tags = new TreeMap<>();
    for (Path file : files(directory.resolve(TAGS))) {
      try {
        Tag tag = TagFileName.parse(file.getFileName().toString());
        Optional<String> text = DurableFiles.read(file);
        if (text.isPresent()) {
          tags.put(tag, Digest.parse(text.get()));
        }
      } catch (MalformedException e) {
        LOG.log(Level.WARNING, "{0} is not a tag and is left alone", file);
      }
    }
    return tags;
  }

  void writeTag(Tag tag, Digest digest) throws IOException {
    DurableFiles.write(layout, tagFile(tag), digest + "\n");
  }

  void deleteTag(Tag tag) throws IOException {
    DurableFiles.delete(tagFile(tag));
  }

  private Path tagFile(Tag tag) {
    return directory.resolve(TAGS).resolve(TagFileName.of(tag));
  }

  // ---------------------------------------------------------------- manifests

  List<Digest> manifests() throws IOException {
    return digests(MANIFESTS);
  }

  /**
   * The type under which a manifest is served.
   *
   * @throws MalformedException where the file says none
   */
  MediaType mediaType(Digest manifest) throws IOException {
    return new MediaType(DurableFiles.read(manifestFile(manifest)).orElse(""));
  }

  void writeManifest(Digest digest, MediaType mediaType) throws IOException {
    DurableFiles.write(layout, manifestFile(digest), mediaType.value() + "\n");
  }

  void deleteManifest(Digest digest) throws IOException {
    DurableFiles.delete(manifestFile(digest));
  }

  /** When a manifest was first kept; empty where that cannot be read. */
  Optional<Instant> manifestTime(Digest digest) {
    try {
      return Optional.of(Files.getLastModifiedTime(manifestFile(digest)).toInstant());
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "{0}: no time of {1}: {2}", directory, digest, e.getMessage());
      return Optional.empty();
    }
  }

  private Path manifestFile(Digest digest) {
    return file(MANIFESTS, digest);
  }

  // ---------------------------------------------------------------- blobs

  List<Digest> blobs() throws IOException {
    return digests(BLOBS);
  }

  /**
   * @param size bytes, or -1 where they are not known for sure
   */
  void writeBlob(Digest digest, long size) throws IOException {
    DurableFiles.write(layout, blobFile(digest), size < 0 ? "" : size + "\n");
  }

  /** Notes that a blob was pushed again. */
  void touchBlob(Digest digest, Instant now) throws IOException {
    Files.setLastModifiedTime(blobFile(digest), FileTime.from(now));
  }

  /** How many bytes a blob had when it was linked; -1 where that was not written down. */
  long blobSize(Digest digest) throws IOException {
    String text = DurableFiles.read(blobFile(digest)).orElse("");
    return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : -1;
  }

  void deleteBlob(Digest digest) throws IOException {
    DurableFiles.delete(blobFile(digest));
  }

  /** Whether a blob was linked before a time; false where it is not linked. */
  boolean isBlobLinkedBefore(Digest digest, Instant limit) throws IOException {
    Path link = blobFile(digest);
    return Files.exists(link) && Files.getLastModifiedTime(link).toInstant().isBefore(limit);
  }

  private Path blobFile(Digest digest) {
    return file(BLOBS, digest);
  }

  // ---------------------------------------------------------------- files

  /** Removes what is empty of the directory, and those above that are empty then. */
  void deleteIfEmpty() throws IOException {
    for (String kind : List.of(TAGS, MANIFESTS, BLOBS)) {
      DurableFiles.removeEmptyTree(directory.resolve(kind));
    }
    DurableFiles.removeEmptyUpTo(directory, base);
  }

  private Path file(String kind, Digest digest) {
    return directory.resolve(kind).resolve(digest.algorithm().prefix()).resolve(digest.hex());
  }

  private List<Digest> digests(String kind) throws IOException {
    List<Digest> digests = new ArrayList<>();
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      for (Path file : files(directory.resolve(kind).resolve(algorithm.prefix()))) {
        try {
          digests.add(new Digest(algorithm, file.getFileName().toString()));
        } catch (MalformedException e) {
          LOG.log(Level.WARNING, "{0} is not named by a digest and is left alone", file);
        }
      }
    }
    return digests;
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
}
