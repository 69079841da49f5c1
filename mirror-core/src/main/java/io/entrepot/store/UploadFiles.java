package io.entrepot.store;

import io.entrepot.oci.Digest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Uploads that can be resumed by their identifier, also by a later process. All of it blocks. */
public final class UploadFiles {

  private final StoreLayout layout;
  private final Publisher publisher;
  private final StoreClock clock;

  UploadFiles(StoreLayout layout, Publisher publisher, StoreClock clock) {
    this.layout = layout;
    this.publisher = publisher;
    this.clock = clock;
  }

  /** A new upload for a repository. */
  public Ingest create(UUID id, String repository) {
    Path directory = layout.upload(id);
    boolean created = false;
    try {
      Files.createDirectory(directory);
      Files.writeString(owner(directory), repository);
      Ingest ingest = Ingest.create(publisher, data(directory), Digest.Algorithm.SHA256, true);
      created = true;
      return ingest;
    } catch (IOException e) {
      throw publisher.failed("cannot begin an upload", e);
    } finally {
      if (!created) {
        remove(id);
      }
    }
  }

  /** Goes on with an upload of this repository; empty where there is none. */
  public Optional<Ingest> resume(UUID id, String repository) {
    Path directory = layout.upload(id);
    try {
      Optional<String> owner = DurableFiles.read(owner(directory));
      if (owner.isEmpty() || !owner.get().equals(repository)) {
        return Optional.empty();
      }
      return Optional.of(Ingest.resume(publisher, data(directory)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw publisher.failed("cannot resume the upload " + id, e);
    }
  }

  /** The repositories for which an upload is open, by name. */
  Set<String> repositories() {
    Set<String> owners = new HashSet<>();
    try (DirectoryStream<Path> uploads = Files.newDirectoryStream(layout.uploads())) {
      for (Path upload : uploads) {
        if (Files.isDirectory(upload)) {
          DurableFiles.read(owner(upload)).ifPresent(owners::add);
        }
      }
    } catch (IOException e) {
      throw publisher.failed("cannot list uploads", e);
    }
    return owners;
  }

  /** Removes what is left of an upload. */
  public void remove(UUID id) {
    try {
      DurableFiles.removeTree(layout.upload(id));
    } catch (IOException e) {
      throw publisher.failed("cannot remove the upload " + id, e);
    }
  }

  /**
   * Removes uploads to which nothing was written for a time; those in {@code active} stay.
   *
   * @return how many
   */
  public int removeOlderThan(Duration age, Set<UUID> active) {
    int removed = 0;
    Instant limit = clock.wall().instant().minus(age);
    try (DirectoryStream<Path> uploads = Files.newDirectoryStream(layout.uploads())) {
      for (Path upload : uploads) {
        UUID id;
        try {
          id = UUID.fromString(upload.getFileName().toString());
        } catch (IllegalArgumentException e) {
          continue;
        }
        if (!active.contains(id) && lastWritten(upload).isBefore(limit)) {
          DurableFiles.removeTree(upload);
          removed++;
        }
      }
    } catch (IOException e) {
      throw publisher.failed("cannot clean up uploads", e);
    }
    return removed;
  }

  private static Instant lastWritten(Path upload) throws IOException {
    Path data = data(upload);
    return Files.getLastModifiedTime(Files.exists(data) ? data : upload).toInstant();
  }

  private static Path data(Path upload) {
    return upload.resolve("data");
  }

  private static Path owner(Path upload) {
    return upload.resolve("repository");
  }
}
