package io.entrepot.proxy.schedule;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs mirrors when they are due, one at a time in all. One that never ran, was interrupted, or was
 * due while the server was down runs at the start, once.
 */
public final class Scheduler {

  private static final Logger LOG = System.getLogger(Scheduler.class.getName());

  private static final Duration MOST_JITTER = Duration.ofMinutes(10);

  /** When images that wait for a quota are tried again, where nothing is due before. */
  private static final Duration REFILL = Duration.ofMinutes(30);

  private static final Duration HANDOVER_LIMIT = Duration.ofSeconds(60);

  /** How long a run that is stopped may take to write what is done. */
  private static final Duration STOPPING = Duration.ofSeconds(8);

  /** Sleeping longer would miss that the clock was set. */
  private static final Duration LONGEST_SLEEP = Duration.ofMinutes(1);

  /** An entry of a mirror that somebody asks to look at. */
  private record Look(String mirror, String only) {}

  private final List<MirrorJob> jobs;
  private final MirrorWork work;
  private final RunRecords records;
  private final Clock clock;
  private final DoubleSupplier random;
  private final Consumer<MirrorRun> listener;
  private final LockHandover handover = new LockHandover(HANDOVER_LIMIT);
  private final Map<String, Instant> due = new HashMap<>();
  private final Set<String> unhanded = new HashSet<>();

  /** Those whose first run is not by the clock. */
  private final Set<String> atStart = new HashSet<>();

  private final Set<Look> looks = new LinkedHashSet<>();
  private @Nullable Thread thread;
  private volatile boolean stopping;

  /**
   * @param directory where records are kept
   * @param random numbers from 0 to 1, which move runs apart
   * @param listener is told of each run that ended; it must not block for long
   */
  public Scheduler(
      List<MirrorJob> jobs,
      MirrorWork work,
      Path directory,
      Clock clock,
      DoubleSupplier random,
      Consumer<MirrorRun> listener) {
    this.jobs = List.copyOf(jobs);
    this.work = work;
    this.records = new RunRecords(directory);
    this.clock = clock;
    this.random = random;
    this.listener = listener;
  }

  /** The mirrors. */
  public List<MirrorJob> jobs() {
    return jobs;
  }

  /** Runs mirrors from now on. */
  public void start() {
    thread = Thread.ofVirtual().name("mirrors").start(this::loop);
  }

  /** Stops the run that goes on, if one does, and begins no other. Blocks for some seconds. */
  public void stop() {
    stopping = true;
    Thread running = thread;
    if (running != null) {
      running.interrupt();
      try {
        if (!running.join(STOPPING)) {
          LOG.log(Level.WARNING, "a run of a mirror does not end and is given up");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Has an entry of a mirror looked at soon. A look that already waits is not doubled: it will see
   * the last state.
   */
  public void look(MirrorJob job, String only) {
    synchronized (this) {
      looks.add(new Look(job.name(), only));
      notifyAll();
    }
  }

  private void loop() {
    while (!stopping) {
      try {
        Optional<Instant> next = runDue();
        pause(next);
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.log(Level.ERROR, "a mirror failed in a way that nobody thought of", e);
      }
    }
  }

  private synchronized void pause(Optional<Instant> until) throws InterruptedException {
    while (looks.isEmpty() && !stopping) {
      long left =
          until
              .map(time -> Duration.between(clock.instant(), time))
              .orElse(LONGEST_SLEEP)
              .toMillis();
      if (left <= 0) {
        return;
      }
      wait(Math.min(left, LONGEST_SLEEP.toMillis()));
    }
  }

  /**
   * Runs what is due now, one after the other.
   *
   * @return when something is due next; empty where nothing ever is
   */
  Optional<Instant> runDue() {
    for (Optional<Look> look = nextLook(); look.isPresent() && !stopping; look = nextLook()) {
      Look wanted = look.get();
      jobs.stream()
          .filter(job -> job.name().equals(wanted.mirror()))
          .findFirst()
          .ifPresent(job -> run(job, Trigger.HOOK, Optional.of(wanted.only())));
    }
    List<MirrorJob> now =
        jobs.stream()
            .filter(job -> !dueAt(job).isAfter(clock.instant()))
            .sorted(Comparator.comparing(this::dueAt))
            .toList();
    for (MirrorJob job : now) {
      if (!stopping) {
        run(job, atStart.remove(job.name()) ? Trigger.START : Trigger.SCHEDULE, Optional.empty());
      }
    }
    return jobs.stream().map(this::dueAt).min(Comparator.naturalOrder());
  }

  private synchronized Optional<Look> nextLook() {
    Optional<Look> first = looks.stream().findFirst();
    first.ifPresent(looks::remove);
    return first;
  }

  private Instant dueAt(MirrorJob job) {
    return due.computeIfAbsent(job.name(), name -> firstDue(job));
  }

  private Instant firstDue(MirrorJob job) {
    Instant now = clock.instant();
    if (records.isUnhanded(job)) {
      unhanded.add(job.name());
    }
    Optional<Instant> last = records.last(job);
    if (last.isPresent() && !records.isInterrupted(job)) {
      Instant next = job.timing().next(last.get());
      if (next.isAfter(now)) {
        return jittered(job, next);
      }
    }
    atStart.add(job.name());
    return now;
  }

  private Instant jittered(MirrorJob job, Instant time) {
    Duration tenth = Duration.between(time, job.timing().next(time)).dividedBy(10);
    Duration most = tenth.compareTo(MOST_JITTER) < 0 ? tenth : MOST_JITTER;
    return time.plusMillis((long) (random.getAsDouble() * most.toMillis()));
  }

  private void run(MirrorJob job, Trigger trigger, Optional<String> only) {
    Instant began = clock.instant();
    if (only.isEmpty()) {
      records.begin(job, began);
    }
    LOG.log(Level.INFO, "mirror {0} runs ({1})", job.name(), trigger.word());
    RunResult result;
    try {
      result = work.run(job, only);
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "mirror " + job.name() + " failed", e);
      result = new RunResult.Broken(String.valueOf(e.getMessage()));
    }
    boolean interrupted = Thread.interrupted();
    if (result instanceof RunResult.Broken(var reason)) {
      LOG.log(Level.ERROR, "mirror {0} did not run: {1}", job.name(), reason);
    }
    MirrorRun run =
        new MirrorRun(
            job, trigger, began, clock.instant(), result, interrupted ? "" : handOver(job, result));
    records.keep(run);
    tell(run);
    if (only.isEmpty()) {
      Instant next = jittered(job, job.timing().next(began));
      boolean postponed = result instanceof RunResult.Done done && done.postponed();
      Instant refilled = clock.instant().plus(REFILL);
      due.put(job.name(), postponed && refilled.isBefore(next) ? refilled : next);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void tell(MirrorRun run) {
    try {
      listener.accept(run);
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "nobody could be told of the run of " + run.job().name(), e);
    }
  }

  /** A lock that changed, or could not be handed over before, goes to the program. */
  private String handOver(MirrorJob job, RunResult result) {
    boolean changed = result instanceof RunResult.Done done && done.lockChanged();
    if (job.onLock().isEmpty() || !(changed || unhanded.contains(job.name()))) {
      return "";
    }
    String failure = handover.run(job);
    if (failure.isEmpty()) {
      unhanded.remove(job.name());
    } else {
      unhanded.add(job.name());
    }
    return failure;
  }

  /** What waits to be looked at, for tests of those who ask. */
  synchronized List<String> waiting() {
    return new ArrayList<>(looks).stream().map(Look::only).toList();
  }
}
