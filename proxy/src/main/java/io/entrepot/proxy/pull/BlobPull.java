package io.entrepot.proxy.pull;

import io.entrepot.concurrent.SingleFlight;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.proxy.metrics.ProxyMetrics;
import io.entrepot.registry.BlobSink;
import io.entrepot.registry.ByteRange;
import io.entrepot.registry.ByteSink;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import io.entrepot.store.Eviction;
import io.entrepot.store.Ingest;
import io.entrepot.store.RepositoryId;
import io.entrepot.store.Store;
import io.entrepot.store.StoreException;
import io.entrepot.store.StoredContent;
import io.entrepot.store.StoredRepository;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Blobs from upstream: each is fetched once, and goes to everyone who asks meanwhile. */
public final class BlobPull {

  private static final Logger LOG = System.getLogger(BlobPull.class.getName());

  /** Fetches from one upstream at a time; the client has 32 connections to a host. */
  private static final int FETCHES_EACH = 28;

  /** Fetches from all upstreams at a time. */
  private static final int FETCHES_ALL = 96;

  /** Ranges far ahead of their fetch that are read from one upstream at a time. */
  private static final int FAR_RANGES = 4;

  /** How long a fetch goes on for nobody. */
  private static final Duration GRACE = Duration.ofSeconds(15);

  private final RegistryClient client;
  private final Store store;
  private final RepositoryLoader repositories;
  private final Workers workers;
  private final Eviction eviction;
  private final boolean guarded;
  private final BufferBudget budget;
  private final ProxyMetrics metrics;
  private final Vertx vertx;
  private final FetchSlots slots = new FetchSlots(FETCHES_EACH, FETCHES_ALL);
  private final FetchSlots farRanges = new FetchSlots(FAR_RANGES, 4 * FAR_RANGES);
  private final Map<Digest, BlobFill> fills = new ConcurrentHashMap<>();
  private final SingleFlight<Digest, FillAttempt> attempts = new SingleFlight<>();

  /**
   * @param eviction says what may be kept and makes room
   */
  BlobPull(
      Vertx vertx,
      RegistryClient client,
      Store store,
      RepositoryLoader repositories,
      Workers workers,
      Eviction eviction,
      boolean guarded,
      BufferBudget budget,
      ProxyMetrics metrics) {
    this.vertx = vertx;
    this.client = client;
    this.store = store;
    this.repositories = repositories;
    this.workers = workers;
    this.eviction = eviction;
    this.guarded = guarded;
    this.budget = budget;
    this.metrics = metrics;
  }

  /**
   * Whether content of the store may be served as this repository's without asking upstream. A
   * manifest may list anything: where names have rights, being listed is no proof of being there.
   */
  public boolean isKnown(StoredRepository repository, Digest digest) {
    return guarded
        ? repository.hasBlob(digest) || repository.manifest(digest).isPresent()
        : repository.knows(digest);
  }

  /** As {@link #isKnown}; upstream is asked by HEAD if need be. */
  public Future<Boolean> knows(RepositoryId id, Digest digest) {
    return repositories
        .load(id)
        .compose(
            repository -> {
              if (isKnown(repository, digest)) {
                return Future.succeededFuture(true);
              }
              return client
                  .findBlob(UpstreamRepository.of(id), digest)
                  .compose(
                      size ->
                          size.isEmpty()
                              ? Future.succeededFuture(false)
                              : workers.run(
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
        .findBlob(UpstreamRepository.of(id), digest)
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
                return Future.succeededFuture(
                    store.contents().find(digest).map(StoredContent::size));
              }
              BlobFill fill = begun.get();
              return fill.started()
                  .map(start -> Optional.of(start.total()))
                  .onComplete(done -> fill.release());
            });
  }

  /**
   * The fetch of a blob that is not here: the one that runs, or a new one. It stays readable from
   * its first byte until the caller {@linkplain #from follows} or {@linkplain BlobFill#release
   * releases} it. A fetch for another repository is joined only after upstream said that this one
   * has the blob too.
   *
   * @return empty where the blob came into the store meanwhile and is this repository's
   */
  public Future<Optional<BlobFill>> fill(RepositoryId id, Digest digest) {
    return fill(id, digest, false);
  }

  /**
   * A fetch that was begun, was found to be needless, or could not be begun.
   *
   * @param fill null where the blob is in the store, or where it failed
   */
  private record FillAttempt(
      RepositoryId repository, @Nullable BlobFill fill, @Nullable Throwable failure) {

    static FillAttempt of(BlobFill fill) {
      return new FillAttempt(fill.repository(), fill, null);
    }

    Future<Optional<BlobFill>> outcome() {
      return failure == null
          ? Future.succeededFuture(Optional.ofNullable(fill))
          : Future.failedFuture(failure);
    }
  }

  /**
   * @param known whether the repository was already found to have the blob
   */
  private Future<Optional<BlobFill>> fill(RepositoryId id, Digest digest, boolean known) {
    BlobFill running = joinable(digest);
    if (running != null) {
      return join(running, id, known);
    }
    AtomicBoolean own = new AtomicBoolean();
    return attempts
        .run(
            digest,
            () -> {
              // A fetch that ran a moment ago may have come to its end before this one was let in.
              BlobFill other = joinable(digest);
              if (other != null) {
                return Future.succeededFuture(FillAttempt.of(other));
              }
              own.set(true);
              return attempt(id, digest, known)
                  .otherwise(failure -> new FillAttempt(id, null, failure));
            })
        .compose(
            attempt -> {
              if (own.get()) {
                return attempt.outcome();
              }
              if (attempt.fill() != null) {
                return join(attempt.fill(), id, known);
              }
              return attempt.repository().equals(id) ? attempt.outcome() : fill(id, digest, known);
            });
  }

  private @Nullable BlobFill joinable(Digest digest) {
    BlobFill running = fills.get(digest);
    return running != null && running.joinable() ? running : null;
  }

  /** The fetch that runs, held for the caller once it is known that the repository has the blob. */
  private Future<Optional<BlobFill>> join(BlobFill running, RepositoryId id, boolean known) {
    Digest digest = running.digest();
    if (known || running.repository().equals(id)) {
      if (!running.retain()) {
        return fill(id, digest, known);
      }
      metrics.coalesced();
      running.started().onSuccess(start -> metrics.saved(start.total()));
      return Future.succeededFuture(Optional.of(running));
    }
    return knows(id, digest)
        .compose(here -> here ? fill(id, digest, true) : Future.failedFuture(unknown(digest)));
  }

  private static RegistryException unknown(Digest digest) {
    return RegistryException.of(ErrorCode.BLOB_UNKNOWN, "no blob " + digest).withStatus(404);
  }

  private Future<FillAttempt> attempt(RepositoryId id, Digest digest, boolean known) {
    if (!store.contents().has(digest)) {
      return begin(id, digest);
    }
    return (known ? Future.succeededFuture(true) : knows(id, digest))
        .compose(
            here ->
                here ? Future.succeededFuture(new FillAttempt(id, null, null)) : begin(id, digest));
  }

  private Future<FillAttempt> begin(RepositoryId id, Digest digest) {
    metrics.miss("blob");
    return repositories
        .load(id)
        .compose(
            repository ->
                workers
                    .run(() -> newFill(id, digest))
                    .map(created -> FillAttempt.of(begin(repository, created))));
  }

  private record NewFill(BlobFill fill, @Nullable Ingest ingest) {}

  private NewFill newFill(RepositoryId id, Digest digest) throws IOException {
    Ingest ingest;
    try {
      ingest = store.contents().beginVerified();
    } catch (StoreException e) {
      LOG.log(Level.ERROR, "{0} is passed on without being kept: {1}", digest, e.getMessage());
      metrics.passedThrough();
      return new NewFill(
          new BlobFill(workers.threads(), id, digest, budget, null, this::unattended), null);
    }
    return new NewFill(
        new BlobFill(workers.threads(), id, digest, budget, ingest, this::unattended), ingest);
  }

  private BlobFill begin(StoredRepository repository, NewFill created) {
    BlobFill fill = created.fill();
    Ingest ingest = created.ingest();
    Digest digest = fill.digest();
    // Before the first byte can come: this is whom it is begun for.
    fill.retain();
    fills.put(digest, fill);
    RegistryName upstream = UpstreamRepository.of(repository.id()).registry();
    Future<Void> turn = slots.acquire(upstream);
    if (!turn.isComplete()) {
      // Fetches for nobody make room for those that somebody waits for.
      fills.values().stream().filter(BlobFill::isUnattended).forEach(BlobPull::abandon);
    }
    turn.compose(begun -> fetch(repository, fill).onComplete(fetched -> slots.release(upstream)))
        .compose(done -> fill.flushed())
        .compose(flushed -> workers.run(() -> keep(repository, fill, ingest)))
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

  /** Content that cannot stay beside what is on its way is passed on and never lies on the disk. */
  private ByteSink open(BlobFill fill, BlobSink.BlobStart start) {
    long onTheWay =
        fills.values().stream()
            .filter(each -> each.isKept() && each.started().succeeded())
            .mapToLong(BlobFill::size)
            .sum();
    if (!eviction.admits(onTheWay + start.total())) {
      fill.passOn();
    }
    return fill.open(start);
  }

  private Future<Void> fetch(StoredRepository repository, BlobFill fill) {
    if (fill.isUnattended() && fill.abandon()) {
      // Whoever wanted it left while it waited for its turn.
      return SingleFlight.attempt(
          () -> {
            fill.requireWanted();
            return Future.succeededFuture();
          });
    }
    BlobSink sink = start -> open(fill, start);
    Repository source = UpstreamRepository.of(repository.id());
    return repository
        .described(fill.digest())
        .map(described -> client.fetchBlob(source, described, ByteRange.ALL, sink))
        .orElseGet(() -> client.fetchBlob(source, fill.digest(), ByteRange.ALL, sink));
  }

  /** Nobody waits for a fetch now; somebody may come again. */
  private void unattended(BlobFill fill) {
    RegistryName upstream = UpstreamRepository.of(fill.repository()).registry();
    if (slots.isContended(upstream)) {
      abandon(fill);
    } else {
      vertx.setTimer(GRACE.toMillis(), unused -> abandon(fill));
    }
  }

  private static void abandon(BlobFill fill) {
    if (!fill.isNearlyDone() && fill.abandon()) {
      LOG.log(Level.DEBUG, "{0} is given up: nobody waits for it", fill.digest());
    }
  }

  private boolean keep(StoredRepository repository, BlobFill fill, @Nullable Ingest ingest) {
    if (ingest == null) {
      return false;
    }
    if (!fill.isKept() || !eviction.admits(ingest.received())) {
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
    if (guarded || repository.described(fill.digest()).isEmpty()) {
      repository.linkBlob(fill.digest());
    }
    eviction.makeRoom();
    return true;
  }

  private void failed(RepositoryId id, BlobFill fill, @Nullable Ingest ingest, Throwable cause) {
    boolean absence = cause instanceof RegistryException failure && failure.code().isAbsence();
    if (!absence && !(cause instanceof BlobFill.AbandonedException)) {
      LOG.log(Level.WARNING, "{0}: {1}: {2}", id, fill.digest(), cause.getMessage());
      metrics.failed(UpstreamRepository.of(id).registry(), cause);
      if (cause instanceof RegistryException failure && failure.code() == ErrorCode.CORRUPT) {
        metrics.corruptUpstream();
      }
    }
    fill.fail(cause);
    if (ingest != null) {
      workers
          .run(
              () -> {
                ingest.abort();
                return true;
              })
          .onFailure(
              e -> LOG.log(Level.WARNING, "{0} leaves a temporary file: {1}", fill.digest(), e));
    }
  }

  /**
   * Where a client that holds a fetch gets its bytes: from the fetch, or, far ahead of it, from
   * upstream. Takes the hold over.
   */
  public LiveBody from(BlobFill fill, long position) {
    return position <= fill.received() + FarRange.FAR_AHEAD
        ? new FollowedFill(fill)
        : new FarRange(vertx, client, fill, farRanges);
  }

  /** Done when what is being fetched now has come or has failed; never fails. */
  Future<Void> settled() {
    List<Future<?>> running = new ArrayList<>();
    running.add(attempts.settled());
    fills.values().forEach(fill -> running.add(fill.done()));
    return Future.join(running).transform(done -> Future.succeededFuture());
  }

  boolean isIdle() {
    return fills.isEmpty() && attempts.running() == 0;
  }

  /** Blobs on their way, as far as they have come. */
  public List<FillProgress> progress() {
    return fills.values().stream().map(FillProgress::of).toList();
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
}
