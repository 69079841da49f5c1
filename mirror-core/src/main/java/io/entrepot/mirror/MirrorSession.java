package io.entrepot.mirror;

import io.entrepot.concurrent.Once;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.Referrers;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;

/** What the images of a run share, so that nothing is asked twice. */
final class MirrorSession {

  private final RegistryClient source;
  private final RegistryClient target;
  private final MirrorOptions options;
  private final PullBudget budget;
  private final BlobSender blobs;
  private final BlobLedger ledger = new BlobLedger();
  private final ManifestSpace.Limits space = new ManifestSpace.Limits();
  private final ManifestCache manifests = new ManifestCache();
  private final Once<Repository, Optional<Set<Tag>>> tags = new Once<>();
  private final Once<Digest, byte[]> configs = new Once<>();
  private final ConcurrentMap<Object, Object> monitors = new ConcurrentHashMap<>();

  MirrorSession(RegistryClient source, RegistryClient target, MirrorOptions options) {
    this.source = source;
    this.target = target;
    this.options = options;
    this.budget = new PullBudget(source);
    this.blobs = new BlobSender(source, target, options.blobs());
  }

  /** What images are read from. */
  RegistryClient source() {
    return source;
  }

  /** What copies are written to; the same as the source unless one of them is a layout. */
  RegistryClient target() {
    return target;
  }

  /** Whether a blob need not travel because its source lies in the target's registry. */
  boolean isWithinRegistry(Repository from, Repository to) {
    return source.equals(target) && from.registry().equals(to.registry());
  }

  /** Requests sent so far, by host and kind. */
  SortedMap<String, SortedMap<String, Long>> requestCounts() {
    SortedMap<String, SortedMap<String, Long>> counts = new TreeMap<>(source.requestCounts());
    counts.putAll(target.requestCounts());
    return counts;
  }

  MirrorOptions options() {
    return options;
  }

  PullBudget budget() {
    return budget;
  }

  /** Who brings which blob, in the run; a dry run has its own. */
  BlobLedger ledger() {
    return ledger;
  }

  BlobSender blobs() {
    return blobs;
  }

  /** What the manifests of all images may take in memory. */
  ManifestSpace.Limits space() {
    return space;
  }

  ManifestCache manifests() {
    return manifests;
  }

  /** Configurations that were read in this run, or are being read; images share them. */
  byte[] config(Digest digest, Supplier<byte[]> read) {
    return configs.get(digest, read);
  }

  /**
   * The tags of a repository at the source, listed once in a run; nothing where the registry does
   * not list them for us.
   */
  Optional<Set<Tag>> tags(Repository repository) {
    return tags.get(repository, () -> listTags(repository));
  }

  /**
   * What the referrers API of a registry lists; nothing where there is no such API. Only one image
   * finds that out, the others wait for it.
   */
  Optional<List<Descriptor>> referrers(Side side, Repository repository, Digest subject) {
    RegistryClient client = side == Side.SOURCE ? source : target;
    Supplier<Optional<Referrers>> ask = () -> client.referrersByApi(repository, subject).await();
    Optional<Referrers> found;
    if (client.hasReferrersApi(repository.registry()).isPresent()) {
      found = ask.get();
    } else {
      found = alone(repository.registry(), ask);
    }
    return found.map(Referrers::descriptors);
  }

  /** Whether the registry of a repository that is at the target lists referrers by itself. */
  boolean listsReferrers(Repository repository, Digest subject) {
    return target
        .hasReferrersApi(repository.registry())
        .orElseGet(() -> referrers(Side.TARGET, repository, subject).isPresent());
  }

  /** Work on something that images of this run change one after another. */
  <T> T alone(Object key, Supplier<T> work) {
    synchronized (monitors.computeIfAbsent(key, each -> new Object())) {
      return work.get();
    }
  }

  private Optional<Set<Tag>> listTags(Repository repository) {
    try {
      List<Tag> list = source.tags(repository).await();
      Set<Tag> all = ConcurrentHashMap.newKeySet();
      all.addAll(list);
      return Optional.of(all);
    } catch (RegistryException e) {
      if (e.temporary()) {
        throw e;
      }
      // Some registries list tags for accounts with more rights only, or not at all, although the
      // image was found there: they are asked tag by tag.
      return Optional.empty();
    }
  }
}
