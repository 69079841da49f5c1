package io.entrepot.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.lock.LockFile;
import io.entrepot.mirror.MirrorEntry.ImageCopy;
import io.entrepot.mirror.MirrorEntry.TagSelection;
import io.entrepot.mirror.PlannedImage.Verdict;
import io.entrepot.oci.Descriptor;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MirrorPlannerTest extends MirrorSetup {

  private List<PlannedImage> plan(MirrorEntry... entries) {
    return planWith(MirrorOptions.DEFAULTS, entries);
  }

  private List<PlannedImage> planWith(MirrorOptions options, MirrorEntry... entries) {
    return new MirrorPlanner(session(options), lock.orElseGet(LockFile::empty))
        .plan(new MirrorSpec(List.of(entries)))
        .images();
  }

  private TagSelection all() {
    return new TagSelection(
        source.repository("acme/tool"),
        target.repository("mirror/tool"),
        new TagFilter(null, null, 0),
        PLAIN,
        "mirror.yaml:3");
  }

  @Test
  void verdict_isCopy_untilTheTagIsThere_thenConfirm_thenUnchangedByTheLock() {
    images.twoPlatforms("1.0");
    assertThat(plan(copy("1.0", PLAIN)))
        .extracting(PlannedImage::verdict)
        .containsExactly(Verdict.COPY);
    run(copy("1.0", PLAIN));
    assertThat(plan(copy("1.0", PLAIN)))
        .extracting(PlannedImage::verdict)
        .containsExactly(Verdict.UNCHANGED);
    lock = Optional.empty();
    assertThat(plan(copy("1.0", PLAIN)))
        .extracting(PlannedImage::verdict)
        .containsExactly(Verdict.CONFIRM);
  }

  @Test
  void lockWithFewerPlatforms_doesNotVouchForMore() {
    images.index(
        "1.0",
        images.image("linux/amd64", images.layer("a")),
        images.image("linux/arm64", images.layer("b")));
    run(copy("1.0", new CopyPolicy(BOTH.subList(0, 1), false, false, true, "cloud only")));
    assertThat(plan(copy("1.0", PLAIN)))
        .extracting(PlannedImage::verdict)
        .containsExactly(Verdict.CONFIRM);
  }

  @Test
  void selection_becomesAnImageForEachTag_numberedInOrder() {
    images.twoPlatforms("1.0");
    images.twoPlatforms("1.1");
    List<PlannedImage> images = plan(all());
    assertThat(images)
        .extracting(image -> String.valueOf(image.target().tag()))
        .containsExactly("1.1", "1.0");
    assertThat(images).extracting(PlannedImage::number).containsExactly(0, 1);
  }

  @Test
  void secondEntryForATarget_failsAndNamesTheFirst() {
    images.twoPlatforms("1.0");
    ImageCopy first = copy("1.0", PLAIN);
    assertThat(plan(first, first))
        .satisfiesExactly(
            image -> assertThat(image.verdict()).isEqualTo(Verdict.COPY),
            image -> assertThat(image.reason()).contains(first.where()).contains("same target"));
  }

  @Test
  void meteredSource_getsAnEstimate_andWhatDoesNotFitIsPostponed() {
    source.rateLimit(100, 4);
    Descriptor list = images.twoPlatforms("1.0");
    images.twoPlatforms("1.1");
    assertThat(plan(copy("1.0", PLAIN), copy("1.1", PLAIN)))
        .satisfiesExactly(
            image -> {
              assertThat(image.digest()).isEqualTo(list.digest());
              assertThat(image.cost().pulls()).isEqualTo(3);
            },
            image -> {
              assertThat(image.verdict()).isEqualTo(Verdict.POSTPONE);
              assertThat(image.remedy()).isEqualTo(Stopped.RETRY_NEXT_RUN);
            });
  }

  @Test
  void missingImage_isPlannedAsFailed_withTheRegistrysWord() {
    assertThat(plan(copy("none", PLAIN)))
        .singleElement()
        .satisfies(
            image -> {
              assertThat(image.verdict()).isEqualTo(Verdict.FAIL);
              assertThat(image.reason()).contains("source").contains("none");
            });
  }
}
