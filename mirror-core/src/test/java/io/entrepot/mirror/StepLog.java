package io.entrepot.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.mirror.MirrorStep.CopyBlob;
import io.entrepot.mirror.MirrorStep.CopyManifest;
import io.entrepot.mirror.MirrorStep.MergeList;
import io.entrepot.mirror.MirrorStep.MountBlob;
import io.entrepot.mirror.MirrorStep.OfBlob;
import io.entrepot.mirror.MirrorStep.PutList;
import io.entrepot.mirror.MirrorStep.PutTag;
import io.entrepot.mirror.MirrorStep.RetainTag;
import io.entrepot.mirror.PlannedImage.Verdict;
import io.entrepot.testing.RecordedRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Hears which steps a run plans and which it runs: they are the same, and nothing else writes. */
final class StepLog implements MirrorListener {

  private final Map<Integer, List<MirrorStep>> first = new ConcurrentHashMap<>();
  private final Map<Integer, List<MirrorStep>> planned = new ConcurrentHashMap<>();
  private final Map<Integer, List<MirrorStep>> ran = new ConcurrentHashMap<>();

  @Override
  public void planned(PlannedImage image, List<MirrorStep> steps) {
    first.putIfAbsent(image.number(), steps);
    planned.computeIfAbsent(image.number(), each -> new CopyOnWriteArrayList<>()).addAll(steps);
  }

  @Override
  public void ran(PlannedImage image, MirrorStep step) {
    ran.computeIfAbsent(image.number(), each -> new CopyOnWriteArrayList<>()).add(step);
  }

  private static List<MirrorStep> of(Map<Integer, List<MirrorStep>> log, int image) {
    return log.getOrDefault(image, List.of());
  }

  /** Every step that was planned was run, and no other; of an image that failed, no other. */
  void assertRanAsPlanned(MirrorReport report) {
    for (int i = 0; i < report.images().size(); i++) {
      Outcome outcome = report.images().get(i).outcome();
      List<MirrorStep> unplanned = new ArrayList<>(of(ran, i));
      of(planned, i).forEach(unplanned::remove);
      assertThat(unplanned).as("steps that nobody planned").isEmpty();
      if (outcome == Outcome.COPIED || outcome == Outcome.UNCHANGED) {
        assertThat(of(ran, i)).containsExactlyInAnyOrderElementsOf(of(planned, i));
        assertThat(of(ran, i).stream().anyMatch(MirrorStep::moves))
            .isEqualTo(outcome == Outcome.COPIED);
      }
    }
  }

  /** The list of a dry run is the list that was run, as far as it could be known before. */
  void assertAsInDryRun(MirrorPlan dry, MirrorReport report) {
    List<MirrorStep> foretold = new ArrayList<>();
    List<MirrorStep> run = new ArrayList<>();
    for (int i = 0; i < report.images().size(); i++) {
      PlannedImage image = dry.images().get(i);
      Outcome outcome = report.images().get(i).outcome();
      // What a hook says cannot be foretold.
      boolean asks = image.steps().stream().anyMatch(MirrorStep.AskHook.class::isInstance);
      assertThat(outcome == Outcome.REFUSED)
          .isEqualTo(image.verdict() == Verdict.REFUSE || (asks && outcome == Outcome.REFUSED));
      assertThat(outcome == Outcome.FAILED).isEqualTo(image.verdict() == Verdict.FAIL);
      if (outcome == Outcome.COPIED || outcome == Outcome.UNCHANGED) {
        foretold.addAll(image.steps());
        run.addAll(of(first, i));
      }
    }
    if (report.images().size() == 1) {
      assertThat(run).containsExactlyElementsOf(foretold);
    } else {
      // Which of several images brings a blob that they share is settled by who comes first.
      assertThat(run.stream().map(StepLog::shared))
          .containsExactlyInAnyOrderElementsOf(foretold.stream().map(StepLog::shared).toList());
    }
  }

  private static Object shared(MirrorStep step) {
    return step instanceof OfBlob blob
        ? Map.of(step.getClass().getSimpleName(), blob.blob().digest())
        : step;
  }

  /** What was written at the target is what the steps say. */
  void assertWrote(List<RecordedRequest> atTarget) {
    Set<String> put = new TreeSet<>();
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (RecordedRequest request : atTarget) {
      counts.merge(request.kind(), 1, Integer::sum);
      if (request.kind().equals("PUT manifest")) {
        put.add(request.path().substring(request.path().lastIndexOf('/') + 1));
      }
    }
    Set<String> wanted = new TreeSet<>();
    int copies = 0;
    int mounts = 0;
    for (List<MirrorStep> steps : ran.values()) {
      for (MirrorStep step : steps) {
        switch (step) {
          case CopyManifest copy -> wanted.add(copy.manifest().digest().toString());
          case PutTag tag -> wanted.add(String.valueOf(tag.target().tag()));
          case RetainTag tag -> wanted.add(String.valueOf(tag.tag().tag()));
          case PutList list -> wanted.add(String.valueOf(list.tag().tag()));
          case MergeList list -> wanted.add(String.valueOf(list.tag().tag()));
          case CopyBlob copy -> copies++;
          case MountBlob mount -> mounts++;
          default -> {}
        }
      }
    }
    assertThat(put).isEqualTo(wanted);
    assertThat(counts.getOrDefault("POST upload", 0)).isBetween(copies, copies + mounts);
  }
}
