package io.entrepot.lock;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where lock files say that copies are, for who asks often: by repository and by tag.
 *
 * <p>Safe for many threads. {@link #refresh} blocks, the others look at memory only.
 */
public final class LockedCopies {

  /** Content of a repository. */
  private record Place(Repository repository, Digest digest) {}

  private record Content(
      Map<Repository, List<Repository>> copies,
      Map<ImageReference, Digest> tags,
      Map<Place, Repository> originals,
      List<Sights> sights,
      List<LockFile> locks) {}

  private final Map<RegistryName, List<Path>> files;
  private final Set<Path> others;
  private Map<Path, FileTime> seen = Map.of();
  private volatile Content content =
      new Content(Map.of(), Map.of(), Map.of(), List.of(), List.of());

  private LockedCopies(Map<RegistryName, List<Path>> files, Set<Path> others) {
    this.files = Map.copyOf(files);
    this.others = Set.copyOf(others);
  }

  /** No copies. */
  public static LockedCopies none() {
    return new LockedCopies(Map.of(), Set.of());
  }

  /**
   * Reads lock files.
   *
   * @param files for each registry those that count for its images; of two that hold the same image
   *     the earlier one counts
   * @throws ConfigException where one is missing or cannot be understood
   */
  public static LockedCopies read(Map<RegistryName, List<Path>> files) {
    return read(files, Set.of());
  }

  /**
   * As {@link #read(Map)}.
   *
   * @param others files whose first sights and copies are known too, and from which nothing is
   *     fetched; they need not be there yet
   */
  public static LockedCopies read(Map<RegistryName, List<Path>> files, Set<Path> others) {
    LockedCopies copies = new LockedCopies(files, others);
    copies.refresh();
    return copies;
  }

  /** Whether no lock file holds anything. */
  public boolean isEmpty() {
    return content.tags().isEmpty();
  }

  /** Repositories that hold copies of a repository's images. */
  public List<Repository> of(Repository source) {
    return content.copies().getOrDefault(source, List.of());
  }

  /**
   * The digest of the copy of a tag, which is the digest of the original save for assembled lists.
   */
  public Optional<Digest> digest(ImageReference tagged) {
    return Optional.ofNullable(content.tags().get(tagged));
  }

  /** What a digest of a repository is a copy of; empty where no lock file names it as a copy. */
  public Optional<Repository> original(Repository copy, Digest digest) {
    return Optional.ofNullable(content.originals().get(new Place(copy, digest)));
  }

  /** The files, as they were read last. */
  public List<LockFile> locks() {
    return content.locks();
  }

  /** When a digest was first seen at its source; of several files that say so, the earliest. */
  public Optional<Instant> firstSeen(Repository source, Digest digest) {
    return content.sights().stream()
        .flatMap(sights -> sights.find(source, digest).stream())
        .min(Comparator.naturalOrder());
  }

  /**
   * Reads files that changed.
   *
   * @return whether any did
   * @throws ConfigException where one is missing or cannot be understood; what was known stays
   */
  public synchronized boolean refresh() {
    Map<Path, FileTime> times = new HashMap<>();
    files.values().forEach(list -> list.forEach(file -> times.put(file, time(file))));
    others.forEach(file -> times.put(file, time(file)));
    if (times.equals(seen)) {
      return false;
    }
    Map<Repository, Set<Repository>> copies = new HashMap<>();
    Map<ImageReference, Digest> tags = new HashMap<>();
    Map<Place, Repository> originals = new HashMap<>();
    Map<Path, LockFile> locks = new HashMap<>();
    files.forEach(
        (registry, list) -> {
          for (Path file : list) {
            locks
                .computeIfAbsent(file, LockFileCodec::read)
                .images()
                .forEach(
                    (source, image) -> {
                      if (source.registry().equals(registry)) {
                        copies
                            .computeIfAbsent(source.repository(), key -> new LinkedHashSet<>())
                            .add(image.target().repository());
                        tags.putIfAbsent(source, image.digestAtTarget());
                      }
                      originals.putIfAbsent(
                          new Place(image.target().repository(), image.digestAtTarget()),
                          source.repository());
                    });
          }
        });
    for (Path file : others) {
      if (Files.exists(file)) {
        locks
            .computeIfAbsent(file, LockFileCodec::read)
            .images()
            .forEach(
                (source, image) ->
                    originals.putIfAbsent(
                        new Place(image.target().repository(), image.digestAtTarget()),
                        source.repository()));
      }
    }
    Map<Repository, List<Repository>> lists = new HashMap<>();
    copies.forEach((source, targets) -> lists.put(source, List.copyOf(targets)));
    content =
        new Content(
            lists,
            tags,
            originals,
            locks.values().stream().map(Sights::of).toList(),
            List.copyOf(locks.values()));
    seen = times;
    return true;
  }

  /** The epoch for a file that is not there: reading it then says so. */
  private static FileTime time(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      return FileTime.fromMillis(0);
    }
  }
}
