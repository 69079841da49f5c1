package io.entrepot.mirror;

import io.entrepot.concurrent.Parallel;
import io.entrepot.mirror.PlannedImage.Cost;
import io.entrepot.mirror.PlannedImage.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Has every image's steps planned, in the file's order, and does none of them. */
final class DryRun {

  private final MirrorSession session;
  private final BlobLedger ledger = new BlobLedger();

  DryRun(MirrorSession session) {
    this.session = session;
  }

  /** The images with their steps, or with the reason why the run would not copy them. */
  List<PlannedImage> steps(List<PlannedImage> images) {
    List<PlannedImage> detailed = new ArrayList<>();
    int jobs = session.options().jobs();
    for (int at = 0; at < images.size(); at += jobs) {
      detailed.addAll(batch(images.subList(at, Math.min(images.size(), at + jobs))));
    }
    return detailed;
  }

  /** Read at once, planned one after another: the first image brings a blob that several need. */
  private List<PlannedImage> batch(List<PlannedImage> images) {
    List<Optional<ImageWork>> works =
        Parallel.map(
            images, image -> Optional.ofNullable(image.origin()).map(origin -> readAhead(image)));
    List<PlannedImage> detailed = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      PlannedImage image = images.get(i);
      Optional<ImageWork> work = works.get(i);
      detailed.add(work.map(each -> steps(image, planner(each))).orElse(image));
      work.ifPresent(each -> each.space().close());
    }
    return detailed;
  }

  private StepPlanner planner(ImageWork work) {
    return new StepPlanner(session, work, MirrorListener.SILENT);
  }

  private ImageWork readAhead(PlannedImage image) {
    PullAllotment none = new PullAllotment(session.budget(), image.source().registry(), 0);
    ImageWork work = new ImageWork(session, image, none, ledger);
    planner(work).readAhead();
    return work;
  }

  private static PlannedImage steps(PlannedImage image, StepPlanner planner) {
    switch (image.verdict()) {
      case WAIT, REFUSE, FAIL, POSTPONE -> {
        return image;
      }
      case UNCHANGED, CONFIRM, COPY -> {}
    }
    try {
      List<MirrorStep> steps = planner.steps();
      boolean known = steps.stream().noneMatch(MirrorStep.ReadManifests.class::isInstance);
      PlannedImage planned =
          image.with(
              steps,
              new Cost(
                  steps.stream().mapToLong(MirrorStep::bytes).sum(),
                  known,
                  known ? 0 : image.cost().pulls(),
                  known));
      boolean moves = steps.stream().anyMatch(MirrorStep::moves);
      return moves || image.verdict() != Verdict.CONFIRM
          ? planned
          : planned.with(Verdict.UNCHANGED, "", null);
    } catch (Stopped e) {
      return image.stopped(e);
    } catch (MirrorException e) {
      return image.with(Verdict.FAIL, String.valueOf(e.getMessage()), e.remedy());
    }
  }
}
