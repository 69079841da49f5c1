package io.entrepot.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.lock.LockMerge;
import io.entrepot.lock.Sight;
import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.policy.Decision;
import io.entrepot.policy.LockJudge;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An age is asked: what is too young waits, by our own clock and nobody else's. */
class AgeTest extends PolicySetup {

  @Test
  void newImage_waits_andIsCopiedWhenItIsOldEnough() {
    Descriptor first = release("A");

    ImageResult result = mirror();

    assertThat(result.outcome()).isEqualTo(Outcome.WAITING);
    assertThat(result.error()).isNull();
    assertThat(result.notes())
        .singleElement()
        .asString()
        .contains(first.digest() + " waits until 2026-11-04T08:00:00Z")
        .contains("policy.yaml asks for an age of 72 h");
    assertThat(locked()).isEmpty();
    assertThat(waiting()).containsExactly(first.digest());
    assertThat(target.requests().stream().filter(each -> !each.kind().startsWith("HEAD")))
        .isEmpty();

    hours(71);
    assertThat(mirror().outcome()).isEqualTo(Outcome.WAITING);
    hours(1);
    assertThat(mirror().outcome()).isEqualTo(Outcome.COPIED);
    assertThat(locked().orElseThrow().digest()).isEqualTo(first.digest());
    assertThat(locked().orElseThrow().trust().firstSeen()).contains(START);
    assertThat(waiting()).isEmpty();
  }

  @Test
  void sourceByDigest_waitsToo() {
    Descriptor first = release("A");
    MirrorEntry.ImageCopy entry =
        new MirrorEntry.ImageCopy(
            key.pinnedTo(first.digest()), target.reference("mirror/tool", "1.0"), PLAIN, "m:1");

    assertThat(only(run(options(), entry)).outcome()).isEqualTo(Outcome.WAITING);
    hours(72);
    assertThat(only(run(options(), entry)).outcome()).isEqualTo(Outcome.COPIED);
  }

  @Test
  void lockedDigest_staysWhileANewerOneWaits_forOneHeadOnEachSide() {
    Descriptor first = release("A");
    mirror();
    hours(72);
    mirror();
    Descriptor second = release("B");
    mirror();
    assertThat(target.digestOf("mirror/tool", "1.0")).isEqualTo(first.digest());
    assertThat(waiting()).containsExactly(second.digest());
    hours(20);
    String before = LockFileCodec.format(lock.orElseThrow());
    clear();

    ImageResult result = mirror();

    assertThat(result.outcome()).isEqualTo(Outcome.WAITING);
    assertThat(result.digest()).isEqualTo(first.digest());
    assertThat(result.platforms()).isEqualTo(BOTH);
    assertThat(LockFileCodec.format(lock.orElseThrow())).isEqualTo(before);
    assertThat(source.counts()).containsOnlyKeys("HEAD manifest");
    assertThat(source.requests()).hasSize(1);
    assertThat(target.requests()).hasSize(1);

    hours(52);
    assertThat(mirror().outcome()).isEqualTo(Outcome.COPIED);
    assertThat(target.digestOf("mirror/tool", "1.0")).isEqualTo(second.digest());
    assertThat(target.tags("mirror/tool")).contains("1.0_" + first.digest().shortHex(12));
  }

  @Test
  void unchangedImage_underAPolicy_costsOneHeadOnEachSide() {
    release("A");
    policy = "minAge: 72h\ndeny: [{ digest: sha256:%s, reason: x }]".formatted("0".repeat(64));
    mirror();
    hours(72);
    mirror();
    clear();
    assertThat(mirror().outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(source.requests()).hasSize(1);
    assertThat(target.requests()).hasSize(1);
  }

  @Test
  void lockedBeforeThePolicy_stays() {
    Descriptor first = release("A");
    lock = Optional.of(run(copy("1.0", PLAIN)).lock());
    assertThat(mirror().outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(locked().orElseThrow().digest()).isEqualTo(first.digest());
    assertThat(locked().orElseThrow().trust().firstSeen()).isEmpty();
    target.removeTag("mirror/tool", "1.0");
    assertThat(mirror().outcome()).isEqualTo(Outcome.COPIED);

    // A file may name it too, though nobody knows since when it is there.
    LockJudge judge =
        new LockJudge(
            options().policy().orElseThrow().policy(),
            lock.orElseThrow(),
            Clock.fixed(now, ZoneOffset.UTC));
    assertThat(judge.judge(key.pinnedTo(first.digest()))).isInstanceOf(Decision.Admitted.class);
  }

  @Test
  void tagThatGoesAwayAndComesBack_AtoBtoA_isTakenBackAndTold() {
    Descriptor first = release("A");
    mirror();
    hours(72);
    mirror();
    Descriptor second = release("B");
    mirror();
    hours(30);
    release("A");

    ImageResult result = mirror();

    assertThat(result.outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(result.notes())
        .containsExactly(
            second.digest() + " is taken back: the source is at the locked digest again");
    assertThat(waiting()).isEmpty();
    hours(200);
    assertThat(mirror().outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(target.digestOf("mirror/tool", "1.0")).isEqualTo(first.digest());
  }

  @Test
  void takenBackDigest_thatComesAgain_waitsAnew() {
    release("A");
    mirror();
    hours(72);
    mirror();
    release("B");
    mirror();
    hours(30);
    release("A");
    mirror();
    hours(50);
    release("B");
    assertThat(mirror().outcome()).isEqualTo(Outcome.WAITING);
    hours(71);
    assertThat(mirror().outcome()).isEqualTo(Outcome.WAITING);
    hours(1);
    assertThat(mirror().outcome()).isEqualTo(Outcome.COPIED);
  }

  @Test
  void releaseThatIsReplacedAtOnce_isTakenBack() {
    release("A");
    mirror();
    hours(72);
    mirror();
    Descriptor poisoned = release("B");
    mirror();
    hours(11);
    Descriptor mended = release("C");

    ImageResult result = mirror();

    assertThat(result.notes())
        .anyMatch(
            note ->
                note.equals(poisoned.digest() + " is taken back: the tag has left it within 12 h"));
    assertThat(waiting()).containsExactly(mended.digest());
  }

  @Test
  void laterSuccessorAlone_takesNothingBack() {
    release("A");
    mirror();
    hours(72);
    mirror();
    Descriptor second = release("B");
    mirror();
    hours(12);
    Descriptor third = release("C");
    mirror();
    assertThat(waiting()).containsExactly(second.digest(), third.digest());

    hours(60);
    assertThat(mirror().outcome()).isEqualTo(Outcome.COPIED);
    assertThat(locked().orElseThrow().digest()).isEqualTo(second.digest());
    assertThat(waiting()).containsExactly(third.digest());
    hours(12);
    mirror();
    assertThat(locked().orElseThrow().digest()).isEqualTo(third.digest());
  }

  @Test
  void digestThatIsGoneAtTheEndOfItsWait_isDroppedAndTold() {
    Descriptor first = release("A");
    mirror();
    hours(72);
    mirror();
    Descriptor second = release("B");
    mirror();
    hours(20);
    release("C");
    mirror();
    source.removeManifest("acme/tool", second.digest());
    hours(52);

    ImageResult result = mirror();

    assertThat(result.outcome()).isEqualTo(Outcome.WAITING);
    assertThat(result.notes())
        .anyMatch(
            note -> note.equals(second.digest() + " is taken back: it is gone at the source"));
    assertThat(locked().orElseThrow().digest()).isEqualTo(first.digest());
    assertThat(waiting()).hasSize(1);
  }

  @Test
  void sourceThatDoesNotAnswerAtTheEndOfAWait_dropsNothing() {
    release("A");
    mirror();
    hours(72);
    mirror();
    Descriptor second = release("B");
    mirror();
    hours(20);
    release("C");
    mirror();
    hours(52);
    source.on(request -> request.path().contains(second.digest().hex())).answer(503);
    assertThat(mirror().outcome()).isEqualTo(Outcome.FAILED);
    assertThat(waiting()).hasSize(2);
    source.clearFaults();
    assertThat(mirror().outcome()).isEqualTo(Outcome.COPIED);
    assertThat(locked().orElseThrow().digest()).isEqualTo(second.digest());
  }

  @Test
  void tagThatMovesEveryDay_stillAdvances() {
    Descriptor last = release("day 0");
    mirror();
    for (int day = 1; day <= 8; day++) {
      hours(24);
      last = release("day " + day);
      mirror();
      assertThat(waiting()).hasSizeLessThanOrEqualTo(3);
      if (day >= 3) {
        assertThat(locked().orElseThrow().trust().firstSeen())
            .contains(now.minus(Duration.ofDays(3)));
      }
    }
    assertThat(locked().orElseThrow().digest()).isNotEqualTo(last.digest());
  }

  @Test
  void tagThatGoesBackForGood_isFollowedAfterItsAge() {
    Descriptor first = release("A");
    mirror();
    hours(72);
    mirror();
    release("B");
    mirror();
    hours(72);
    mirror();
    release("A");
    assertThat(mirror().outcome()).isEqualTo(Outcome.WAITING);
    hours(72);
    assertThat(mirror().outcome()).isEqualTo(Outcome.COPIED);
    assertThat(locked().orElseThrow().digest()).isEqualTo(first.digest());
  }

  @Test
  void clockThatIsSetBack_shortensNoWait() {
    release("A");
    mirror();
    hours(72);
    mirror();
    Descriptor second = release("B");
    mirror();
    Instant seen = now;
    now = Instant.EPOCH;
    // A sight that is written by the wrong clock is not older than what was seen before.
    Descriptor third = release("C");
    assertThat(mirror().outcome()).isEqualTo(Outcome.WAITING);
    now = seen.plus(Duration.ofHours(71));
    assertThat(mirror().outcome()).isEqualTo(Outcome.WAITING);
    assertThat(locked().orElseThrow().digest()).isNotEqualTo(second.digest());
    now = seen.plus(Duration.ofDays(3));
    mirror();
    assertThat(locked().orElseThrow().digest()).isEqualTo(third.digest());
  }

  @ParameterizedTest
  @ValueSource(strings = {"1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z"})
  void dateInsideTheImage_isNeverBelieved(String created) {
    Descriptor amd64 = images.created("linux/amd64", created);
    Descriptor arm64 = images.created("linux/arm64", created);
    images.index("1.0", amd64, arm64);
    assertThat(mirror().outcome()).isEqualTo(Outcome.WAITING);
    hours(72);
    assertThat(mirror().outcome()).isEqualTo(Outcome.COPIED);
  }

  @Test
  void twoBranches_haveSeenTheSame_theEarlierSightCounts() {
    release("A");
    mirror();
    hours(72);
    mirror();
    Descriptor second = release("B");
    LockFile base = lock.orElseThrow();
    mirror();
    LockFile early = lock.orElseThrow();
    Instant seen = now;
    hours(40);
    lock = Optional.of(base);
    mirror();
    lock = Optional.of(LockMerge.merge(base, lock.orElseThrow(), early));
    assertThat(locked().orElseThrow().trust().waiting())
        .containsExactly(new Sight(second.digest(), seen));
    now = seen.plus(Duration.ofDays(3));
    assertThat(mirror().outcome()).isEqualTo(Outcome.COPIED);
  }

  @Test
  void lostLedger_beginsTheWaitAnew_andTakesNothingEarly() {
    release("A");
    mirror();
    hours(71);
    lock = Optional.empty();
    mirror();
    hours(71);
    assertThat(mirror().outcome()).isEqualTo(Outcome.WAITING);
    hours(1);
    assertThat(mirror().outcome()).isEqualTo(Outcome.COPIED);
  }

  @Test
  void sightOfATag_countsForAnotherTagOfTheRepository() {
    Descriptor first = release("A");
    mirror();
    hours(72);
    source.addManifest(
        "acme/tool",
        "1.1",
        source.manifest("acme/tool", "1.0").mediaType(),
        source.manifest("acme/tool", "1.0").bytes());
    MirrorReport report = run(options(), copy("1.0", PLAIN), copy("1.1", PLAIN));
    assertThat(report.images()).extracting(ImageResult::outcome).containsOnly(Outcome.COPIED);
    assertThat(report.lock().images().values())
        .allMatch(image -> image.digest().equals(first.digest()));
  }

  @Test
  void checkAndDryRun_recordNoSights_andNameWhatWaits() {
    Descriptor first = release("A");
    MirrorPlan plan = plan(options().checking(), copy("1.0", PLAIN));
    assertThat(plan.changes())
        .singleElement()
        .satisfies(
            image -> {
              assertThat(image.waits()).isTrue();
              assertThat(image.notes()).singleElement().asString().contains(first.digest().hex());
            });
    assertThat(plan.lock().awaited()).isEmpty();
  }

  @Test
  void admittedDigest_needNotWait_untilItsLastDayIsOver() {
    Descriptor first = release("A");
    policy =
        "minAge: 72h\nadmit: [{ digest: '%s', reason: fix, until: 2026-11-01 }]"
            .formatted(first.digest());
    now = Instant.parse("2026-11-02T00:00:00Z");
    assertThat(mirror().outcome()).isEqualTo(Outcome.WAITING);
    now = Instant.parse("2026-11-01T23:59:59Z");
    lock = Optional.empty();
    assertThat(mirror().outcome()).isEqualTo(Outcome.COPIED);
  }

  @Test
  void copyThatFails_keepsTheSight() {
    Descriptor first = release("A");
    mirror();
    hours(72);
    target.on("PUT manifest").answer(403);
    assertThat(mirror().outcome()).isEqualTo(Outcome.FAILED);
    assertThat(waiting()).containsExactly(first.digest());
    target.clearFaults();
    assertThat(mirror().outcome()).isEqualTo(Outcome.COPIED);
    assertThat(locked().orElseThrow().trust().firstSeen()).contains(START);
  }

  @Test
  void lockedRun_ofWhatIsAwaited_waits() {
    release("A");
    mirror();
    hours(100);
    assertThat(only(run(options().fromLock(), copy("1.0", PLAIN))).outcome())
        .isEqualTo(Outcome.WAITING);
    assertThat(waiting()).hasSize(1);
  }

  @Test
  void withoutALedger_anAgeIsRefused_unlessALockKnowsIt() {
    Descriptor first = release("A");
    MirrorOptions copying =
        MirrorOptions.DEFAULTS.under(
            new RunPolicy(options().policy().orElseThrow().policy(), now, false));
    ImageResult result = only(run(copying, copy("1.0", PLAIN)));
    assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(result.error()).contains("too-young: nobody knows when " + first.digest());
    assertThat(waiting()).isEmpty();

    lock = Optional.empty();
    mirror();
    assertThat(only(run(copying, copy("1.0", PLAIN))).error())
        .contains("waits until 2026-11-04T08:00:00Z");
    MirrorOptions later =
        MirrorOptions.DEFAULTS.under(
            new RunPolicy(
                options().policy().orElseThrow().policy(), now.plus(Duration.ofDays(3)), false));
    assertThat(only(run(later, copy("1.0", PLAIN))).outcome()).isEqualTo(Outcome.COPIED);
  }

  @Test
  void partsOfAnAssembledList_waitUnderTheirOwnNames() {
    SourceImages other = new SourceImages(source, "acme/arm");
    Descriptor amd64 = images.image("linux/amd64", images.layer("a"));
    Descriptor arm64 = other.image("linux/arm64", other.layer("b"));
    tag("acme/tool", "1.0", amd64.digest());
    tag("acme/arm", "1.0", arm64.digest());
    policy = "minAge: 72h\nrules: [{ match: '%s/acme/tool', minAge: 0s }]".formatted(source.name());
    MirrorEntry.Assembly entry =
        new MirrorEntry.Assembly(
            new TreeMap<>(
                Map.of(BOTH.getFirst(), key, BOTH.getLast(), source.reference("acme/arm", "1.0"))),
            target.reference("mirror/tool", "1.0"),
            PLAIN,
            "m:1");

    assertThat(only(run(options(), entry)).outcome()).isEqualTo(Outcome.WAITING);
    assertThat(lock.orElseThrow().awaited()).containsOnlyKeys(source.reference("acme/arm", "1.0"));
    hours(72);
    assertThat(only(run(options(), entry)).outcome()).isEqualTo(Outcome.COPIED);
    assertThat(lock.orElseThrow().awaited()).isEmpty();
    assertThat(lock.orElseThrow().images()).hasSize(2);
  }

  private void tag(String repository, String tag, Digest digest) {
    source.addManifest(
        repository,
        tag,
        source.manifest(repository, digest.toString()).mediaType(),
        source.manifest(repository, digest.toString()).bytes());
  }

  @Test
  void onlySomeEntries_keepTheSightsOfTheOthers() {
    release("A");
    images.index(
        "2.0", images.image("linux/amd64", images.layer("x")), images.image("linux/arm64"));
    run(options(), copy("1.0", PLAIN), copy("2.0", PLAIN));
    run(options().withOnly("*:2.0"), copy("1.0", PLAIN), copy("2.0", PLAIN));
    assertThat(lock.orElseThrow().awaited()).hasSize(2);
    run(options(), copy("2.0", PLAIN));
    assertThat(lock.orElseThrow().awaited()).hasSize(1);
    assertThat(List.copyOf(lock.orElseThrow().awaited().keySet()))
        .containsExactly(source.reference("acme/tool", "2.0"));
  }
}
