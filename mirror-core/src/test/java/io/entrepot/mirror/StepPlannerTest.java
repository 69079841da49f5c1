package io.entrepot.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.mirror.MirrorEntry.ImageCopy;
import io.entrepot.mirror.MirrorStep.AwaitBlob;
import io.entrepot.mirror.MirrorStep.BlobThere;
import io.entrepot.mirror.MirrorStep.Confirm;
import io.entrepot.mirror.MirrorStep.CopyBlob;
import io.entrepot.mirror.MirrorStep.CopyManifest;
import io.entrepot.mirror.MirrorStep.CopyReferrer;
import io.entrepot.mirror.MirrorStep.FindReferrers;
import io.entrepot.mirror.MirrorStep.KeepForeign;
import io.entrepot.mirror.MirrorStep.ListReferrers;
import io.entrepot.mirror.MirrorStep.ManifestThere;
import io.entrepot.mirror.MirrorStep.MergeList;
import io.entrepot.mirror.MirrorStep.MountBlob;
import io.entrepot.mirror.MirrorStep.PutList;
import io.entrepot.mirror.MirrorStep.PutTag;
import io.entrepot.mirror.MirrorStep.ReadManifests;
import io.entrepot.mirror.MirrorStep.RequirePlatforms;
import io.entrepot.mirror.MirrorStep.RetainTag;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Tag;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which steps there are for what is at the source and what at the target; none is run. */
class StepPlannerTest extends MirrorSetup {

  private final BlobLedger ledger = new BlobLedger();
  private final MirrorSession session = session(MirrorOptions.DEFAULTS);

  private StepPlanner planner(ImageCopy entry) {
    PlannedImage image =
        new MirrorPlanner(session, lock.orElse(io.entrepot.lock.LockFile.empty()))
            .plan(new MirrorSpec(List.of(entry)))
            .images()
            .getFirst();
    PullAllotment pulls = new PullAllotment(session.budget(), source.name(), 0);
    return new StepPlanner(
        session, new ImageWork(session, image, pulls, ledger), MirrorListener.SILENT);
  }

  private List<MirrorStep> steps(ImageCopy entry) {
    int written = target.count("PUT manifest") + target.count("POST upload");
    List<MirrorStep> steps = planner(entry).steps();
    assertThat(target.count("PUT manifest") + target.count("POST upload"))
        .as("a plan writes nothing")
        .isEqualTo(written);
    return steps;
  }

  private static List<Class<?>> kinds(List<MirrorStep> steps) {
    return steps.stream().<Class<?>>map(MirrorStep::getClass).toList();
  }

  @Test
  void newImage_conditionFirst_thenBlobs_manifests_tag_confirmation() {
    Descriptor foreign = images.foreign("base");
    Descriptor image = images.image("linux/amd64", foreign, images.layer("a"));
    Descriptor list = images.index("1.0", image, images.image("linux/arm64", images.layer("b")));

    List<MirrorStep> steps = steps(copy("1.0", PLAIN));

    assertThat(kinds(steps))
        .containsExactly(
            RequirePlatforms.class,
            CopyBlob.class,
            CopyBlob.class,
            CopyBlob.class,
            CopyBlob.class,
            KeepForeign.class,
            CopyManifest.class,
            CopyManifest.class,
            PutTag.class,
            Confirm.class);
    assertThat(steps.getFirst()).isEqualTo(new RequirePlatforms(BOTH, List.of()));
    assertThat(steps)
        .contains(
            new KeepForeign(foreign),
            new CopyManifest(image, false),
            new PutTag(target.reference("mirror/tool", "1.0"), list.digest(), null));
  }

  @Test
  void blobsAndManifestsThatTheTargetHolds_areNotSent() {
    Descriptor amd64 = images.image("linux/amd64", images.layer("a"));
    images.index("1.0", amd64, images.image("linux/arm64", images.layer("b")));
    run(copy("1.0", PLAIN));
    Descriptor former = images.index("1.0", amd64, images.image("linux/arm64", images.layer("c")));

    List<MirrorStep> steps = steps(copy("1.0", PLAIN));

    assertThat(steps).contains(new ManifestThere(amd64));
    assertThat(steps).filteredOn(CopyManifest.class::isInstance).hasSize(1);
    assertThat(steps).filteredOn(RetainTag.class::isInstance).hasSize(1);
    assertThat(steps)
        .filteredOn(PutTag.class::isInstance)
        .singleElement()
        .extracting("digest")
        .isEqualTo(former.digest());
  }

  @Test
  void blobThatIsThereWithoutItsManifest_isSeenByHead() {
    Descriptor layer = images.layer("a");
    images.tag("1.0", images.image("linux/amd64", layer));
    target.addBlob("mirror/tool", source.blob("acme/tool", layer.digest()));
    assertThat(steps(copy("1.0", ARTIFACT))).contains(new BlobThere(layer));
  }

  @Test
  void blobsThatAnotherImageBrings_areMountedOrAwaited() {
    Descriptor layer = images.layer("shared");
    images.tag("1.0", images.image("linux/amd64", layer));
    images.tag("1.1", images.image("linux/amd64", layer, images.layer("more")));
    ImageCopy elsewhere =
        new ImageCopy(
            source.reference("acme/tool", "1.0"),
            target.reference("mirror/other", "1.0"),
            ARTIFACT,
            "m:2");

    assertThat(steps(copy("1.0", ARTIFACT)))
        .contains(new CopyBlob(layer, source.repository("acme/tool")));
    assertThat(steps(copy("1.1", ARTIFACT))).contains(new AwaitBlob(layer));
    assertThat(steps(elsewhere)).contains(new MountBlob(layer, target.repository("mirror/tool")));
  }

  @Test
  void sourceInTheTargetsRegistry_isMounted() {
    Descriptor layer = images.layer("a");
    images.tag("1.0", images.image("linux/amd64", layer));
    ImageCopy within =
        new ImageCopy(
            source.reference("acme/tool", "1.0"),
            source.reference("mirror/tool", "1.0"),
            ARTIFACT,
            "m:1");
    assertThat(steps(within))
        .contains(new MountBlob(layer, source.repository("acme/tool")))
        .noneMatch(CopyBlob.class::isInstance);
  }

  @Test
  void meteredSource_isReadInAStep_afterWhichTheOthersFollow() {
    source.rateLimit(100, 50);
    Descriptor list = images.twoPlatforms("1.0");

    List<MirrorStep> steps = steps(copy("1.0", PLAIN));

    assertThat(steps).first().isEqualTo(new ReadManifests(list, 3));
    assertThat(kinds(steps)).containsExactly(ReadManifests.class, PutTag.class, Confirm.class);
    assertThat(source.count("GET manifest")).isZero();
  }

  @Test
  void imageWithoutThePlatform_isRefused() {
    images.tag("1.0", images.image("linux/amd64", images.layer("a")));
    assertThatThrownBy(() -> steps(copy("1.0", PLAIN)))
        .isInstanceOfSatisfying(
            Stopped.class,
            stopped -> assertThat(stopped.outcome()).isEqualTo(ImageResult.Outcome.REFUSED))
        .hasMessageContaining("no manifest list");
  }

  @Test
  void attachments_comeBeforeTheTag_andAreListedBehindThem() {
    source.referrersApi(true);
    Descriptor list = images.twoPlatforms("1.0");
    Descriptor sbom = images.artifact(null, "application/spdx+json", "sbom", list);
    String signature = Tag.attachmentOf(list.digest(), "sig").value();
    Descriptor signed = images.artifact(signature, "a/b", "s", null);

    List<MirrorStep> steps =
        steps(copy("1.0", WITH_REFERRERS)).stream()
            .filter(step -> !(step instanceof CopyBlob || step instanceof CopyManifest))
            .toList();

    assertThat(steps)
        .satisfiesExactly(
            condition -> assertThat(condition).isInstanceOf(RequirePlatforms.class),
            first ->
                assertThat(first)
                    .isEqualTo(
                        new CopyReferrer(
                            list.digest(), sbom, source.repository("acme/tool"), null, 1)),
            then ->
                assertThat(then).isEqualTo(new ListReferrers(list.digest(), List.of(sbom), null)),
            cosign ->
                assertThat(cosign)
                    .isInstanceOfSatisfying(
                        CopyReferrer.class,
                        copy -> {
                          assertThat(copy.name()).isEqualTo(signature);
                          assertThat(copy.manifest().digest()).isEqualTo(signed.digest());
                        }),
            tag -> assertThat(tag).isInstanceOf(PutTag.class),
            last -> assertThat(last).isInstanceOf(Confirm.class));
  }

  @Test
  void listing_isLeftToARegistryWithTheApi_andWrittenForOneWithout() {
    Descriptor list = images.twoPlatforms("1.0");
    Descriptor sbom = images.artifact(null, "application/spdx+json", "sbom", list);
    StepPlanner planner = planner(copy("1.0", WITH_REFERRERS));
    ListReferrers step = new ListReferrers(list.digest(), List.of(sbom), null);
    ListReferrers withList = new ListReferrers(list.digest(), List.of(sbom), sbom.digest());
    var tag = target.repository("mirror/tool").tagged(Tag.referrersOf(list.digest()));

    assertThat(planner.after(step, true)).isEmpty();
    assertThat(planner.after(step, false))
        .containsExactly(new MergeList(list.digest(), tag, List.of(sbom), null));
    assertThat(planner.after(withList, true)).containsExactly(new PutList(tag, sbom.digest()));
    assertThat(planner.after(withList, false))
        .containsExactly(new MergeList(list.digest(), tag, List.of(sbom), sbom.digest()));
  }

  @Test
  void meteredSource_isAskedForAttachmentsInAStep() {
    images.twoPlatforms("1.0");
    run(copy("1.0", WITH_REFERRERS));
    source.rateLimit(100, 50);
    Descriptor list = source.manifest("acme/tool", "1.0").descriptor();
    assertThat(steps(copy("1.0", WITH_REFERRERS)))
        .containsExactly(new FindReferrers(list.digest(), source.repository("acme/tool"), 1));
  }

  @Test
  void unchangedImage_hasNoSteps() {
    images.twoPlatforms("1.0");
    run(copy("1.0", PLAIN));
    assertThat(steps(copy("1.0", PLAIN))).isEmpty();
    lock = Optional.empty();
    assertThat(steps(copy("1.0", PLAIN))).noneMatch(MirrorStep::moves);
  }
}
