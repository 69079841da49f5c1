package io.entrepot.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RegistryName;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** The repositories of a store, each read when it is asked for. */
public final class Repositories {

  private static final Logger LOG = System.getLogger(Repositories.class.getName());

  private final StoreLayout layout;
  private final Contents contents;
  private final DiskHealth disk;
  private final StoreClock clock;
  private final Object[] stripes = new Object[64];

  /** One object for each repository that anybody works with, so that changes meet. */
  private final Cache<RepositoryId, StoredRepository> known =
      Caffeine.newBuilder().weakValues().build();

  /** Those that exist and were used last; the others are read again when they are asked for. */
  private final Cache<RepositoryId, StoredRepository> kept;

  private @Nullable NavigableMap<String, RepositoryId> names;

  /**
   * @param maxBytes of memory that repositories may take, about
   */
  Repositories(
      StoreLayout layout, Contents contents, DiskHealth disk, StoreClock clock, long maxBytes) {
    this.layout = layout;
    this.contents = contents;
    this.disk = disk;
    this.clock = clock;
    this.kept =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .weigher((RepositoryId id, StoredRepository repository) -> repository.weight())
            .build();
    Arrays.setAll(stripes, index -> new Object());
  }

  /** A repository that is in memory; looks there only. */
  public Optional<StoredRepository> loaded(RepositoryId id) {
    StoredRepository present = kept.getIfPresent(id);
    return Optional.ofNullable(present == null ? known.getIfPresent(id) : present);
  }

  /**
   * A repository, read from disk where it is not in memory. One that does not exist is an empty
   * one, which is remembered only as long as the caller holds it.
   */
  public StoredRepository open(RepositoryId id) {
    Optional<StoredRepository> present = loaded(id);
    if (present.isPresent()) {
      return present.get();
    }
    synchronized (stripes[Math.floorMod(id.hashCode(), stripes.length)]) {
      present = loaded(id);
      if (present.isPresent()) {
        return present.get();
      }
      RepositoryFiles files = new RepositoryFiles(layout, id);
      StoredRepository fresh =
          disk.attempt(
              "cannot read the repository " + id,
              () -> new StoredRepository(id, files, contents, disk, clock, this::changed).load());
      known.put(id, fresh);
      if (!fresh.isEmpty()) {
        kept.put(id, fresh);
      }
      return fresh;
    }
  }

  /** All repositories by the name under which clients find them, in order. */
  public NavigableMap<String, RepositoryId> names() {
    synchronized (this) {
      if (names == null) {
        NavigableMap<String, RepositoryId> found = new ConcurrentSkipListMap<>();
        for (RepositoryId id : disk.attempt("cannot list repositories", this::findAll)) {
          found.put(id.toString(), id);
        }
        names = found;
      }
      return Collections.unmodifiableNavigableMap(names);
    }
  }

  /** Called by a repository that holds its own lock. */
  private void changed(StoredRepository repository) {
    RepositoryId id = repository.id();
    boolean empty = repository.isEmpty();
    if (empty) {
      kept.invalidate(id);
    } else {
      kept.put(id, repository);
    }
    synchronized (this) {
      if (names != null && empty) {
        names.remove(id.toString(), id);
      } else if (names != null) {
        names.put(id.toString(), id);
      }
    }
  }

  /** Everything a local repository knows; reads those that are not in memory. */
  DigestSet localReferences() {
    DigestSet references = new DigestSet();
    names().values().stream()
        .filter(RepositoryId::isLocal)
        .forEach(id -> open(id).addReferences(references));
    return references;
  }

  /** How many are remembered without anybody holding them. */
  long keptCount() {
    kept.cleanUp();
    return kept.estimatedSize();
  }

  /** Forgets what is not in the store any more, in the repositories that are in memory. */
  void forgetEvicted() {
    for (StoredRepository repository : kept.asMap().values()) {
      if (!repository.id().isLocal()) {
        repository.forgetEvicted();
        repository.removeIfEmpty();
      }
    }
  }

  private List<RepositoryId> findAll() throws IOException {
    List<RepositoryId> found = new ArrayList<>();
    collect(layout.local(), null, found);
    try (var upstreams = Files.newDirectoryStream(layout.upstream())) {
      for (Path upstream : upstreams) {
        try {
          collect(upstream, StoreLayout.registryOf(upstream), found);
        } catch (MalformedException e) {
          LOG.log(Level.WARNING, "{0} is not a registry''s and is left alone", upstream);
        }
      }
    }
    return found;
  }

  private static void collect(Path base, @Nullable RegistryName upstream, List<RepositoryId> found)
      throws IOException {
    Files.walkFileTree(
        base,
        new SimpleFileVisitor<>() {
          private @Nullable Path last;

          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            if (!directory.getFileName().toString().startsWith("_")) {
              return FileVisitResult.CONTINUE;
            }
            Path repository = directory.getParent();
            if (repository != null && !repository.equals(last) && !repository.equals(base)) {
              last = repository;
              try {
                found.add(StoreLayout.repositoryOf(base, upstream, repository));
              } catch (MalformedException e) {
                return FileVisitResult.SKIP_SUBTREE;
              }
            }
            return FileVisitResult.SKIP_SUBTREE;
          }
        });
  }
}
