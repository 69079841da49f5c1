package io.entrepot.proxy.pull;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.lock.LockedCopies;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.proxy.metrics.ProxyMetrics;
import io.entrepot.registry.BlobSink;
import io.entrepot.registry.ByteRange;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.Referrers;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import io.entrepot.registry.StreamSink;
import io.entrepot.store.ContentStore;
import io.entrepot.store.Ingest;
import io.entrepot.store.RepositoryId;
import io.entrepot.store.StoreException;
import io.entrepot.store.StoredContent;
import io.entrepot.store.StoredManifest;
import io.entrepot.store.StoredRepository;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What is fetched from other registries on behalf of clients: each thing once, however many ask.
 *
 * <p>Safe on every event loop. Futures complete on any thread of Vert.x; callers that need their
 * own context go back to it.
 */
public final class PullThrough {

  private static final Logger LOG = System.getLogger(PullThrough.class.getName());

  /** How long an upstream that could not be asked about a tag is left alone. */
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(30);

  /**
   * A manifest to be served.
   *
   * @param warning why it may be out of date, or null
   * @param unkept its bytes where the store could not take them, or null
   */
  public record Answer(
      StoredManifest manifest, @Nullable String warning, @Nullable RawManifest unkept) {
    Answer(StoredManifest manifest, @Nullable String warning) {
      this(manifest, warning, null);
    }
  }

  private record TagKey(RepositoryId repository, String tag) {}

  private record ContentKey(RepositoryId repository, Digest digest) {}

  /** A fetch that is about to be begun, or to be found needless. */
  private record FillAttempt(RepositoryId repository, Future<Optional<BlobFill>> fill) {}

  private static final class TagState {
    private volatile long believedUntil;
    private volatile boolean asked;
    private volatile @Nullable String warning;
    private @Nullable Future<Optional<Answer>> running;

    boolean believed() {
      return asked && System.nanoTime() - believedUntil < 0;
    }

    void believe(Duration time, @Nullable String why) {
      warning = why;
      believedUntil = System.nanoTime() + time.toNanos();
      asked = true;
    }
  }

  private final Vertx vertx;
  private final RegistryClient client;
  private final ContentStore store;
  private final Executor workers;
  private final Duration tagFreshness;
  private final long revalidationMillis;
  private final long maxSize;
  private final LockedCopies copies;
  private final BufferBudget budget;
  private final ProxyMetrics metrics;

  private final Cache<TagKey, TagState> tagStates =
      Caffeine.newBuilder().maximumSize(100_000).build();
  private final Map<ContentKey, Future<Optional<Answer>>> manifestFetches =
      new ConcurrentHashMap<>();
  private final Map<Digest, BlobFill> fills = new ConcurrentHashMap<>();
  private final Map<Digest, FillAttempt> beginning = new ConcurrentHashMap<>();
  private final Cache<Object, Boolean> absent;

  /** Tags whose digest is known from a HEAD while the manifest is not here yet. */
  private final Cache<ContentKey, Set<Tag>> promised =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofMinutes(10)).build();

  private final Cache<ContentKey, Referrers> referrers =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofMinutes(1)).build();

  /**
   * @param workers runs what blocks
   * @param maxSize bytes the store may have
   * @param copies says what tags mean without asking anybody; the client asks the same copies first
   */
  public PullThrough(
      Vertx vertx,
      RegistryClient client,
      ContentStore store,
      Executor workers,
      Freshness freshness,
      long maxSize,
      LockedCopies copies,
      BufferBudget budget,
      ProxyMetrics metrics) {
    this.vertx = vertx;
    this.client = client;
    this.store = store;
    this.workers = workers;
    this.tagFreshness = freshness.tags();
    this.revalidationMillis = freshness.revalidation().toMillis();
    this.absent =
        Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(freshness.absence()).build();
    this.maxSize = maxSize;
    this.copies = copies;
    this.budget = budget;
    this.metrics = metrics;
  }

  /** The answer that needs no waiting: a tag that is believed, of a manifest that is here. */
  public Optional<Answer> held(RepositoryId id, Tag tag) {
    Optional<Digest> locked = locked(id, tag);
    if (locked.isPresent()) {
      return held(id, locked.get());
    }
    StoredRepository repository = store.repositories().loaded(id).orElse(null);
    if (repository == null) {
      return Optional.empty();
    }
    TagState state = tagStates.getIfPresent(new TagKey(id, tag.value()));
    if (state == null || !state.believed()) {
      return Optional.empty();
    }
    String warning = state.warning;
    return repository.tag(tag.value()).flatMap(digest -> here(repository, digest, warning));
  }

  private Optional<Digest> locked(RepositoryId id, Tag tag) {
    return copies.isEmpty() ? Optional.empty() : copies.digest(upstream(id).tagged(tag));
  }

  /** A manifest by digest that is here. */
  public Optional<Answer> held(RepositoryId id, Digest digest) {
    return store.repositories().loaded(id).flatMap(repository -> here(repository, digest, null));
  }

  private Optional<Answer> here(
      StoredRepository repository, Digest digest, @Nullable String warning) {
    return repository
        .manifest(digest)
        .filter(manifest -> store.has(digest))
        .map(manifest -> new Answer(manifest, warning));
  }

  /**
   * What a tag means: what the lock says, or what upstream says, which is asked if that was not
   * done lately.
   *
   * @return empty where upstream has no such tag
   */
  public Future<Optional<Answer>> manifest(RepositoryId id, Tag tag) {
    Optional<Digest> locked = locked(id, tag);
    if (locked.isPresent()) {
      return manifest(id, locked.get(), Set.of(tag));
    }
    return repository(id)
        .compose(
            repository -> {
              Optional<Answer> believed = held(id, tag);
              if (believed.isPresent()) {
                return Future.succeededFuture(believed);
              }
              TagKey key = new TagKey(id, tag.value());
              TagState state = tagStates.get(key, unused -> new TagState());
              Optional<Answer> old =
                  repository.tag(tag.value()).flatMap(digest -> here(repository, digest, null));
              if (old.isEmpty() && absent.getIfPresent(key) != null) {
                return Future.succeededFuture(Optional.<Answer>empty());
              }
              Promise<Optional<Answer>> promise = Promise.promise();
              synchronized (state) {
                if (state.running != null) {
                  // Somebody is asking already; who has an answer does not wait for it.
                  return old.isPresent()
                      ? Future.succeededFuture(old)
                      : Objects.requireNonNull(state.running);
                }
                state.running = promise.future();
              }
              ask(repository, tag, key, state, old)
                  .onComplete(
                      result -> {
                        synchronized (state) {
                          state.running = null;
                        }
                        promise.handle(result);
                      });
              return old.isPresent()
                  ? notLongerThan(promise.future(), id, tag, state, old.get())
                  : promise.future();
            });
  }

  private Future<Optional<Answer>> notLongerThan(
      Future<Optional<Answer>> asked, RepositoryId id, Tag tag, TagState state, Answer old) {
    Promise<Optional<Answer>> first = Promise.promise();
    long timer =
        vertx.setTimer(
            revalidationMillis,
            unused -> {
              Answer stale = stale(id, tag, state, old, "upstream does not answer");
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

  private Future<Optional<Answer>> ask(
      StoredRepository repository, Tag tag, TagKey key, TagState state, Optional<Answer> old) {
    RepositoryId id = repository.id();
    return client
        .find(upstream(id).tagged(tag))
        .compose(
            found -> {
              if (found.isEmpty()) {
                return gone(repository, tag, key);
              }
              Digest digest = found.get().digest();
              Optional<Answer> here = here(repository, digest, null);
              if (here.isPresent()) {
                return onWorker(
                    () -> {
                      repository.moveTag(tag, digest);
                      state.believe(tagFreshness, null);
                      return here;
                    });
              }
              return fetch(id, digest, Set.of(tag))
                  .onSuccess(done -> state.believe(tagFreshness, null));
            })
        .recover(
            cause -> {
              boolean excused =
                  cause instanceof StoreException
                      || (cause instanceof RegistryException failure && failure.temporary());
              if (old.isEmpty() || !excused) {
                return Future.failedFuture(cause);
              }
              return Future.succeededFuture(
                  Optional.of(
                      stale(id, tag, state, old.get(), String.valueOf(cause.getMessage()))));
            });
  }

  private Future<Optional<Answer>> gone(StoredRepository repository, Tag tag, TagKey key) {
    absent.put(key, true);
    if (repository.tag(tag.value()).isEmpty()) {
      return Future.succeededFuture(Optional.empty());
    }
    LOG.log(Level.INFO, "{0}:{1} is gone upstream; its content is kept", repository.id(), tag);
    return onWorker(
        () -> {
          repository.removeTag(tag.value());
          return Optional.empty();
        });
  }

  private Answer stale(RepositoryId id, Tag tag, TagState state, Answer old, String why) {
    metrics.staleServed();
    String warning =
        "%s:%s is served from the cache, upstream could not be asked: %s".formatted(id, tag, why);
    LOG.log(Level.WARNING, warning);
    state.believe(
        AFTER_FAILURE.compareTo(tagFreshness) < 0 ? AFTER_FAILURE : tagFreshness, warning);
    return new Answer(old.manifest(), warning);
  }

  /** What a HEAD for a tag that is not here can be answered with; nothing is fetched. */
  public Future<Optional<Descriptor>> describe(RepositoryId id, Tag tag) {
    Optional<Digest> locked = locked(id, tag);
    if (locked.isPresent()) {
      return client.find(upstream(id).at(locked.get()));
    }
    TagKey key = new TagKey(id, tag.value());
    if (absent.getIfPresent(key) != null) {
      return Future.succeededFuture(Optional.empty());
    }
    return client
        .find(upstream(id).tagged(tag))
        .onSuccess(
            found -> {
              if (found.isEmpty()) {
                absent.put(key, true);
                return;
              }
              promised
                  .get(
                      new ContentKey(id, found.get().digest()),
                      unused -> ConcurrentHashMap.newKeySet())
                  .add(tag);
            });
  }

  /**
   * A manifest by digest.
   *
   * @return empty where upstream does not have it
   */
  public Future<Optional<Answer>> manifest(RepositoryId id, Digest digest) {
    return manifest(id, digest, Set.of());
  }

  private Future<Optional<Answer>> manifest(RepositoryId id, Digest digest, Set<Tag> tags) {
    return repository(id)
        .compose(
            repository -> {
              Optional<Answer> here = here(repository, digest, null);
              return here.isPresent() ? Future.succeededFuture(here) : fetch(id, digest, tags);
            });
  }

  private Future<Optional<Answer>> fetch(RepositoryId id, Digest digest, Set<Tag> tags) {
    ContentKey key = new ContentKey(id, digest);
    if (absent.getIfPresent(key) != null) {
      return Future.succeededFuture(Optional.empty());
    }
    tags.forEach(tag -> promised.get(key, unused -> ConcurrentHashMap.newKeySet()).add(tag));
    Promise<Optional<Answer>> promise = Promise.promise();
    Future<Optional<Answer>> running = manifestFetches.putIfAbsent(key, promise.future());
    if (running != null) {
      metrics.coalesced();
      return running;
    }
    metrics.miss("manifest");
    client
        .findManifest(upstream(id).at(digest))
        .compose(found -> found.isEmpty() ? absent(key) : onWorker(() -> keep(key, found.get())))
        .onComplete(
            result -> {
              manifestFetches.remove(key);
              promise.handle(result);
            });
    return promise.future();
  }

  private Future<Optional<Answer>> absent(ContentKey key) {
    absent.put(key, true);
    return Future.succeededFuture(Optional.empty());
  }

  private Optional<Answer> keep(ContentKey key, RawManifest raw) {
    Set<Tag> tags = promised.getIfPresent(key);
    StoredRepository repository = store.repositories().open(key.repository());
    Manifest parsed = parse(key, raw);
    StoredManifest manifest;
    try {
      manifest = repository.put(raw, parsed, tags == null ? List.of() : List.copyOf(tags));
    } catch (StoreException e) {
      LOG.log(Level.ERROR, "{0} was not kept: {1}", key.digest(), e.getMessage());
      metrics.passedThrough();
      return Optional.of(new Answer(StoredManifest.of(raw, parsed), null, raw));
    }
    if (tags != null) {
      promised.invalidate(key);
      tags.forEach(
          tag ->
              tagStates
                  .get(new TagKey(key.repository(), tag.value()), unused -> new TagState())
                  .believe(tagFreshness, null));
    }
    return Optional.of(new Answer(manifest, null));
  }

  private static Manifest parse(ContentKey key, RawManifest raw) {
    try {
      return raw.parse();
    } catch (MalformedException e) {
      // The client asked for nothing wrong: this is what upstream has.
      throw RegistryException.of(
              ErrorCode.CORRUPT,
              "GET " + upstream(key.repository()).at(key.digest()),
              "not a manifest: " + e.getMessage())
          .withCause(e);
    }
  }

  /** Whether a blob of the store may be served as this repository's, asking upstream if need be. */
  public Future<Boolean> knows(RepositoryId id, Digest digest) {
    return repository(id)
        .compose(
            repository -> {
              if (repository.knows(digest)) {
                return Future.succeededFuture(true);
              }
              return client
                  .findBlob(upstream(id), digest)
                  .compose(
                      size ->
                          size.isEmpty()
                              ? Future.succeededFuture(false)
                              : onWorker(
                                  () -> {
                                    repository.linkBlob(digest);
                                    return true;
                                  }));
            });
  }

  /** The size of a blob that is not here, by HEAD; empty where upstream does not have it. */
  public Future<Optional<Long>> size(RepositoryId id, Digest digest) {
    BlobFill fill = fills.get(digest);
    if (fill != null && fill.repository().equals(id) && fill.started().succeeded()) {
      return fill.started().map(start -> Optional.of(start.total()));
    }
    return client
        .findBlob(upstream(id), digest)
        .compose(
            found ->
                found.isPresent() && found.get() < 0
                    ? sizeByFetching(id, digest)
                    : Future.succeededFuture(found));
  }

  /** Some registries do not say in a HEAD how long a blob is; clients cannot do without. */
  private Future<Optional<Long>> sizeByFetching(RepositoryId id, Digest digest) {
    return fill(id, digest)
        .compose(
            begun -> {
              if (begun.isEmpty()) {
                return Future.succeededFuture(store.find(digest).map(StoredContent::size));
              }
              BlobFill fill = begun.get();
              return fill.started()
                  .map(start -> Optional.of(start.total()))
                  .onComplete(done -> fill.release());
            });
  }

  /**
   * The fetch of a blob that is not here: the one that runs, or a new one. It stays readable from
   * its first byte until the caller {@linkplain BlobFill#follow follows} or {@linkplain
   * BlobFill#release leaves} it. A fetch for another repository is joined only after upstream said
   * that this one has the blob too.
   *
   * @return empty where the blob came into the store meanwhile and is this repository's
   */
  public Future<Optional<BlobFill>> fill(RepositoryId id, Digest digest) {
    return fill(id, digest, false);
  }

  /**
   * @param known whether the repository was already found to have the blob
   */
  private Future<Optional<BlobFill>> fill(RepositoryId id, Digest digest, boolean known) {
    Optional<Future<Optional<BlobFill>>> joined = join(id, digest, known);
    if (joined.isPresent()) {
      return joined.get();
    }
    Promise<Optional<BlobFill>> promise = Promise.promise();
    FillAttempt own = new FillAttempt(id, promise.future());
    FillAttempt other = beginning.putIfAbsent(digest, own);
    if (other != null) {
      if (known || other.repository().equals(id)) {
        return other
            .fill()
            .compose(
                begun -> {
                  if (begun.isPresent() && !begun.get().retain()) {
                    return fill(id, digest, known);
                  }
                  metrics.coalesced();
                  return Future.succeededFuture(begun);
                });
      }
      return other.fill().transform(done -> fill(id, digest, false));
    }
    // A fetch that ran a moment ago may have come to its end before this one was let in.
    joined = join(id, digest, known);
    Future<Optional<BlobFill>> found;
    if (joined.isPresent()) {
      // Nothing is begun, and what follows must not come to wait for itself.
      beginning.remove(digest, own);
      found = joined.get();
    } else if (store.has(digest)) {
      found =
          (known ? Future.succeededFuture(true) : knows(id, digest))
              .compose(here -> here ? Future.succeededFuture(Optional.empty()) : begin(id, digest));
    } else {
      found = begin(id, digest);
    }
    found.onComplete(
        result -> {
          beginning.remove(digest, own);
          promise.handle(result);
        });
    return promise.future();
  }

  /** The fetch that runs, held for the caller; empty where none runs that can be joined. */
  private Optional<Future<Optional<BlobFill>>> join(RepositoryId id, Digest digest, boolean known) {
    BlobFill running = fills.get(digest);
    if (running == null || !running.joinable()) {
      return Optional.empty();
    }
    if (known || running.repository().equals(id)) {
      if (!running.retain()) {
        return Optional.empty();
      }
      metrics.coalesced();
      return Optional.of(Future.succeededFuture(Optional.of(running)));
    }
    return Optional.of(
        knows(id, digest)
            .compose(
                here ->
                    here
                        ? fill(id, digest, true)
                        : Future.failedFuture(
                            RegistryException.of(ErrorCode.BLOB_UNKNOWN, "no blob " + digest)
                                .withStatus(404))));
  }

  private Future<Optional<BlobFill>> begin(RepositoryId id, Digest digest) {
    metrics.miss("blob");
    return repository(id)
        .compose(
            repository ->
                onWorker(() -> newFill(id, digest))
                    .map(created -> Optional.of(begin(repository, created))));
  }

  private record NewFill(BlobFill fill, @Nullable Ingest ingest) {}

  private NewFill newFill(RepositoryId id, Digest digest) throws IOException {
    Ingest ingest;
    try {
      ingest = store.beginVerified();
    } catch (StoreException e) {
      LOG.log(Level.ERROR, "{0} is passed on without being kept: {1}", digest, e.getMessage());
      metrics.passedThrough();
      return new NewFill(new BlobFill(vertx, workers, id, digest, budget, null), null);
    }
    return new NewFill(new BlobFill(vertx, workers, id, digest, budget, ingest), ingest);
  }

  private BlobFill begin(StoredRepository repository, NewFill created) {
    BlobFill fill = created.fill();
    Ingest ingest = created.ingest();
    Digest digest = fill.digest();
    // Before the first byte can come: this is whom it is begun for.
    fill.retain();
    fills.put(digest, fill);
    Repository source = upstream(repository.id());
    Optional<Descriptor> described = repository.described(digest);
    Future<Void> fetched =
        described.isPresent()
            ? client.fetchBlob(
                source, described.get(), ByteRange.ALL, start -> new StreamSink(fill.open(start)))
            : client.fetchBlob(
                source, digest, ByteRange.ALL, start -> new StreamSink(fill.open(start)));
    fetched
        .compose(done -> fill.flushed())
        .compose(flushed -> onWorker(() -> keep(repository, fill, ingest)))
        .onComplete(
            result -> {
              if (result.failed()) {
                failed(repository.id(), fill, ingest, result.cause());
              }
              fills.remove(digest, fill);
              fill.finish();
              fill.settle();
            });
    return fill;
  }

  private boolean keep(StoredRepository repository, BlobFill fill, @Nullable Ingest ingest) {
    if (ingest == null) {
      return false;
    }
    if (fill.isPassThrough() || ingest.received() > maxSize) {
      metrics.passedThrough();
      ingest.abort();
      return false;
    }
    try {
      // The registry client gave out the last byte when the digest was right, and each byte once.
      ingest.commitVerified(fill.digest(), fill.size());
    } catch (StoreException e) {
      // Readers have all bytes; only the copy is lost.
      LOG.log(Level.ERROR, "{0} was not kept: {1}", fill.digest(), e.getMessage());
      metrics.passedThrough();
      return false;
    }
    metrics.stored(ingest.received());
    if (repository.described(fill.digest()).isEmpty()) {
      repository.linkBlob(fill.digest());
    }
    if (store.bytes() > maxSize) {
      // Down to a little less, so that not every pull has to look for room.
      store.evictTo(maxSize - maxSize / 20);
    }
    return true;
  }

  private void failed(RepositoryId id, BlobFill fill, @Nullable Ingest ingest, Throwable cause) {
    boolean absence = cause instanceof RegistryException failure && failure.code().isAbsence();
    if (!absence) {
      LOG.log(Level.WARNING, "{0}: {1}: {2}", id, fill.digest(), cause.getMessage());
      if (cause instanceof RegistryException failure && failure.code() == ErrorCode.CORRUPT) {
        metrics.corruptUpstream();
      }
    }
    fill.fail(cause);
    if (ingest != null) {
      onWorker(
              () -> {
                ingest.abort();
                return true;
              })
          .onFailure(
              e -> LOG.log(Level.WARNING, "{0} leaves a temporary file: {1}", fill.digest(), e));
    }
  }

  /** A part of a blob straight from upstream, for who is far ahead of the fetch. */
  public Future<Void> range(RepositoryId id, Digest digest, ByteRange range, BlobSink sink) {
    return client.fetchBlob(upstream(id), digest, range, sink);
  }

  /**
   * Tags upstream has; those known here, with a warning, where it cannot be asked.
   *
   * @param tags in order; may grow while it is read
   * @param warning said where the list may be out of date
   */
  public record TagList(NavigableSet<String> tags, @Nullable String warning) {}

  /** All tags of a repository. */
  public Future<TagList> tags(RepositoryId id) {
    return repository(id)
        .compose(
            repository ->
                client
                    .tags(upstream(id))
                    .map(PullThrough::inOrder)
                    .recover(
                        cause -> {
                          boolean temporary =
                              cause instanceof RegistryException failure && failure.temporary();
                          if (!temporary || repository.tags().isEmpty()) {
                            return Future.failedFuture(cause);
                          }
                          metrics.staleServed();
                          return Future.succeededFuture(
                              new TagList(
                                  repository.tags().navigableKeySet(),
                                  "only tags in the cache, upstream could not be asked: "
                                      + cause.getMessage()));
                        }));
  }

  private static TagList inOrder(List<Tag> tags) {
    NavigableSet<String> values = new TreeSet<>();
    tags.forEach(tag -> values.add(tag.value()));
    return new TagList(values, null);
  }

  /** What refers to a digest upstream; what is known here where it cannot be asked. */
  public Future<List<Descriptor>> referrers(RepositoryId id, Digest subject) {
    ContentKey key = new ContentKey(id, subject);
    Referrers known = referrers.getIfPresent(key);
    if (known != null) {
      return Future.succeededFuture(known.descriptors());
    }
    return client
        .referrers(upstream(id), subject)
        .map(
            found -> {
              referrers.put(key, found);
              return found.descriptors();
            })
        .recover(
            cause ->
                cause instanceof RegistryException failure && failure.temporary()
                    ? repository(id)
                        .compose(repository -> onWorker(() -> repository.referrers(subject)))
                    : Future.failedFuture(cause));
  }

  /** The index of a repository, read from disk the first time. */
  public Future<StoredRepository> repository(RepositoryId id) {
    Optional<StoredRepository> loaded = store.repositories().loaded(id);
    return loaded.isPresent()
        ? Future.succeededFuture(loaded.get())
        : onWorker(() -> store.repositories().open(id));
  }

  /**
   * Done when everything that is on its way now, and whatever that leads to, is in the store or has
   * failed. Never fails.
   */
  public Future<Void> settled() {
    List<Future<?>> running = new ArrayList<>();
    beginning.values().forEach(each -> running.add(each.fill()));
    manifestFetches.values().forEach(running::add);
    fills.values().forEach(fill -> running.add(fill.done()));
    return running.isEmpty()
        ? Future.succeededFuture()
        : Future.join(running).transform(done -> settled());
  }

  /** Blobs on their way. */
  public int fillCount() {
    return fills.size();
  }

  /** Bytes of the blobs on their way that have come. */
  public long receivedBytes() {
    return fills.values().stream().mapToLong(BlobFill::received).sum();
  }

  /** Of those the bytes that are held in memory. */
  public long sharedBytes() {
    return fills.values().stream().mapToLong(BlobFill::sharedBytes).sum();
  }

  private <T> Future<T> onWorker(Callable<T> work) {
    Promise<T> promise = Promise.promise();
    try {
      workers.execute(
          () -> {
            try {
              promise.complete(work.call());
            } catch (Exception e) {
              promise.fail(e);
            }
          });
    } catch (RejectedExecutionException e) {
      // The server has been stopped.
      promise.fail(e);
    }
    return promise.future();
  }

  private static Repository upstream(RepositoryId id) {
    RegistryName registry = Objects.requireNonNull(id.upstream(), "a local repository");
    return new Repository(registry, id.path());
  }
}
