package io.entrepot.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.lock.LockFileCodec;
import io.entrepot.lock.LockedImage;
import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.mirror.MirrorEntry.Assembly;
import io.entrepot.mirror.MirrorEntry.ImageCopy;
import io.entrepot.mirror.MirrorEntry.TagSelection;
import io.entrepot.mirror.PlannedImage.Verdict;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Index;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Tag;
import io.entrepot.testing.Gate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MirrorTest extends MirrorSetup {

  // Copying

  @Test
  void list_isCopiedBitForBit_withAttestations() {
    Descriptor amd64 = images.image("linux/amd64", images.layer("a"));
    Descriptor arm64 = images.image("linux/arm64", images.layer("b"));
    Descriptor list =
        images.index("1.0", amd64, arm64, images.attestation(amd64), images.attestation(arm64));

    ImageResult result = only(run(copy("1.0", PLAIN)));

    assertThat(result.error()).isNull();
    assertThat(result.outcome()).isEqualTo(Outcome.COPIED);
    assertThat(result.digest()).isEqualTo(list.digest());
    assertThat(result.platforms()).isEqualTo(BOTH);
    assertThat(target.manifest("mirror/tool", "1.0").bytes())
        .isEqualTo(source.manifest("acme/tool", "1.0").bytes());
    assertThat(target.hasManifest("mirror/tool", images.attestation(amd64).digest().toString()))
        .isTrue();
    assertThat(target.openUploads()).isZero();
  }

  @Test
  void lock_holdsDigestTargetAndPlatforms() {
    Descriptor list = images.twoPlatforms("1.0");
    MirrorReport report = run(copy("1.0", PLAIN));
    assertThat(report.lock().images())
        .containsExactly(
            Map.entry(
                source.reference("acme/tool", "1.0"),
                new LockedImage(
                    list.digest(), null, target.reference("mirror/tool", "1.0"), BOTH)));
  }

  @Test
  void layersOfAList_areReadOnceAtTheSource() {
    images.twoPlatforms("1.0");
    run(copy("1.0", PLAIN));
    // Five layers, of which one is shared, and two configurations.
    assertThat(source.count("GET blob")).isEqualTo(7);
    assertThat(source.count("GET manifest")).isEqualTo(3);
  }

  @Test
  void imagesSharingLayers_readEachAtTheSourceOnce_andMountTheRest() {
    images.twoPlatforms("1.0");
    ImageCopy first = copy("1.0", PLAIN);
    ImageCopy second =
        new ImageCopy(first.source(), target.reference("mirror/other", "1.0"), PLAIN, "m:2");
    MirrorReport report = run(first, second);
    assertThat(report.images()).extracting(ImageResult::outcome).containsOnly(Outcome.COPIED);
    assertThat(source.count("GET blob")).isLessThanOrEqualTo(9);
    assertThat(report.images().stream().mapToLong(image -> image.bytes().mounted()).sum())
        .isPositive();
    assertThat(target.count("PUT upload")).isEqualTo(7);
  }

  @Test
  void registryThatDoesNotMount_getsSharedLayersFromItself() {
    target.mounts(false);
    images.twoPlatforms("1.0");
    ImageCopy first = copy("1.0", PLAIN);
    ImageCopy second =
        new ImageCopy(first.source(), target.reference("mirror/other", "1.0"), PLAIN, "m:2");
    MirrorReport report = run(first, second);
    assertThat(report.images()).extracting(ImageResult::outcome).containsOnly(Outcome.COPIED);
    assertThat(source.count("GET blob")).isLessThanOrEqualTo(9);
    assertThat(target.count("GET blob")).isPositive();
    assertThat(target.hasManifest("mirror/other", "1.0")).isTrue();
  }

  @Test
  void foreignLayers_keepTheirDescriptorAndAreNeverFetched() {
    target.checksChildren(false);
    Descriptor foreign = images.foreign("windows base");
    images.index(
        "1.0",
        images.image("linux/amd64", foreign, images.layer("a")),
        images.image("linux/arm64", images.layer("b")));
    assertThat(only(run(copy("1.0", PLAIN))).outcome()).isEqualTo(Outcome.COPIED);
    assertThat(source.count("GET blob", foreign.digest().hex())).isZero();
    assertThat(target.count("HEAD blob", foreign.digest().hex())).isZero();
  }

  @Test
  void artifact_isCopiedWithoutPlatforms() {
    images.artifact("2.0", "application/vnd.cncf.helm.config.v1+json", "chart", null);
    ImageResult result = only(run(copy("2.0", ARTIFACT)));
    assertThat(result.outcome()).isEqualTo(Outcome.COPIED);
    assertThat(result.platforms()).isEmpty();
  }

  @Test
  void tagThatMovesDuringTheCopy_copiesThePinnedDigest() {
    Descriptor planned = images.twoPlatforms("1.0");
    StepLog steps = new StepLog();
    Mirror mirror = new Mirror(client(), MirrorOptions.DEFAULTS, steps);
    MirrorPlan plan = mirror.plan(new MirrorSpec(List.of(copy("1.0", PLAIN))), lock);
    images.index(
        "1.0",
        images.image("linux/amd64", images.layer("new a")),
        images.image("linux/arm64", images.layer("new b")));
    steps.assertRanAsPlanned(mirror.run(plan));
    assertThat(target.digestOf("mirror/tool", "1.0")).isEqualTo(planned.digest());
  }

  // Unchanged images

  @Test
  void unchangedImage_costsOneHeadOnEachSide() {
    images.twoPlatforms("1.0");
    images.twoPlatforms("1.1");
    run(copy("1.0", PLAIN), copy("1.1", PLAIN));
    clear();
    MirrorReport second = run(copy("1.0", PLAIN), copy("1.1", PLAIN));
    assertThat(second.images()).extracting(ImageResult::outcome).containsOnly(Outcome.UNCHANGED);
    assertThat(second.images().getFirst().platforms()).isEqualTo(BOTH);
    assertThat(source.requests()).hasSize(2);
    assertThat(source.count("HEAD manifest")).isEqualTo(2);
    assertThat(target.requests()).hasSize(2);
    assertThat(target.count("HEAD manifest")).isEqualTo(2);
  }

  @Test
  void secondRun_writesTheSameLock() {
    images.twoPlatforms("1.0");
    String first = LockFileCodec.format(run(copy("1.0", PLAIN)).lock());
    String second = LockFileCodec.format(run(copy("1.0", PLAIN)).lock());
    assertThat(second).isEqualTo(first);
  }

  @Test
  void withoutALock_equalDigestsAreConfirmedAtTheTarget() {
    images.twoPlatforms("1.0");
    run(copy("1.0", PLAIN));
    clear();
    lock = Optional.empty();
    assertThat(only(run(copy("1.0", PLAIN))).outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(source.count("GET manifest")).isZero();
    assertThat(target.count("PUT manifest")).isZero();
    assertThat(lock.orElseThrow().images()).hasSize(1);
  }

  @Test
  void targetWithoutItsChildren_isHealedWhereTheLockIsSilent() {
    Descriptor list = images.twoPlatforms("1.0");
    target.checksChildren(false);
    target.addManifest(
        "mirror/tool", "1.0", MediaType.OCI_INDEX, source.manifest("acme/tool", "1.0").bytes());
    ImageResult result = only(run(copy("1.0", PLAIN)));
    assertThat(result.outcome()).isEqualTo(Outcome.COPIED);
    assertComplete(list.digest());
  }

  @Test
  void recheck_healsWhatTheLockVouchesFor() {
    Descriptor list = images.twoPlatforms("1.0");
    run(copy("1.0", PLAIN));
    Digest child = children(list.digest()).getFirst().digest();
    target.removeManifest("mirror/tool", child);
    ImageResult result = only(run(MirrorOptions.DEFAULTS.rechecking(), copy("1.0", PLAIN)));
    assertThat(result.outcome()).isEqualTo(Outcome.COPIED);
    assertComplete(list.digest());
  }

  private List<Descriptor> children(Digest list) {
    return ((Index) source.manifest("acme/tool", list.toString()).parse()).manifests();
  }

  private void assertComplete(Digest list) {
    for (Descriptor child : children(list)) {
      assertThat(target.hasManifest("mirror/tool", child.digest().toString())).isTrue();
      target
          .manifest("mirror/tool", child.digest().toString())
          .parse()
          .children()
          .forEach(blob -> assertThat(target.hasBlob("mirror/tool", blob.digest())).isTrue());
    }
  }

  // Moved tags

  @Test
  void movedTag_leavesTheFormerDigestReachable() {
    Descriptor former = images.twoPlatforms("latest");
    run(copy("latest", PLAIN));
    Descriptor next =
        images.index(
            "latest",
            images.image("linux/amd64", images.layer("x")),
            images.image("linux/arm64", images.layer("y")));
    ImageResult result = only(run(copy("latest", PLAIN)));
    assertThat(result.former()).isEqualTo(former.digest());
    assertThat(target.digestOf("mirror/tool", "latest")).isEqualTo(next.digest());
    assertThat(target.digestOf("mirror/tool", "latest_" + former.digest().shortHex(12)))
        .isEqualTo(former.digest());
  }

  @Test
  void movedTag_withoutRetain_leavesNothing() {
    CopyPolicy policy = new CopyPolicy(BOTH, false, false, false, null);
    images.twoPlatforms("latest");
    run(copy("latest", policy));
    images.index(
        "latest",
        images.image("linux/amd64", images.layer("x")),
        images.image("linux/arm64", images.layer("y")));
    run(copy("latest", policy));
    assertThat(target.tags("mirror/tool")).containsExactly("latest");
  }

  @Test
  void movedTag_takesUnchangedChildrenFromTheTarget() {
    Descriptor amd64 = images.image("linux/amd64", images.layer("a"));
    images.index("latest", amd64, images.image("linux/arm64", images.layer("b")));
    run(copy("latest", PLAIN));
    clear();
    images.index("latest", amd64, images.image("linux/arm64", images.layer("c")));
    run(copy("latest", PLAIN));
    assertThat(source.count("GET manifest", amd64.digest().hex())).isZero();
    assertThat(source.count("GET manifest")).isEqualTo(2);
  }

  // Refusals

  @Test
  void singleManifest_whereAListIsRequired_isRefusedBeforeLayersAreRead() {
    Descriptor single = images.image("linux/amd64", images.layer("a"));
    images.tag("1.0", single);
    ImageResult result = only(run(copy("1.0", PLAIN)));
    assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(result.error()).contains("no manifest list: linux/amd64 only");
    assertThat(target.repositories()).doesNotContain("mirror/tool");
    assertThat(target.count("PUT manifest")).isZero();
    assertThat(target.count("POST upload")).isZero();
    assertThat(lock.orElseThrow().images()).isEmpty();
  }

  @Test
  void singleManifest_withAWaiver_isCopied() {
    images.tag("1.0", images.image("linux/amd64", images.layer("a")));
    CopyPolicy waived =
        new CopyPolicy(List.of(Platform.parse("linux/amd64")), false, false, true, "cloud only");
    assertThat(only(run(copy("1.0", waived))).outcome()).isEqualTo(Outcome.COPIED);
  }

  @Test
  void configurationThatDisagrees_isRefusedAndTheTagStays() {
    images.twoPlatforms("1.0");
    run(copy("1.0", PLAIN));
    Digest good = target.digestOf("mirror/tool", "1.0");
    images.index(
        "1.0",
        images.image("linux/amd64", images.layer("p")),
        images.image("linux/arm64", "linux/amd64", images.layer("q")));
    ImageResult result = only(run(copy("1.0", PLAIN)));
    assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(result.error()).contains("linux/arm64");
    assertThat(target.digestOf("mirror/tool", "1.0")).isEqualTo(good);
    assertThat(lock.orElseThrow().images().firstEntry().getValue().digest()).isEqualTo(good);
  }

  @Test
  void childMissingAtTheSource_failsAndNamesIt() {
    Descriptor extra = images.image("linux/s390x", images.layer("c"));
    images.index(
        "1.0",
        images.image("linux/amd64", images.layer("a")),
        images.image("linux/arm64", images.layer("b")),
        extra);
    source.removeManifest("acme/tool", extra.digest());
    ImageResult result = only(run(copy("1.0", PLAIN)));
    assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
    assertThat(result.error()).contains(extra.digest().toString()).contains("source");
    assertThat(target.count("PUT manifest")).isZero();
  }

  // Failures

  @Test
  void failingImage_doesNotStopTheOthers() {
    images.twoPlatforms("1.0");
    MirrorReport report = run(copy("missing", PLAIN), copy("1.0", PLAIN));
    assertThat(report.images())
        .extracting(ImageResult::outcome)
        .containsExactly(Outcome.FAILED, Outcome.COPIED);
    assertThat(report.images().getFirst().error()).contains("missing").contains("source");
  }

  @Test
  void forbiddenPush_saysWhichSideAndWhatToDo() {
    images.twoPlatforms("1.0");
    target.on("POST upload").error(403, "DENIED", "permission_denied: write_package");
    ImageResult result = only(run(copy("1.0", PLAIN)));
    assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
    assertThat(result.error()).contains("target");
    assertThat(result.remedy()).contains("write:packages").contains("Manage Actions access");
    assertThat(target.count("PUT manifest")).isZero();
  }

  @Test
  void runThatBreaksOff_movesNoTag_andTheNextUploadsOnlyWhatIsMissing() {
    images.twoPlatforms("1.0");
    target.on("PUT manifest").error(500, "UNKNOWN", "disk full");
    assertThat(only(run(copy("1.0", PLAIN))).outcome()).isEqualTo(Outcome.FAILED);
    assertThat(
            target.repositories().contains("mirror/tool")
                && target.tags("mirror/tool").contains("1.0"))
        .isFalse();
    target.clearFaults();
    clear();
    assertThat(only(run(copy("1.0", PLAIN))).outcome()).isEqualTo(Outcome.COPIED);
    assertThat(target.count("POST upload")).isZero();
    assertThat(target.count("PUT upload")).isZero();
  }

  @Test
  void targetThatLosesAChild_isReportedAndNotLocked() {
    Descriptor list = images.twoPlatforms("1.0");
    String child = children(list.digest()).getFirst().digest().toString();
    target
        .on(request -> request.kind().equals("HEAD manifest") && request.path().endsWith(child))
        .error(404, "MANIFEST_UNKNOWN", "gone");
    ImageResult result = only(run(copy("1.0", PLAIN)));
    assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
    assertThat(result.error()).contains(child);
    assertThat(lock.orElseThrow().images()).isEmpty();
    target.clearFaults();
    assertThat(only(run(copy("1.0", PLAIN))).outcome()).isEqualTo(Outcome.UNCHANGED);
  }

  @Test
  void interruptedRun_postponesTheRestAndKeepsTheInterrupt() throws Exception {
    images.twoPlatforms("1.0");
    images.twoPlatforms("1.1");
    Gate gate = target.on("POST upload").hold();
    List<MirrorReport> reports = new ArrayList<>();
    List<Boolean> flags = new ArrayList<>();
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  reports.add(
                      run(
                          MirrorOptions.DEFAULTS.withJobs(1),
                          copy("1.0", PLAIN),
                          copy("1.1", PLAIN)));
                  flags.add(Thread.currentThread().isInterrupted());
                });
    gate.awaitArrivals(1);
    thread.interrupt();
    thread.join();
    gate.open();
    assertThat(flags).containsExactly(true);
    assertThat(reports.getFirst().images())
        .extracting(ImageResult::outcome)
        .containsOnly(Outcome.POSTPONED);
    assertThat(target.count("PUT manifest")).isZero();
  }

  // Locked and check

  @Test
  void locked_copiesTheLocksDigestAndResolvesNoTag() {
    Descriptor locked = images.twoPlatforms("1.0");
    run(copy("1.0", PLAIN));
    images.index(
        "1.0",
        images.image("linux/amd64", images.layer("x")),
        images.image("linux/arm64", images.layer("y")));
    target.removeTag("mirror/tool", "1.0");
    clear();
    ImageResult result = only(run(MirrorOptions.DEFAULTS.fromLock(), copy("1.0", PLAIN)));
    assertThat(result.outcome()).isEqualTo(Outcome.COPIED);
    assertThat(target.digestOf("mirror/tool", "1.0")).isEqualTo(locked.digest());
    assertThat(source.count("HEAD manifest", "manifests/1.0")).isZero();
    assertThat(source.count("GET manifest", "manifests/1.0")).isZero();
  }

  @Test
  void locked_unchanged_asksOnlyTheTarget() {
    images.twoPlatforms("1.0");
    run(copy("1.0", PLAIN));
    clear();
    run(MirrorOptions.DEFAULTS.fromLock(), copy("1.0", PLAIN));
    assertThat(source.requests()).isEmpty();
    assertThat(target.requests()).hasSize(1);
  }

  @Test
  void locked_withoutAnEntry_fails() {
    images.twoPlatforms("1.0");
    ImageResult result = only(run(MirrorOptions.DEFAULTS.fromLock(), copy("1.0", PLAIN)));
    assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
    assertThat(result.error()).contains("not in the lock file");
    assertThat(source.requests()).isEmpty();
  }

  @Test
  void check_namesOldAndNewDigest_andChangesNothing() {
    Descriptor former = images.twoPlatforms("1.0");
    run(copy("1.0", PLAIN));
    Descriptor next =
        images.index(
            "1.0",
            images.image("linux/amd64", images.layer("x")),
            images.image("linux/arm64", images.layer("y")));
    clear();
    List<PlannedImage> changes =
        plan(MirrorOptions.DEFAULTS.checking(), copy("1.0", PLAIN)).changes();
    assertThat(changes).hasSize(1);
    assertThat(changes.getFirst().former()).isEqualTo(former.digest());
    assertThat(changes.getFirst().digest()).isEqualTo(next.digest());
    // Whether the drift is quiet is seen in the lists themselves.
    assertThat(source.requests()).hasSize(2);
    assertThat(source.count("GET manifest")).isEqualTo(1);
    assertThat(target.requests()).hasSize(2);
    assertThat(target.count("GET manifest")).isEqualTo(1);
  }

  @Test
  void check_ofWhatIsAsItWasLeft_findsNothing() {
    images.twoPlatforms("1.0");
    run(copy("1.0", PLAIN));
    assertThat(plan(MirrorOptions.DEFAULTS.checking(), copy("1.0", PLAIN)).changes()).isEmpty();
  }

  // Plan

  @Test
  void detailedPlan_tellsStepsAndBytes_andChangesNothing() {
    Descriptor list = images.twoPlatforms("1.0");
    MirrorPlan plan = plan(MirrorOptions.DEFAULTS.detailed(), copy("1.0", PLAIN));
    PlannedImage image = plan.images().getFirst();
    assertThat(image.verdict()).isEqualTo(Verdict.COPY);
    assertThat(image.steps()).filteredOn(MirrorStep.CopyBlob.class::isInstance).hasSize(7);
    assertThat(image.steps()).filteredOn(MirrorStep.CopyManifest.class::isInstance).hasSize(2);
    assertThat(image.steps())
        .filteredOn(MirrorStep::moves)
        .last()
        .isEqualTo(
            new MirrorStep.PutTag(target.reference("mirror/tool", "1.0"), list.digest(), null));
    assertThat(plan.bytesKnown()).isTrue();
    assertThat(plan.bytes()).isEqualTo(image.steps().stream().mapToLong(MirrorStep::bytes).sum());
    assertThat(target.count("POST upload")).isZero();
    assertThat(target.count("PUT manifest")).isZero();
  }

  @Test
  void detailedPlan_namesWhatIsAttached_beforeTheTag() {
    source.referrersApi(true);
    Descriptor list = images.twoPlatforms("1.0");
    Descriptor sbom = images.artifact(null, "application/spdx+json", "sbom", list);
    PlannedImage image =
        plan(MirrorOptions.DEFAULTS.detailed(), copy("1.0", WITH_REFERRERS)).images().getFirst();
    assertThat(image.steps())
        .contains(
            new MirrorStep.CopyReferrer(
                list.digest(), sbom, source.repository("acme/tool"), null, 1));
    assertThat(image.steps())
        .filteredOn(MirrorStep::moves)
        .last()
        .isInstanceOf(MirrorStep.PutTag.class);
    assertThat(target.count("PUT manifest")).isZero();
  }

  @Test
  void detailedPlan_refusesWhatTheRunWouldRefuse() {
    images.tag("1.0", images.image("linux/amd64", images.layer("a")));
    PlannedImage image =
        plan(MirrorOptions.DEFAULTS.detailed(), copy("1.0", PLAIN)).images().getFirst();
    assertThat(image.verdict()).isEqualTo(Verdict.REFUSE);
    assertThat(image.reason()).contains("no manifest list");
  }

  @Test
  void detailedPlan_ofAMeteredSource_spendsNoPull() {
    source.rateLimit(100, 50);
    images.twoPlatforms("1.0");
    MirrorPlan plan = plan(MirrorOptions.DEFAULTS.detailed(), copy("1.0", PLAIN));
    assertThat(source.count("GET manifest")).isZero();
    assertThat(plan.pulls()).isEqualTo(3);
    assertThat(plan.bytesKnown()).isFalse();
    assertThat(plan.quotas()).containsEntry(source.name(), new MirrorPlan.Quota(50, 0, 3));
  }

  @Test
  void twoSourcesWithOneTarget_areAnError() {
    images.twoPlatforms("1.0");
    images.twoPlatforms("1.1");
    ImageCopy second =
        new ImageCopy(
            source.reference("acme/tool", "1.1"),
            target.reference("mirror/tool", "1.0"),
            PLAIN,
            "mirror.yaml:2");
    MirrorPlan plan = plan(MirrorOptions.DEFAULTS, copy("1.0", PLAIN), second);
    assertThat(plan.images())
        .extracting(PlannedImage::verdict)
        .containsExactly(Verdict.COPY, Verdict.FAIL);
    assertThat(plan.images().getLast().reason()).contains("same target");
  }

  @Test
  void only_leavesTheOthersAloneAndInTheLock() {
    images.twoPlatforms("1.0");
    images.twoPlatforms("1.1");
    run(copy("1.0", PLAIN), copy("1.1", PLAIN));
    clear();
    MirrorReport report =
        run(MirrorOptions.DEFAULTS.withOnly("*:1.1"), copy("1.0", PLAIN), copy("1.1", PLAIN));
    assertThat(report.images()).hasSize(1);
    assertThat(source.requests()).hasSize(1);
    assertThat(report.lock().images()).hasSize(2);
  }

  // Tag selections

  private TagSelection selection(String semver, String match, int newest) {
    return new TagSelection(
        source.repository("acme/tool"),
        target.repository("mirror/tool"),
        new TagFilter(
            semver.isEmpty() ? null : SemverRange.parse(semver),
            match.isEmpty() ? null : Pattern.compile(match),
            newest),
        PLAIN,
        "mirror.yaml:3");
  }

  @Test
  void selection_takesTheNewestVersions() {
    for (String tag : List.of("v1.2.3", "v1.2.4", "v1.10.0", "v1.9.0", "v2.0.0", "nightly")) {
      images.twoPlatforms(tag);
    }
    MirrorReport report = run(selection(">=1.2.4 <2", "^v", 2));
    assertThat(report.images())
        .extracting(image -> String.valueOf(image.target().tag()))
        .containsExactly("v1.10.0", "v1.9.0");
  }

  @Test
  void selectionThatMatchesNothing_failsWithTheNearestTags() {
    images.twoPlatforms("v1.2.3");
    images.twoPlatforms("nightly");
    ImageResult result = only(run(selection(">=3", "^v", 0)));
    assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
    assertThat(result.error()).contains("matches none of 2 tags").contains("nearest: v1.2.3");
  }

  @Test
  void selection_lockedTakesTheLocksTags() {
    images.twoPlatforms("v1.0.0");
    run(selection(">=1", "", 0));
    images.twoPlatforms("v1.1.0");
    clear();
    MirrorReport report = run(MirrorOptions.DEFAULTS.fromLock(), selection(">=1", "", 0));
    assertThat(report.images()).hasSize(1);
    assertThat(source.requests()).isEmpty();
  }

  // Assembled lists

  private Assembly assembly() {
    TreeMap<Platform, ImageReference> parts = new TreeMap<>();
    parts.put(BOTH.get(0), source.reference("acme/tool", "1.0-amd64"));
    parts.put(BOTH.get(1), source.reference("acme/tool", "1.0-arm64"));
    return new Assembly(parts, target.reference("mirror/tool", "1.0"), PLAIN, "mirror.yaml:4");
  }

  @Test
  void assembledList_holdsTheParts_andIsTheSameEveryTime() {
    images.tag("1.0-amd64", images.image("linux/amd64", images.layer("a")));
    images.tag("1.0-arm64", images.image("linux/arm64", images.layer("b")));
    ImageResult result = only(run(assembly()));
    assertThat(result.error()).isNull();
    assertThat(result.outcome()).isEqualTo(Outcome.COPIED);
    RawManifest list = target.manifest("mirror/tool", "1.0");
    assertThat(((Index) list.parse()).manifests()).extracting(Descriptor::platform).isEqualTo(BOTH);
    lock = Optional.empty();
    assertThat(only(run(assembly())).digest()).isEqualTo(list.digest());
    assertThat(only(run(assembly())).outcome()).isEqualTo(Outcome.UNCHANGED);
  }

  @Test
  void assembledList_isLockedUnderEachPart_andUnchangedForOneHeadEach() {
    Descriptor amd64 = images.image("linux/amd64", images.layer("a"));
    images.tag("1.0-amd64", amd64);
    images.tag("1.0-arm64", images.image("linux/arm64", images.layer("b")));
    MirrorReport report = run(assembly());
    LockedImage locked =
        Objects.requireNonNull(
            report.lock().images().get(source.reference("acme/tool", "1.0-amd64")));
    assertThat(locked.digest()).isEqualTo(amd64.digest());
    assertThat(locked.digestAtTarget()).isEqualTo(target.digestOf("mirror/tool", "1.0"));
    assertThat(locked.platforms()).isEqualTo(BOTH);
    clear();
    assertThat(only(run(assembly())).outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(source.requests()).hasSize(2);
    assertThat(target.requests()).hasSize(1);
  }

  @Test
  void assembledList_takesAPlatformOutOfAList() {
    images.twoPlatforms("1.0-amd64");
    images.tag("1.0-arm64", images.image("linux/arm64", images.layer("b")));
    assertThat(only(run(assembly())).outcome()).isEqualTo(Outcome.COPIED);
  }

  @Test
  void assembledList_ofAPartWithTheWrongConfiguration_isRefused() {
    images.tag("1.0-amd64", images.image("linux/amd64", images.layer("a")));
    images.tag("1.0-arm64", images.image("linux/amd64", images.layer("b")));
    ImageResult result = only(run(assembly()));
    assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(target.count("PUT manifest")).isZero();
  }

  // Pull budgets

  @Test
  void budget_copiesWhatFitsInFileOrder_andLeavesTheRest() {
    source.rateLimit(100, 10);
    keep = 3;
    images.twoPlatforms("1.0");
    images.twoPlatforms("1.1");
    images.twoPlatforms("1.2");
    MirrorReport report = run(copy("1.0", PLAIN), copy("1.1", PLAIN), copy("1.2", PLAIN));
    assertThat(report.images())
        .extracting(ImageResult::outcome)
        .containsExactly(Outcome.COPIED, Outcome.COPIED, Outcome.POSTPONED);
    assertThat(report.images().getLast().error()).contains("pulls of " + source.name());
    assertThat(source.remainingPulls()).isEqualTo(4);
    assertThat(report.pulls().get(source.name())).isEqualTo(new MirrorReport.Pulls(6, 10, 4));
  }

  @Test
  void budget_nextRunGoesOn() {
    source.rateLimit(100, 3);
    images.twoPlatforms("1.0");
    images.twoPlatforms("1.1");
    run(copy("1.0", PLAIN), copy("1.1", PLAIN));
    source.rateLimit(100, 3);
    MirrorReport report = run(copy("1.0", PLAIN), copy("1.1", PLAIN));
    assertThat(report.images())
        .extracting(ImageResult::outcome)
        .containsExactly(Outcome.UNCHANGED, Outcome.COPIED);
    assertThat(source.remainingPulls()).isZero();
  }

  @Test
  void unchangedImages_spendNoPull() {
    source.rateLimit(100, 50);
    images.twoPlatforms("1.0");
    run(copy("1.0", PLAIN));
    int remaining = source.remainingPulls();
    run(copy("1.0", PLAIN));
    lock = Optional.empty();
    run(copy("1.0", PLAIN));
    assertThat(source.remainingPulls()).isEqualTo(remaining);
  }

  @Test
  void listThatIsLargerThanGuessed_isLeftBeforeItsChildrenArePulled() {
    source.rateLimit(100, 4);
    List<Descriptor> entries = new ArrayList<>();
    for (String platform : List.of("linux/amd64", "linux/arm64", "linux/s390x", "linux/ppc64le")) {
      entries.add(images.image(platform, images.layer(platform)));
    }
    images.index("1.0", entries.toArray(Descriptor[]::new));
    ImageResult result = only(run(copy("1.0", PLAIN)));
    assertThat(result.outcome()).isEqualTo(Outcome.POSTPONED);
    assertThat(source.count("GET manifest")).isLessThanOrEqualTo(1);
    assertThat(target.count("PUT manifest")).isZero();
  }

  @Test
  void usedUpQuota_postponesAndDoesNotFail() {
    images.twoPlatforms("1.0");
    source
        .on("GET manifest")
        .answer(
            429,
            Map.of("Content-Type", "application/json"),
            "{\"errors\":[{\"code\":\"TOOMANYREQUESTS\",\"message\":\"You have reached your pull"
                + " rate limit.\"}]}");
    ImageResult result = only(run(copy("1.0", PLAIN)));
    assertThat(result.outcome()).isEqualTo(Outcome.POSTPONED);
  }

  @Test
  void manifestsOfAKilledRun_areNotPulledAgain() {
    source.rateLimit(100, 50);
    Descriptor list = images.twoPlatforms("1.0");
    target
        .on(request -> request.kind().equals("PUT manifest") && request.path().endsWith("/1.0"))
        .error(500, "UNKNOWN", "no");
    run(copy("1.0", PLAIN));
    target.clearFaults();
    clear();
    run(copy("1.0", PLAIN));
    assertThat(target.digestOf("mirror/tool", "1.0")).isEqualTo(list.digest());
    assertThat(source.count("GET manifest")).isEqualTo(1);
  }

  // Referrers

  @Test
  void referrers_travelWithTheirBlobs_andTheirOwnReferrers() {
    source.referrersApi(true);
    target.referrersApi(true);
    Descriptor list = images.twoPlatforms("1.0");
    Descriptor sbom = images.artifact(null, "application/spdx+json", "sbom", list);
    Descriptor signature = images.artifact(null, "application/vnd.sig", "signature", sbom);
    run(copy("1.0", WITH_REFERRERS));
    assertThat(target.hasManifest("mirror/tool", sbom.digest().toString())).isTrue();
    assertThat(target.hasManifest("mirror/tool", signature.digest().toString())).isTrue();
  }

  @Test
  void referrersOfAChild_travelToo() {
    source.referrersApi(true);
    target.referrersApi(true);
    Descriptor list = images.twoPlatforms("1.0");
    Descriptor child = children(list.digest()).getFirst();
    Descriptor sbom = images.artifact(null, "application/spdx+json", "sbom", child);
    run(copy("1.0", WITH_REFERRERS));
    assertThat(target.hasManifest("mirror/tool", sbom.digest().toString())).isTrue();
  }

  @Test
  void targetWithoutTheApi_getsTheFallbackTag_mergedWithWhatItLists() {
    source.referrersApi(true);
    target.referrersApi(false);
    Descriptor list = images.twoPlatforms("1.0");
    Descriptor sbom = images.artifact(null, "application/spdx+json", "sbom", list);
    Tag tag = Tag.referrersOf(list.digest());
    SourceImages others = new SourceImages(target, "mirror/tool");
    Descriptor theirs = others.artifact(null, "application/vnd.theirs", "theirs", list);
    others.index(tag.value(), theirs);
    run(copy("1.0", WITH_REFERRERS));
    Index listed = (Index) target.manifest("mirror/tool", tag.value()).parse();
    assertThat(listed.manifests())
        .extracting(Descriptor::digest)
        .containsExactly(theirs.digest(), sbom.digest());
    assertThat(listed.manifests().getLast().artifactType()).isEqualTo("application/spdx+json");
  }

  @Test
  void fallbackTagThatLosesAnUpdate_isWrittenAgain() {
    source.referrersApi(true);
    target.referrersApi(false);
    Descriptor list = images.twoPlatforms("1.0");
    Descriptor sbom = images.artifact(null, "application/spdx+json", "sbom", list);
    Tag tag = Tag.referrersOf(list.digest());
    target
        .on(
            request ->
                request.kind().equals("PUT manifest") && request.path().endsWith(tag.value()))
        .once()
        .answer(201);
    run(copy("1.0", WITH_REFERRERS));
    Index listed = (Index) target.manifest("mirror/tool", tag.value()).parse();
    assertThat(listed.manifests()).extracting(Descriptor::digest).containsExactly(sbom.digest());
  }

  @Test
  void cosignTags_travelAsTags() {
    source.referrersApi(false);
    target.referrersApi(false);
    Descriptor list = images.twoPlatforms("1.0");
    Tag signature = Tag.attachmentOf(list.digest(), "sig");
    images.artifact(
        signature.value(), "application/vnd.dev.cosign.simplesigning.v1+json", "s", null);
    run(copy("1.0", WITH_REFERRERS));
    assertThat(target.digestOf("mirror/tool", signature.value()))
        .isEqualTo(source.digestOf("acme/tool", signature.value()));
  }

  @Test
  void unchangedImageWithReferrers_betweenRegistriesWithTheApi_costsAtMostThreeMore() {
    source.referrersApi(true);
    target.referrersApi(true);
    Descriptor list = images.twoPlatforms("1.0");
    images.artifact(null, "application/spdx+json", "sbom", list);
    run(copy("1.0", WITH_REFERRERS));
    clear();
    assertThat(only(run(copy("1.0", WITH_REFERRERS))).outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(source.requests().size() + target.requests().size()).isLessThanOrEqualTo(5);
    assertThat(source.count("GET manifest")).isZero();
  }

  @Test
  void unchangedImagesWithFallbackTag_costAtMostThreeMore_andNoManifestGet() {
    source.referrersApi(false);
    target.referrersApi(false);
    List<ImageCopy> copies = new ArrayList<>();
    for (String tag : List.of("1.0", "1.1", "1.2")) {
      Descriptor list = images.twoPlatforms(tag);
      Descriptor sbom = images.artifact(null, "application/spdx+json", "sbom of " + tag, list);
      images.index(Tag.referrersOf(list.digest()).value(), sbom);
      copies.add(copy(tag, WITH_REFERRERS));
    }
    MirrorEntry[] entries = copies.toArray(MirrorEntry[]::new);
    run(entries);
    clear();
    assertThat(run(entries).images())
        .extracting(ImageResult::outcome)
        .containsOnly(Outcome.UNCHANGED);
    assertThat(source.requests().size() + target.requests().size()).isLessThanOrEqualTo(15);
    assertThat(source.count("GET manifest")).isZero();
    assertThat(source.count("GET referrers")).isEqualTo(1);
  }

  @Test
  void signatureThatAppearsLater_reachesAnUnchangedImage() {
    source.referrersApi(true);
    target.referrersApi(true);
    Descriptor list = images.twoPlatforms("1.0");
    run(copy("1.0", WITH_REFERRERS));
    Descriptor sbom = images.artifact(null, "application/spdx+json", "sbom", list);
    clear();
    assertThat(only(run(copy("1.0", WITH_REFERRERS))).outcome()).isEqualTo(Outcome.COPIED);
    assertThat(target.hasManifest("mirror/tool", sbom.digest().toString())).isTrue();
    assertThat(source.count("GET manifest")).isEqualTo(1);
  }

  @Test
  void selectionNeverTakesAttachmentsForImages() {
    Descriptor list = images.twoPlatforms("1.0");
    images.artifact(Tag.attachmentOf(list.digest(), "sig").value(), "a/b", "s", null);
    MirrorReport report = run(selection("", "", 0));
    assertThat(Set.copyOf(report.images().stream().map(ImageResult::target).toList()))
        .containsExactly(target.reference("mirror/tool", "1.0"));
  }

  // Attachments in disrepair

  /** A referrer that the source lists and does not hold. */
  private Descriptor gone(Descriptor subject) {
    Descriptor gone = images.artifact(null, "application/spdx+json", "gone", subject);
    source.removeManifest("acme/tool", gone.digest());
    return gone;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void attachmentThatIsGoneAtTheSource_isLeftOutWithANote(boolean targetHasApi) {
    source.referrersApi(false);
    target.referrersApi(targetHasApi);
    Descriptor list = images.twoPlatforms("1.0");
    Descriptor gone = gone(list);
    Descriptor sbom = images.artifact(null, "application/spdx+json", "sbom", list);
    images.index(Tag.referrersOf(list.digest()).value(), gone, sbom);

    ImageResult result = only(run(copy("1.0", WITH_REFERRERS)));

    assertThat(result.outcome()).isEqualTo(Outcome.COPIED);
    assertThat(result.notes())
        .singleElement()
        .asString()
        .contains(gone.digest().toString())
        .contains("attached to " + list.digest())
        .contains("gone at the source");
    assertThat(target.digestOf("mirror/tool", "1.0")).isEqualTo(list.digest());
    assertThat(target.hasManifest("mirror/tool", sbom.digest().toString())).isTrue();
    if (!targetHasApi) {
      Index listed =
          (Index) target.manifest("mirror/tool", Tag.referrersOf(list.digest()).value()).parse();
      assertThat(listed.manifests()).extracting(Descriptor::digest).containsExactly(sbom.digest());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 500, 501})
  void referrersApiInDisrepair_isANote_andTheImageIsCopied(int status) {
    source.referrersApi(true);
    Descriptor list = images.twoPlatforms("1.0");
    source.on("GET referrers").error(status, "UNKNOWN", "no");
    source.on("GET tags").error(status, "UNKNOWN", "no");
    source
        .on(request -> request.kind().equals("HEAD manifest") && request.path().contains("sha256-"))
        .error(status, "UNKNOWN", "no");

    ImageResult result = only(run(copy("1.0", WITH_REFERRERS)));

    assertThat(result.outcome()).isEqualTo(Outcome.COPIED);
    assertThat(result.notes()).anyMatch(note -> note.contains("is not known and not copied"));
    assertThat(target.digestOf("mirror/tool", "1.0")).isEqualTo(list.digest());
  }

  @Test
  void attachmentThatCannotBeRead_failsTheImageThoughItIsThere_andSaysWhatIsLeft() {
    source.referrersApi(true);
    target.referrersApi(true);
    Descriptor list = images.twoPlatforms("1.0");
    Descriptor sbom = images.artifact(null, "application/spdx+json", "sbom", list);
    Descriptor broken = images.artifact(null, "application/spdx+json", "broken", list);
    source.on("GET", broken.digest().toString()).error(403, "DENIED", "no");

    ImageResult result = only(run(copy("1.0", WITH_REFERRERS)));

    assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
    assertThat(result.error())
        .contains("the image is at the target")
        .contains(broken.digest().toString())
        .contains("left at the source");
    assertThat(target.digestOf("mirror/tool", "1.0")).isEqualTo(list.digest());
    assertThat(target.hasManifest("mirror/tool", sbom.digest().toString())).isTrue();

    source.clearFaults();
    assertThat(only(run(copy("1.0", WITH_REFERRERS))).outcome()).isEqualTo(Outcome.COPIED);
    assertThat(target.hasManifest("mirror/tool", broken.digest().toString())).isTrue();
  }

  @Test
  void sourceThatFallsSilentOverAnAttachment_isNotAskedForTheOthers() {
    source.referrersApi(true);
    target.referrersApi(true);
    Descriptor list = images.twoPlatforms("1.0");
    List<Descriptor> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(images.artifact(null, "application/spdx+json", "sbom " + i, list));
    }
    source
        .on(
            request ->
                request.kind().equals("GET manifest")
                    && all.stream()
                        .anyMatch(each -> request.path().endsWith(each.digest().toString())))
        .drop();

    ImageResult result = only(run(copy("1.0", WITH_REFERRERS)));

    assertThat(result.error()).contains("5 of what is attached");
    assertThat(target.digestOf("mirror/tool", "1.0")).isEqualTo(list.digest());
    assertThat(
            all.stream().filter(each -> source.count("GET manifest", each.digest().toString()) > 0))
        .hasSize(1);
  }

  @Test
  void moreThanAThousandAttachments_travelAll() {
    source.referrersApi(true);
    target.referrersApi(true);
    source.pageSize(500);
    Descriptor image = images.image("linux/amd64", images.layer("a"));
    images.tag("1.0", image);
    List<Descriptor> all = new ArrayList<>();
    for (int i = 0; i < 1_200; i++) {
      all.add(images.artifact(null, "application/spdx+json", "sbom " + i, image));
    }

    ImageResult result = only(run(copy("1.0", new CopyPolicy(List.of(), true, true, true, null))));

    assertThat(result.outcome()).isEqualTo(Outcome.COPIED);
    assertThat(all).allMatch(each -> target.hasManifest("mirror/tool", each.digest().toString()));
  }

  @Test
  void tagThatIsTheSubject_isNoListOfReferrers() {
    source.referrersApi(false);
    target.referrersApi(false);
    Descriptor list = images.twoPlatforms("1.0");
    images.tag(Tag.referrersOf(list.digest()).value(), list);

    ImageResult result = only(run(copy("1.0", WITH_REFERRERS)));

    assertThat(result.outcome()).isEqualTo(Outcome.COPIED);
    assertThat(target.tags("mirror/tool")).containsExactly("1.0");
  }

  // Platforms

  @Test
  void buildsOfWindows_areDifferentPlatforms() {
    Descriptor old = images.image("linux/amd64", "windows/amd64", images.layer("old"));
    Descriptor recent = images.image("linux/amd64", "windows/amd64", images.layer("new"));
    images.index(
        "1.0",
        images.image("linux/amd64", images.layer("a")),
        SourceImages.as(new Platform("windows", "amd64", null, "10.0.17763.5329"), old),
        SourceImages.as(new Platform("windows", "amd64", null, "10.0.20348.2227"), recent));
    CopyPolicy both =
        new CopyPolicy(
            List.of(Platform.parse("linux/amd64"), Platform.parse("windows/amd64")),
            false,
            false,
            true,
            null);

    ImageResult result = only(run(copy("1.0", both)));

    assertThat(result.error()).isNull();
    assertThat(result.platforms()).isEqualTo(both.platforms());
  }

  @Test
  void onePlatformAsked_andOnlyThatThere_needsNoList() {
    images.tag("1.0", images.image("linux/amd64", images.layer("a")));
    CopyPolicy one = new CopyPolicy(BOTH.subList(0, 1), false, false, true, null);
    assertThat(only(run(copy("1.0", one))).outcome()).isEqualTo(Outcome.COPIED);
  }

  // Quotas

  @Test
  void quotaThatEndsWhilePlanning_postponesTheImage_andOthersGoOn() {
    images.twoPlatforms("1.0");
    images.twoPlatforms("1.1");
    source
        .on("HEAD", "/manifests/1.1$")
        .answer(
            429,
            Map.of(
                "ratelimit-limit", "100;w=21600",
                "ratelimit-remaining", "0;w=21600",
                "Content-Type", "application/json"),
            "");
    MirrorReport report = run(copy("1.0", PLAIN), copy("1.1", PLAIN));
    assertThat(report.images().getLast().outcome()).isEqualTo(Outcome.POSTPONED);
    assertThat(report.images().getLast().remedy()).contains("run again");
    assertThat(report.any(Outcome.FAILED)).isFalse();
  }

  @Test
  void limitThatIsTooLongToWaitFor_postponesTheImage_alsoWhenItSaysNothingOfAQuota() {
    images.twoPlatforms("1.0");
    source.on("HEAD manifest").answer(429, Map.of("Retry-After", "20000"), "");
    ImageResult result = only(run(copy("1.0", PLAIN)));
    assertThat(result.outcome()).isEqualTo(Outcome.POSTPONED);
    assertThat(source.count("HEAD manifest")).isEqualTo(1);
  }

  // Memory

  @Test
  void manifestsBeyondAllMeasure_areRefusedBeforeTheyAreRead_andOthersAreCopied() {
    images.twoPlatforms("1.0");
    List<Descriptor> entries = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      entries.add(images.padded("linux/amd64", 4_000_000 + i));
    }
    images.index("huge", entries.toArray(Descriptor[]::new));
    MirrorReport report = run(copy("huge", PLAIN), copy("1.0", PLAIN));
    assertThat(report.images())
        .extracting(ImageResult::outcome)
        .containsExactly(Outcome.FAILED, Outcome.COPIED);
    assertThat(report.images().getFirst().error()).contains("more than 16 MiB");
    assertThat(entries)
        .allMatch(entry -> source.count("GET manifest", entry.digest().toString()) == 0);
  }

  @Test
  void severalLargeImages_areCopiedOneAfterTheOther() {
    List<ImageCopy> copies = new ArrayList<>();
    for (String tag : List.of("1", "2", "3")) {
      images.index(
          tag,
          images.padded("linux/amd64", 2_000_000 + tag.charAt(0)),
          images.padded("linux/arm64", 2_100_000 + tag.charAt(0)));
      copies.add(copy(tag, PLAIN));
    }
    assertThat(run(copies.toArray(MirrorEntry[]::new)).images())
        .extracting(ImageResult::outcome)
        .containsOnly(Outcome.COPIED);
  }
}
