package io.entrepot.proxy.local;

import io.entrepot.concurrent.SingleFlight;
import io.entrepot.oci.Digest;
import io.entrepot.proxy.pull.BufferBudget;
import io.entrepot.proxy.pull.FileSink;
import io.entrepot.proxy.pull.Workers;
import io.entrepot.store.Ingest;
import io.entrepot.store.Store;
import io.entrepot.store.StoredContent;
import io.entrepot.store.StoredRepository;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** Blobs being pushed. Sessions are files, so a restart does not end them. */
public final class Uploads {

  /** Sessions nobody wrote to for so long are forgotten. */
  public static final Duration MAX_AGE = Duration.ofHours(24);

  /** Sessions without a byte are forgotten sooner: whoever opens one has something to send. */
  public static final Duration MAX_EMPTY = Duration.ofMinutes(15);

  /** Sessions open at a time; more are refused until some end. */
  public static final int MAX_OPEN = 4096;

  /** One upload. */
  public static final class Session {
    private final UUID id;
    private final Ingest ingest;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile long lastUsed = System.nanoTime();

    private Session(UUID id, Ingest ingest) {
      this.id = id;
      this.ingest = ingest;
    }

    /** The identifier in its address. */
    public UUID id() {
      return id;
    }

    /** Bytes received. */
    public long received() {
      return ingest.received();
    }

    /** Takes the session for one request; false where another has it. */
    public boolean take() {
      return busy.compareAndSet(false, true);
    }

    /** Gives it back. */
    public void release() {
      lastUsed = System.nanoTime();
      busy.set(false);
    }

    private long idleSince() {
      return lastUsed;
    }

    private boolean isOlderThan(Duration age) {
      return System.nanoTime() - lastUsed > age.toNanos();
    }
  }

  private record Resumption(UUID id, String repository) {}

  private final Workers workers;
  private final SingleFlight<Resumption, Optional<Session>> resumptions = new SingleFlight<>();
  private final Store store;
  private final BufferBudget budget;
  private final Map<UUID, Session> sessions = new ConcurrentHashMap<>();
  private final Map<UUID, String> owners = new ConcurrentHashMap<>();

  /** Sessions of a store. */
  public Uploads(Workers workers, Store store, BufferBudget budget) {
    this.workers = workers;
    this.store = store;
    this.budget = budget;
  }

  /**
   * Opens a session; the one that waited longest for its first byte makes room. Blocks.
   *
   * @return empty where too many receive bytes
   */
  public Optional<Session> create(String repository) {
    if (sessions.size() >= MAX_OPEN && !makeRoom()) {
      return Optional.empty();
    }
    UUID id = UUID.randomUUID();
    Session session = new Session(id, store.uploads().create(id, repository));
    owners.put(id, repository);
    sessions.put(id, session);
    return Optional.of(session);
  }

  private boolean makeRoom() {
    Optional<Session> oldest =
        sessions.values().stream()
            .filter(session -> session.received() == 0)
            .min(Comparator.comparingLong(Session::idleSince));
    if (oldest.isEmpty() || !oldest.get().take()) {
      return false;
    }
    cancel(oldest.get());
    return true;
  }

  /**
   * A session of this repository, resumed if an earlier process opened it. Resuming reads all that
   * was received; each session is resumed once, however many ask, and none waits for another.
   */
  public Future<Optional<Session>> find(UUID id, String repository) {
    Session present = sessions.get(id);
    return present == null
        ? resumptions.run(
            new Resumption(id, repository), () -> workers.run(() -> resume(id, repository)))
        : Future.succeededFuture(ofRepository(present, repository));
  }

  private Optional<Session> ofRepository(Session session, String repository) {
    return repository.equals(owners.get(session.id)) ? Optional.of(session) : Optional.empty();
  }

  private Optional<Session> resume(UUID id, String repository) {
    Session present = sessions.get(id);
    if (present != null) {
      return ofRepository(present, repository);
    }
    return store
        .uploads()
        .resume(id, repository)
        .map(
            ingest -> {
              Session session = new Session(id, ingest);
              owners.put(id, repository);
              sessions.put(id, session);
              return session;
            });
  }

  /** Where the bytes of a request go. */
  public FileSink sink(Session session) {
    return new FileSink(workers.threads(), session.ingest, budget, bytes -> {});
  }

  /** Makes the content durable, then known to the repository; blocks. */
  public StoredContent finish(Session session, Digest digest, StoredRepository repository) {
    try {
      StoredContent content = session.ingest.commit(digest, -1);
      repository.linkBlob(digest);
      return content;
    } finally {
      forget(session);
    }
  }

  /** Drops what was received; blocks. */
  public void cancel(Session session) {
    session.ingest.abort();
    forget(session);
  }

  private void forget(Session session) {
    sessions.remove(session.id);
    owners.remove(session.id);
    store.uploads().remove(session.id);
  }

  /** Forgets sessions that are too old; blocks. */
  public void purge() {
    purge(MAX_AGE);
  }

  /** Forgets sessions to which nobody wrote for so long; blocks. */
  public void purge(Duration age) {
    for (Session session : List.copyOf(sessions.values())) {
      boolean old =
          session.isOlderThan(age) || (session.received() == 0 && session.isOlderThan(MAX_EMPTY));
      if (old && session.take()) {
        cancel(session);
      }
    }
    // Those of earlier processes have only their files' times; a clock that jumps ends none of
    // ours.
    store.uploads().removeOlderThan(age, Set.copyOf(sessions.keySet()));
  }

  /** Closes the files and leaves them for the next process; blocks. */
  public void suspend() {
    sessions.values().forEach(session -> session.ingest.suspend());
    sessions.clear();
    owners.clear();
  }
}
