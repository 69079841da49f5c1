package io.entrepot.store;

import io.entrepot.oci.Digest;
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
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** The repositories of a store, each read when it is first asked for. */
public final class Repositories {

  private static final Logger LOG = System.getLogger(Repositories.class.getName());

  private final StoreLayout layout;
  private final Contents contents;
  private final DiskHealth disk;
  private final StoreClock clock;
  private final Map<RepositoryId, StoredRepository> loaded = new ConcurrentHashMap<>();
  private @Nullable NavigableMap<String, RepositoryId> names;

  Repositories(StoreLayout layout, Contents contents, DiskHealth disk, StoreClock clock) {
    this.layout = layout;
    this.contents = contents;
    this.disk = disk;
    this.clock = clock;
  }

  /** A repository that was read before; looks at memory only. */
  public Optional<StoredRepository> loaded(RepositoryId id) {
    return Optional.ofNullable(loaded.get(id));
  }

  /** A repository, read from disk the first time. One that does not exist is an empty one. */
  public StoredRepository open(RepositoryId id) {
    StoredRepository present = loaded.get(id);
    if (present != null) {
      return present;
    }
    // Reading happens outside of the map's locks; the first to finish wins.
    StoredRepository fresh =
        disk.attempt(
            "cannot read the repository " + id,
            () ->
                new StoredRepository(
                        id, new RepositoryFiles(layout, id), contents, disk, clock, this::noteName)
                    .load());
    StoredRepository winner = loaded.putIfAbsent(id, fresh);
    return winner == null ? fresh : winner;
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

  private void noteName(RepositoryId id) {
    synchronized (this) {
      if (names != null) {
        names.put(id.toString(), id);
      }
    }
  }

  /** Everything a local repository knows; reads those that were not read before. */
  Set<Digest> localReferences() {
    Set<Digest> references = new HashSet<>();
    names().values().stream()
        .filter(RepositoryId::isLocal)
        .forEach(id -> open(id).addReferences(references));
    return references;
  }

  /** Everything the repositories know that were read. */
  Set<Digest> references() {
    Set<Digest> references = new HashSet<>();
    loaded.values().forEach(repository -> repository.addReferences(references));
    return references;
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
