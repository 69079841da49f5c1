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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The directory of one repository: a file for each tag, holding a digest; for each manifest,
 * holding its media type; and for each blob. Changes are durable when they return. All of it
 * blocks.
 */
final class RepositoryFiles {

  private static final Logger LOG = System.getLogger(RepositoryFiles.class.getName());

  private final Path directory;
  private final Path temporary;

  RepositoryFiles(StoreLayout layout, RepositoryId id) {
    this.directory = layout.repository(id);
    this.temporary = layout.temporary();
  }

  // ---------------------------------------------------------------- tags

  /** What each tag means. Files that are no tags are left alone. */
  Map<Tag, Digest> tags() throws IOException {
    Map<Tag, Digest> tags = new TreeMap<>();
    for (Path file : files(directory.resolve("_tags"))) {
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
    DurableFiles.write(temporary, tagFile(tag), digest + "\n");
  }

  void deleteTag(Tag tag) throws IOException {
    DurableFiles.delete(tagFile(tag));
  }

  private Path tagFile(Tag tag) {
    return directory.resolve("_tags").resolve(TagFileName.of(tag));
  }

  // ---------------------------------------------------------------- manifests

  List<Digest> manifests() throws IOException {
    return digests("_manifests");
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
    DurableFiles.write(temporary, manifestFile(digest), mediaType.value() + "\n");
  }

  void deleteManifest(Digest digest) throws IOException {
    DurableFiles.delete(manifestFile(digest));
  }

  private Path manifestFile(Digest digest) {
    return file("_manifests", digest);
  }

  // ---------------------------------------------------------------- blobs

  List<Digest> blobs() throws IOException {
    return digests("_blobs");
  }

  void writeBlob(Digest digest) throws IOException {
    DurableFiles.write(temporary, blobFile(digest), "");
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
    return file("_blobs", digest);
  }

  // ---------------------------------------------------------------- files

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
