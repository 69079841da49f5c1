package io.entrepot.proxy.pull;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.concurrent.SingleFlight;
import io.entrepot.lock.LockedCopies;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Tag;
import io.entrepot.proxy.metrics.ProxyMetrics;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import io.entrepot.store.RepositoryId;
import io.entrepot.store.Store;
import io.entrepot.store.StoreException;
import io.entrepot.store.StoredRepository;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What tags mean: what a lock file says, else what upstream says, which is asked once for all who
 * wait and believed for a while. A tag that is held is served when upstream cannot be asked.
 */
public final class TagPull {

  private static final Logger LOG = System.getLogger(TagPull.class.getName());

  /** How long an upstream that could not be asked about a tag is left alone. */
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(30);

  private final Vertx vertx;
  private final RegistryClient client;
  private final Store store;
  private final RepositoryLoader repositories;
  private final Workers workers;
  private final Freshness freshness;
  private final LockedCopies copies;
  private final TagMemory memory;
  private final ManifestPull manifests;
  private final ProxyMetrics metrics;

  /** Upstreams that could not be reached a moment ago; held tags do not wait for them. */
  private final Cache<RegistryName, String> troubled =
      Caffeine.newBuilder().maximumSize(1_000).expireAfterWrite(Duration.ofSeconds(10)).build();

  private volatile @Nullable TagChoice choice;

  private final SingleFlight<TagKey, Optional<PulledManifest>> questions = new SingleFlight<>();
  private final SingleFlight<TagKey, Optional<Descriptor>> resolutions = new SingleFlight<>();

  /**
   * @param copies says what tags mean without asking anybody; the client asks the same copies first
   */
  TagPull(
      Vertx vertx,
      RegistryClient client,
      Store store,
      RepositoryLoader repositories,
      Workers workers,
      Freshness freshness,
      LockedCopies copies,
      TagMemory memory,
      ManifestPull manifests,
      ProxyMetrics metrics) {
    this.vertx = vertx;
    this.client = client;
    this.store = store;
    this.repositories = repositories;
    this.workers = workers;
    this.freshness = freshness;
    this.copies = copies;
    this.memory = memory;
    this.manifests = manifests;
    this.metrics = metrics;
  }

  /** From now on somebody else says which of a tag's digests is given. */
  public void choosing(TagChoice other) {
    choice = other;
  }

  /** The answer that needs no waiting: a believed tag of a manifest that is here; else null. */
  public @Nullable PulledManifest held(RepositoryId id, Tag tag) {
    Digest locked = locked(id, tag);
    if (locked != null) {
      return manifests.held(id, locked);
    }
    StoredRepository repository = store.repositories().loaded(id).orElse(null);
    if (repository == null) {
      return null;
    }
    TagMemory.Belief belief = memory.belief(new TagKey(id, tag.value()));
    return belief == null ? null : held(repository, tag, belief.warning());
  }

  private @Nullable PulledManifest held(
      StoredRepository repository, Tag tag, @Nullable String warning) {
    Digest digest = repository.tag(tag.value()).orElse(null);
    return digest == null ? null : manifests.held(repository, digest, warning);
  }

  private @Nullable Digest locked(RepositoryId id, Tag tag) {
    return copies.isEmpty()
        ? null
        : copies.digest(UpstreamRepository.of(id).tagged(tag)).orElse(null);
  }

  /**
   * The manifest that a tag means.
   *
   * @return empty where upstream has no such tag
   */
  public Future<Optional<PulledManifest>> manifest(RepositoryId id, Tag tag) {
    TagKey key = new TagKey(id, tag.value());
    Digest locked = locked(id, tag);
    if (locked != null) {
      memory.promise(key, locked);
      return manifests.manifest(id, locked);
    }
    return repositories
        .load(id)
        .compose(
            repository -> {
              PulledManifest believed = held(id, tag);
              if (believed != null) {
                return Future.succeededFuture(Optional.of(believed));
              }
              PulledManifest old = held(repository, tag, null);
              if (old == null) {
                return memory.isAbsent(key)
                    ? Future.succeededFuture(Optional.<PulledManifest>empty())
                    : question(repository, tag, key, null);
              }
              if (questions.isRunning(key)) {
                // Somebody is asking already; who has an answer does not wait for it.
                return Future.succeededFuture(Optional.of(old));
              }
              String trouble = troubled.getIfPresent(UpstreamRepository.of(id).registry());
              return trouble == null
                  ? notLongerThan(question(repository, tag, key, old), key, old)
                  : Future.succeededFuture(Optional.of(stale(key, old, trouble)));
            });
  }

  private Future<Optional<PulledManifest>> question(
      StoredRepository repository, Tag tag, TagKey key, @Nullable PulledManifest old) {
    return questions.run(
        key,
        () -> {
          PulledManifest held = held(key.repository(), tag);
          return held == null ? Optional.empty() : Optional.of(Optional.of(held));
        },
        () -> ask(repository, tag, key, old));
  }

  private Future<Optional<PulledManifest>> notLongerThan(
      Future<Optional<PulledManifest>> asked, TagKey key, PulledManifest old) {
    Promise<Optional<PulledManifest>> first = Promise.promise();
    long timer =
        vertx.setTimer(
            freshness.revalidation().toMillis(),
            unused -> {
              PulledManifest stale = stale(key, old, "upstream does not answer");
              first.tryComplete(Optional.of(stale));
            });
    asked.onComplete(
        result -> {
          vertx.cancelTimer(timer);
          if (result.succeeded()) {
            first.tryComplete(result.result());
          } else {
            first.tryFail(result.cause());
          }
        });
    return first.future();
  }

  private Future<Optional<PulledManifest>> ask(
      StoredRepository repository, Tag tag, TagKey key, @Nullable PulledManifest old) {
    // Who was refused and asks again does not make us ask upstream again.
    Descriptor known = choice == null ? null : memory.description(key);
    return (known == null ? resolve(key, tag) : Future.succeededFuture(Optional.of(known)))
        .compose(
            found ->
                found.isEmpty()
                    ? forget(repository, tag)
                    : chosen(repository, tag, key, found.get())
                        .compose(digest -> take(repository, tag, key, digest)))
        .onFailure(cause -> noteTrouble(key, cause))
        .recover(
            cause ->
                old == null || !isExcused(cause)
                    ? Future.failedFuture(cause)
                    : Future.succeededFuture(
                        Optional.of(stale(key, old, String.valueOf(cause.getMessage())))));
  }

  private Future<Digest> chosen(
      StoredRepository repository, Tag tag, TagKey key, Descriptor offered) {
    TagChoice chooser = choice;
    if (chooser == null) {
      return Future.succeededFuture(offered.digest());
    }
    return chooser
        .choose(key.repository(), tag, offered, repository.tag(tag.value()).orElse(null))
        .onSuccess(
            digest -> {
              if (!digest.equals(offered.digest())) {
                memory.given(key, digest);
              }
            });
  }

  private void noteTrouble(TagKey key, Throwable cause) {
    boolean silent =
        cause instanceof RegistryException failure
            && (failure.code() == ErrorCode.UNREACHABLE || failure.code() == ErrorCode.TIMEOUT);
    if (silent) {
      troubled.put(
          UpstreamRepository.of(key.repository()).registry(), String.valueOf(cause.getMessage()));
    }
  }

  private static boolean isExcused(Throwable cause) {
    return cause instanceof StoreException
        || (cause instanceof RegistryException failure && failure.temporary());
  }

  private Future<Optional<PulledManifest>> take(
      StoredRepository repository, Tag tag, TagKey key, Digest digest) {
    PulledManifest held = manifests.held(repository, digest, null);
    if (held != null) {
      return move(repository, tag, key, held);
    }
    memory.promise(key, digest);
    return manifests
        .fetch(key.repository(), digest)
        .compose(
            found ->
                found.isEmpty() || found.get().unkept() != null || memory.belief(key) != null
                    ? Future.succeededFuture(found)
                    : move(repository, tag, key, found.get()));
  }

  private Future<Optional<PulledManifest>> move(
      StoredRepository repository, Tag tag, TagKey key, PulledManifest manifest) {
    Digest digest = manifest.manifest().digest();
    return workers.run(
        () -> {
          if (memory.moveUnlessNewer(key, digest, () -> repository.moveTag(tag, digest))) {
            memory.believe(key, freshness.tags(), null);
          }
          return Optional.of(manifest);
        });
  }

  private Future<Optional<PulledManifest>> forget(StoredRepository repository, Tag tag) {
    if (repository.tag(tag.value()).isEmpty()) {
      return Future.succeededFuture(Optional.empty());
    }
    LOG.log(Level.INFO, "{0}:{1} is gone upstream; its content is kept", repository.id(), tag);
    return workers.run(
        () -> {
          repository.removeTag(tag.value());
          return Optional.empty();
        });
  }

  private PulledManifest stale(TagKey key, PulledManifest old, String why) {
    metrics.staleServed();
    String warning =
        "%s:%s is served from the cache, upstream could not be asked: %s"
            .formatted(key.repository(), key.tag(), why);
    LOG.log(Level.WARNING, warning);
    memory.believe(
        key,
        AFTER_FAILURE.compareTo(freshness.tags()) < 0 ? AFTER_FAILURE : freshness.tags(),
        warning);
    return new PulledManifest(old.manifest(), warning);
  }

  /** What a HEAD for a tag that is not here can be answered with; nothing is fetched. */
  public Future<Optional<Descriptor>> describe(RepositoryId id, Tag tag) {
    Digest locked = locked(id, tag);
    if (locked != null) {
      return client.find(UpstreamRepository.of(id).at(locked));
    }
    TagKey key = new TagKey(id, tag.value());
    if (memory.isAbsent(key)) {
      return Future.succeededFuture(Optional.empty());
    }
    // Believed for as long as a tag that is here; whoever wants the manifest asks anew.
    Descriptor known = memory.description(key);
    Future<Optional<Descriptor>> resolved =
        known == null
            ? resolutions.run(
                key,
                () -> {
                  Descriptor now = memory.description(key);
                  return now == null ? Optional.empty() : Optional.of(Optional.of(now));
                },
                () -> askByHead(key, tag))
            : Future.succeededFuture(Optional.of(known));
    return resolved.onSuccess(found -> found.ifPresent(it -> memory.promise(key, it.digest())));
  }

  /** Asks upstream by HEAD, which no registry counts as a pull; once for all who wait. */
  private Future<Optional<Descriptor>> resolve(TagKey key, Tag tag) {
    return resolutions.run(key, () -> askByHead(key, tag));
  }

  private Future<Optional<Descriptor>> askByHead(TagKey key, Tag tag) {
    return client
        .find(UpstreamRepository.of(key.repository()).tagged(tag))
        .onFailure(
            cause -> metrics.failed(UpstreamRepository.of(key.repository()).registry(), cause))
        .onSuccess(
            found -> {
              if (found.isEmpty()) {
                memory.gone(key);
              } else {
                memory.described(key, found.get(), freshness.tags());
              }
            });
  }

  /** Done when the questions that are open now have been answered; never fails. */
  Future<Void> settled() {
    return questions.settled();
  }
}
