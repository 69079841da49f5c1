package io.entrepot.mirror;

import io.entrepot.concurrent.Parallel;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.Referrers;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/** What the images of a run share, so that nothing is asked twice. */
final class MirrorSession {

  private final RegistryClient client;
  private final MirrorOptions options;
  private final PullBudget budget;
  private final BlobCopier blobs;
  private final ConcurrentMap<Digest, RawManifest> manifests = new ConcurrentHashMap<>();
  private final ConcurrentMap<Repository, FutureTask<Optional<Set<Tag>>>> tags =
      new ConcurrentHashMap<>();
  private final ConcurrentMap<Digest, FutureTask<byte[]>> configs = new ConcurrentHashMap<>();
  private final ConcurrentMap<RegistryName, Object> probes = new ConcurrentHashMap<>();

  MirrorSession(RegistryClient client, MirrorOptions options) {
    this.client = client;
    this.options = options;
    this.budget = new PullBudget(client);
    this.blobs = new BlobCopier(client, options.blobs());
  }

  RegistryClient client() {
    return client;
  }

  MirrorOptions options() {
    return options;
  }

  PullBudget budget() {
    return budget;
  }

  BlobCopier blobs() {
    return blobs;
  }

  /** Manifests that were read in this run; they are the same everywhere. */
  ConcurrentMap<Digest, RawManifest> manifests() {
    return manifests;
  }

  /** Configurations that were read in this run, or are being read; images share them. */
  byte[] config(Digest digest, Supplier<byte[]> read) {
    return once(configs, digest, read);
  }

  /**
   * The tags of a repository, listed once in a run; nothing where the registry does not list them
   * for us.
   */
  Optional<Set<Tag>> tags(Repository repository) {
    return once(tags, repository, () -> listTags(repository));
  }

  /** Asks where nobody has asked before; the others wait. A failure is not kept. */
  private static <K, V> V once(ConcurrentMap<K, FutureTask<V>> asked, K key, Supplier<V> ask) {
    FutureTask<V> mine = new FutureTask<>(ask::get);
    FutureTask<V> task = asked.computeIfAbsent(key, unused -> mine);
    if (task.equals(mine)) {
      mine.run();
    }
    try {
      return task.get();
    } catch (InterruptedException e) {
      throw Parallel.interrupted();
    } catch (ExecutionException e) {
      asked.remove(key, task);
      throw Parallel.unchecked(e.getCause() == null ? e : e.getCause());
    }
  }

  /**
   * What the referrers API of a registry lists; nothing where there is no such API. Only one image
   * finds that out, the others wait for it.
   */
  Optional<List<Descriptor>> referrers(Repository repository, Digest subject) {
    Supplier<Optional<Referrers>> ask = () -> client.referrersByApi(repository, subject).await();
    Optional<Referrers> found;
    if (client.hasReferrersApi(repository.registry()).isPresent()) {
      found = ask.get();
    } else {
      synchronized (probes.computeIfAbsent(repository.registry(), name -> new Object())) {
        found = ask.get();
      }
    }
    return found.map(Referrers::descriptors);
  }

  private Optional<Set<Tag>> listTags(Repository repository) {
    try {
      List<Tag> list = client.tags(repository).await();
      Set<Tag> all = ConcurrentHashMap.newKeySet();
      all.addAll(list);
      return Optional.of(all);
    } catch (RegistryException e) {
      if (e.code().isAbsence()) {
        return Optional.of(Set.of());
      }
      if (e.temporary()) {
        throw e;
      }
      // Some registries list tags only for accounts with more rights: they are asked tag by tag.
      return Optional.empty();
    }
  }
}
