package io.entrepot.mirror;

import io.entrepot.lock.Denial;
import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Platform;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** One image's turn in a run: its steps are planned and run, and it is told what became of it. */
final class ImageRun {

  private final MirrorSession session;
  private final PlannedImage image;
  private final MirrorListener listener;
  private final List<Platform> locked;
  private @Nullable StepRunner runner;
  private List<String> notes = List.of();
  private Optional<Denial> denial = Optional.empty();

  /**
   * @param locked the platforms for which the lock vouches
   */
  ImageRun(
      MirrorSession session, PlannedImage image, MirrorListener listener, List<Platform> locked) {
    this.session = session;
    this.image = image;
    this.listener = listener;
    this.locked = locked;
  }

  /** Whether the target was found to lack what its tag promises, so that no lock may vouch. */
  boolean incomplete() {
    return runner != null && runner.incomplete();
  }

  /**
   * Runs the image.
   *
   * @param pulls what was set aside for it; what is not needed goes back
   */
  ImageResult run(PullAllotment pulls) {
    listener.started(image);
    ImageResult result = outcome(pulls);
    listener.finished(image, result);
    return result;
  }

  /** What a plan with this verdict comes to where nothing is done. */
  static ImageResult undone(PlannedImage image, Outcome outcome) {
    return new ImageResult(
        image.source(),
        image.target(),
        outcome,
        image.digest(),
        image.former(),
        List.of(),
        ImageResult.Bytes.NONE,
        image.reason().isEmpty() ? null : image.reason(),
        image.remedy(),
        image.notes(),
        image.denial().map(PolicyFindings::denied).orElse(PolicyFindings.NONE),
        image.drift(),
        image.atSource());
  }

  private ImageResult outcome(PullAllotment pulls) {
    try (pulls) {
      return switch (image.verdict()) {
        case UNCHANGED, CONFIRM, COPY -> steps(pulls);
        case WAIT -> undone(image, Outcome.WAITING);
        case REFUSE -> undone(image, Outcome.REFUSED);
        case FAIL -> undone(image, Outcome.FAILED);
        case POSTPONE -> undone(image, Outcome.POSTPONED);
      };
    } catch (Stopped e) {
      denial = e.denial();
      return ended(e.outcome(), e.reason(), e.remedy());
    } catch (MirrorException e) {
      if (e.isLimit() && e.side() == Side.SOURCE) {
        session.budget().exhausted(image.source().registry());
        return ended(Outcome.POSTPONED, e.getMessage(), Stopped.RETRY_NEXT_RUN);
      }
      return ended(Outcome.FAILED, e.getMessage(), e.remedy());
    } catch (Exception e) {
      // Awaiting throws InterruptedException undeclared.
      if (e instanceof CancellationException || e instanceof InterruptedException) {
        return ended(Outcome.POSTPONED, "stopped before it was done", Stopped.RETRY_NEXT_RUN);
      }
      // An error of ours must not take the other images with it; it is named, not hidden.
      return ended(Outcome.FAILED, "unexpected: " + e, "please report this");
    }
  }

  private ImageResult steps(PullAllotment pulls) {
    if (image.origin() == null) {
      return ended(Outcome.UNCHANGED, null, null);
    }
    try (ImageWork work = new ImageWork(session, image, pulls, session.ledger())) {
      StepPlanner planner = new StepPlanner(session, work, listener);
      StepRunner running = new StepRunner(session, work, planner, listener);
      runner = running;
      try {
        run(planner, running);
      } finally {
        notes = work.notes();
      }
      Map<Digest, String> left = work.left();
      return left.isEmpty()
          ? ended(running.moved() ? Outcome.COPIED : Outcome.UNCHANGED, null, null)
          : ended(
              Outcome.FAILED,
              "the image is at the target, %d of what is attached to it is not: %s"
                  .formatted(left.size(), left.values().iterator().next()),
              "run again; referrers: false copies the image alone");
    }
  }

  private void run(StepPlanner planner, StepRunner running) {
    try {
      running.run(planner.steps());
    } catch (MirrorException e) {
      if (session.options().recheck() || !targetLacksContent(e)) {
        throw e;
      }
      running.run(planner.again());
    }
  }

  /** Whether the target refused a manifest because it lacks what it was believed to hold. */
  private static boolean targetLacksContent(MirrorException e) {
    return e.side() == Side.TARGET
        && e.getCause() instanceof RegistryException failure
        && (failure.code() == ErrorCode.MANIFEST_BLOB_UNKNOWN
            || failure.code() == ErrorCode.MANIFEST_INVALID);
  }

  private ImageResult ended(Outcome ended, @Nullable String error, @Nullable String remedy) {
    boolean unchanged = image.verdict() == PlannedImage.Verdict.UNCHANGED;
    Outcome outcome = ended == Outcome.UNCHANGED && image.waits() ? Outcome.WAITING : ended;
    List<String> told = new ArrayList<>(image.notes());
    told.addAll(notes);
    return new ImageResult(
        image.source(),
        image.target(),
        outcome,
        image.digest(),
        image.former(),
        unchanged ? locked : runner == null ? List.of() : runner.platforms(),
        runner == null ? ImageResult.Bytes.NONE : runner.bytes(),
        error,
        remedy,
        told,
        denial
            .map(PolicyFindings::denied)
            .orElse(runner == null ? PolicyFindings.NONE : runner.findings()),
        image.drift(),
        image.atSource());
  }
}
