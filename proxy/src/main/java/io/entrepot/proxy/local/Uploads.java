package io.entrepot.proxy.local;

import io.entrepot.oci.Digest;
import io.entrepot.proxy.pull.BufferBudget;
import io.entrepot.proxy.pull.FileSink;
import io.entrepot.store.Ingest;
import io.entrepot.store.Store;
import io.entrepot.store.StoredContent;
import io.entrepot.store.StoredRepository;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/** Blobs being pushed. Sessions are files, so a restart does not end them. */
public final class Uploads {

  /** Sessions nobody wrote to for so long are forgotten. */
  public static final Duration MAX_AGE = Duration.ofHours(24);

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

    private boolean isOlderThan(Duration age) {
      return System.nanoTime() - lastUsed > age.toNanos();
    }
  }

  private final Executor workers;
  private final Store store;
  private final BufferBudget budget;
  private final Map<UUID, Session> sessions = new ConcurrentHashMap<>();
  private final Map<UUID, String> owners = new ConcurrentHashMap<>();

  /** Sessions of a store. */
  public Uploads(Executor workers, Store store, BufferBudget budget) {
    this.workers = workers;
    this.store = store;
    this.budget = budget;
  }

  /** Whether another session may be opened. */
  public boolean hasRoom() {
    return sessions.size() < MAX_OPEN;
  }

  /** Opens a session; blocks. */
  public Session create(String repository) {
    UUID id = UUID.randomUUID();
    Session session = new Session(id, store.uploads().create(id, repository));
    owners.put(id, repository);
    sessions.put(id, session);
    return session;
  }

  /** A session of this repository, resumed if an earlier process opened it; blocks. */
  public Optional<Session> find(UUID id, String repository) {
    Session present = sessions.get(id);
    if (present != null) {
      return repository.equals(owners.get(id)) ? Optional.of(present) : Optional.empty();
    }
    synchronized (this) {
      if (sessions.containsKey(id)) {
        return find(id, repository);
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
  }

  /** Where the bytes of a request go. */
  public FileSink sink(Session session) {
    return new FileSink(workers, session.ingest, budget, bytes -> {});
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
      if (session.isOlderThan(age) && session.take()) {
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
