package io.entrepot.proxy.pull;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.concurrent.SingleFlight;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Tag;
import io.entrepot.proxy.metrics.ProxyMetrics;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import io.entrepot.store.RepositoryId;
import io.entrepot.store.Store;
import io.entrepot.store.StoreException;
import io.entrepot.store.StoredManifest;
import io.entrepot.store.StoredRepository;
import io.vertx.core.Future;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Manifests by digest, from the store or from upstream: each is fetched once, however many ask. */
public final class ManifestPull {

  private static final Logger LOG = System.getLogger(ManifestPull.class.getName());

  private final RegistryClient client;
  private final Store store;
  private final RepositoryLoader repositories;
  private final Workers workers;
  private final Freshness freshness;
  private final ParsingRoom parsing;
  private final TagMemory tags;
  private final ProxyMetrics metrics;
  private final SingleFlight<ContentKey, Optional<PulledManifest>> fetches = new SingleFlight<>();
  private final Cache<ContentKey, Boolean> absent;

  ManifestPull(
      RegistryClient client,
      Store store,
      RepositoryLoader repositories,
      Workers workers,
      Freshness freshness,
      ParsingRoom parsing,
      TagMemory tags,
      ProxyMetrics metrics) {
    this.client = client;
    this.store = store;
    this.repositories = repositories;
    this.workers = workers;
    this.freshness = freshness;
    this.parsing = parsing;
    this.tags = tags;
    this.metrics = metrics;
    this.absent =
        Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(freshness.absence()).build();
  }

  /** A manifest that is here; null where it is not, or where the repository was not read yet. */
  public @Nullable PulledManifest held(RepositoryId id, Digest digest) {
    StoredRepository repository = store.repositories().loaded(id).orElse(null);
    return repository == null ? null : held(repository, digest, null);
  }

  @Nullable PulledManifest held(
      StoredRepository repository, Digest digest, @Nullable String warning) {
    StoredManifest manifest = repository.manifest(digest).orElse(null);
    return manifest == null || !store.contents().has(digest)
        ? null
        : new PulledManifest(manifest, warning);
  }

  /**
   * A manifest by digest.
   *
   * @return empty where upstream does not have it
   */
  public Future<Optional<PulledManifest>> manifest(RepositoryId id, Digest digest) {
    return repositories
        .load(id)
        .compose(
            repository -> {
              PulledManifest held = held(repository, digest, null);
              return held == null ? fetch(id, digest) : Future.succeededFuture(Optional.of(held));
            });
  }

  Future<Optional<PulledManifest>> fetch(RepositoryId id, Digest digest) {
    ContentKey key = new ContentKey(id, digest);
    if (absent.getIfPresent(key) != null) {
      return Future.succeededFuture(Optional.empty());
    }
    AtomicBoolean begun = new AtomicBoolean();
    Future<Optional<PulledManifest>> fetched =
        fetches.run(
            key,
            () -> {
              begun.set(true);
              metrics.miss("manifest");
              return ask(key);
            });
    if (!begun.get()) {
      metrics.coalesced();
    }
    return fetched;
  }

  private Future<Optional<PulledManifest>> ask(ContentKey key) {
    return client
        .findManifest(
            UpstreamRepository.of(key.repository()).at(key.digest()),
            raw -> workers.run(() -> keep(key, raw)))
        .onSuccess(
            found -> {
              if (found.isEmpty()) {
                absent.put(key, true);
              }
            })
        .onFailure(
            cause -> metrics.failed(UpstreamRepository.of(key.repository()).registry(), cause));
  }

  private PulledManifest keep(ContentKey key, RawManifest raw) {
    StoredRepository repository = store.repositories().open(key.repository());
    Manifest parsed = parse(key, raw);
    StoredManifest manifest;
    List<TagKey> promised;
    try {
      manifest = repository.put(raw, parsed, List.of());
      promised = tags.fulfilled(key);
      promised.forEach(
          tag ->
              tags.moveIfLatest(
                  tag, key.digest(), () -> repository.moveTag(new Tag(tag.tag()), key.digest())));
    } catch (StoreException e) {
      LOG.log(Level.ERROR, "{0} was not kept: {1}", key.digest(), e.getMessage());
      metrics.passedThrough();
      return new PulledManifest(StoredManifest.of(raw, parsed), null, raw);
    }
    promised.forEach(tag -> tags.believe(tag, freshness.tags(), null));
    return new PulledManifest(manifest, null);
  }

  private Manifest parse(ContentKey key, RawManifest raw) {
    try {
      return parsing.parse(raw);
    } catch (MalformedException e) {
      // The client asked for nothing wrong: this is what upstream has.
      throw RegistryException.of(
              ErrorCode.CORRUPT,
              "GET " + UpstreamRepository.of(key.repository()).at(key.digest()),
              "not a manifest: " + e.getMessage())
          .withCause(e);
    }
  }

  /** Done when the fetches that run now have ended; never fails. */
  Future<Void> settled() {
    return fetches.settled();
  }

  boolean isIdle() {
    return fetches.running() == 0;
  }
}
