package io.entrepot.mirror;

import io.entrepot.concurrent.Parallel;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockedImage;
import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.mirror.PlannedImage.Verdict;
import io.entrepot.oci.RegistryName;
import io.entrepot.registry.RegistryClient;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/**
 * Copies images between registries: a plan first, then the run. Blocks the calling thread.
 *
 * <p>One instance serves one run; what planning learned the run does not ask again.
 */
public final class Mirror {

  private final MirrorSession session;
  private final MirrorListener listener;

  /** Reads and writes through {@code client}, which the caller closes. */
  public Mirror(RegistryClient client, MirrorOptions options, MirrorListener listener) {
    this(client, client, options, listener);
  }

  /** Reads through one client and writes through another; the caller closes both. */
  public Mirror(
      RegistryClient source,
      RegistryClient target,
      MirrorOptions options,
      MirrorListener listener) {
    this.session = new MirrorSession(source, target, options);
    this.listener = listener;
  }

  /**
   * Finds out what is to be done. Nothing is changed anywhere, and no pull of a quota is spent,
   * save for a part of an assembled list that is itself a list, and for a list that differs from
   * the locked one ({@link Drift#QUIET}).
   *
   * <p>What cannot be planned is part of the plan, with the reason; one failing image is no reason
   * not to copy the others.
   *
   * @param lock what the last run left behind
   */
  public MirrorPlan plan(MirrorSpec spec, Optional<LockFile> lock) {
    LockFile former = lock.orElseGet(LockFile::empty);
    MirrorPlanner.Planned planned = new MirrorPlanner(session, former).plan(spec);
    return new MirrorPlan(
        planned.images(), session.budget().quotas(), scope(spec, former), planned.kept());
  }

  /**
   * Does what a plan of this instance says.
   *
   * <p>An interrupt of the calling thread stops the run: what is being copied ends without moving
   * its tag, the rest is postponed, and the report is returned with the thread's interrupt kept.
   */
  public MirrorReport run(MirrorPlan plan) {
    List<ImageRun> runs = new ArrayList<>();
    List<PullAllotment> pulls = new ArrayList<>();
    for (PlannedImage image : plan.images()) {
      LockedImage locked = plan.lock().images().get(image.source());
      runs.add(
          new ImageRun(session, image, listener, locked == null ? List.of() : locked.platforms()));
      pulls.add(
          new PullAllotment(session.budget(), image.source().registry(), image.cost().pulls()));
    }
    List<ImageResult> results = runAll(plan.images(), runs, pulls);
    Set<RegistryName> sources = new HashSet<>();
    plan.images().forEach(image -> sources.add(image.source().registry()));
    return new MirrorReport(
        results,
        session.requestCounts(),
        session.budget().report(sources),
        lock(plan, runs, results));
  }

  private static LockFile lock(MirrorPlan plan, List<ImageRun> runs, List<ImageResult> results) {
    LockUpdate update = new LockUpdate(plan.lock());
    for (int i = 0; i < results.size(); i++) {
      if (!plan.kept().contains(plan.images().get(i).target())) {
        update.add(plan.images().get(i), results.get(i), runs.get(i).incomplete());
      }
    }
    return update.lock();
  }

  private List<ImageResult> runAll(
      List<PlannedImage> images, List<ImageRun> runs, List<PullAllotment> pulls) {
    Semaphore slots = new Semaphore(session.options().jobs());
    List<Future<ImageResult>> futures = new ArrayList<>();
    boolean interrupted = false;
    List<ImageResult> results = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < images.size() && !interrupted; i++) {
        ImageRun run = runs.get(i);
        PullAllotment allotted = pulls.get(i);
        try {
          slots.acquire();
        } catch (InterruptedException e) {
          interrupted = true;
          threads.shutdownNow();
          break;
        }
        futures.add(
            threads.submit(
                () -> {
                  try {
                    return run.run(allotted);
                  } finally {
                    slots.release();
                  }
                }));
      }
      for (int i = 0; i < images.size(); i++) {
        if (i >= futures.size()) {
          results.add(
              ImageRun.undone(
                  images
                      .get(i)
                      .with(Verdict.POSTPONE, "stopped before its turn", Stopped.RETRY_NEXT_RUN),
                  Outcome.POSTPONED));
          continue;
        }
        while (results.size() <= i) {
          try {
            results.add(futures.get(i).get());
          } catch (InterruptedException e) {
            interrupted = true;
            threads.shutdownNow();
          } catch (ExecutionException e) {
            throw Parallel.unchecked(e.getCause() == null ? e : e.getCause());
          }
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return results;
  }

  /** The entries of the lock that still belong to the file; all of them where only some are run. */
  private LockFile scope(MirrorSpec spec, LockFile former) {
    return session.options().only() == null ? new LockScope(spec).of(former) : former;
  }
}
