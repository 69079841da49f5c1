package io.entrepot.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.lock.LockedCopies;
import io.entrepot.oci.Digest;
import io.entrepot.proxy.admission.PolicySettings.Mode;
import io.entrepot.testing.TestImage;
import io.entrepot.testing.TestImages;
import io.entrepot.testing.TestRegistry;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A digest is given when it was first seen long enough ago; a tag gives the newest such digest. */
class YoungDigestsTest {

  private static final String APP = "/v2/docker.io/acme/app";
  private static final String THREE_DAYS = "minAge: 72h\n";

  private final TestImage one = TestImages.multiPlatform("linux/amd64", "linux/arm64");
  private final TestImage two = TestImages.multiPlatform("linux/amd64", "linux/riscv64");
  private final TestImage three = TestImages.multiPlatform("linux/amd64", "linux/s390x");
  private PolicyFixture policy;
  private TestRegistry hub;
  private @Nullable RunningProxy started;

  @BeforeEach
  void start(@TempDir Path directory) throws Exception {
    policy = new PolicyFixture(directory);
    policy.write(THREE_DAYS);
    hub = TestRegistry.start();
    one.push(hub, "acme/app", "1");
  }

  private RunningProxy running() {
    return Objects.requireNonNull(started, "no registry was started");
  }

  @AfterEach
  void stop() {
    running().close();
    hub.close();
  }

  /** A registry that believes no tag for long. */
  private void startProxy() {
    startProxy(LockedCopies.none());
  }

  private void startProxy(LockedCopies copies) {
    started =
        RunningProxy.start(
            policy.store(),
            settings ->
                settings
                    .with(
                        new ProxySettings.Pulling(
                            settings.pulling().upstreams(), copies, Duration.ZERO, null))
                    .with(policy.settings(Mode.ENFORCE)),
            Duration.ZERO,
            hub);
  }

  private HttpResponse<byte[]> tag() throws Exception {
    return running().get(APP + "/manifests/1");
  }

  private Digest given() throws Exception {
    HttpResponse<byte[]> response = tag();
    assertThat(response.statusCode()).as(PolicyFixture.text(response)).isEqualTo(200);
    Digest digest = Digest.of(response.body());
    assertThat(
            running()
                .send("HEAD", APP + "/manifests/1", new byte[0])
                .headers()
                .firstValue("Docker-Content-Digest"))
        .contains(digest.toString());
    return digest;
  }

  private void assertTooYoung(String target) throws Exception {
    HttpResponse<byte[]> get = running().get(target);
    assertThat(get.statusCode()).as(target).isEqualTo(403);
    assertThat(PolicyFixture.text(get)).contains("\"DENIED\"").contains("too young");
    assertThat(running().send("HEAD", target, new byte[0]).statusCode()).isEqualTo(403);
  }

  @Test
  void newDigest_waitsByTagAndByDigest_andItsBlobsToo_thenIsGiven() throws Exception {
    startProxy();
    assertTooYoung(APP + "/manifests/1");
    // The head told all that was needed.
    assertThat(hub.count("GET manifest")).isZero();
    assertTooYoung(APP + "/manifests/" + one.digest());
    TestImage child = one.children().getFirst();
    assertTooYoung(APP + "/manifests/" + child.digest());
    assertThat(running().get(APP + "/blobs/" + child.allBlobs().getFirst()).statusCode())
        .isEqualTo(403);
    policy.pass(Duration.ofHours(71));
    assertTooYoung(APP + "/manifests/1");
    policy.pass(Duration.ofHours(1));
    assertThat(given()).isEqualTo(one.digest());
    assertThat(running().get(APP + "/manifests/" + child.digest()).statusCode()).isEqualTo(200);
    assertThat(running().get(APP + "/blobs/" + child.allBlobs().getFirst()).statusCode())
        .isEqualTo(200);
  }

  @Test
  void wait_goesOnAfterARestart() throws Exception {
    startProxy();
    assertTooYoung(APP + "/manifests/1");
    policy.pass(Duration.ofHours(71));
    running().close();
    startProxy();
    assertTooYoung(APP + "/manifests/1");
    policy.pass(Duration.ofHours(1));
    assertThat(given()).isEqualTo(one.digest());
  }

  @Test
  void movedTag_givesTheOldDigest_untilTheNewOneIsOldEnough_alsoAfterARestart() throws Exception {
    startProxy();
    tag();
    policy.pass(Duration.ofDays(3));
    assertThat(given()).isEqualTo(one.digest());
    two.push(hub, "acme/app", "1");
    assertThat(given()).isEqualTo(one.digest());
    assertTooYoung(APP + "/manifests/" + two.digest());
    running().close();
    startProxy();
    assertThat(given()).isEqualTo(one.digest());
    policy.pass(Duration.ofDays(3));
    assertThat(given()).isEqualTo(two.digest());
  }

  @Test
  void digestTakenBackWhileItWaits_isNeverGiven() throws Exception {
    startProxy();
    tag();
    policy.pass(Duration.ofDays(3));
    assertThat(given()).isEqualTo(one.digest());
    two.push(hub, "acme/app", "1");
    assertThat(given()).isEqualTo(one.digest());
    policy.pass(Duration.ofHours(2));
    // Replaced at once: the release had a fault.
    three.push(hub, "acme/app", "1");
    assertThat(given()).isEqualTo(one.digest());
    policy.pass(Duration.ofHours(71));
    assertThat(given()).isEqualTo(one.digest());
    policy.pass(Duration.ofHours(1));
    assertThat(given()).isEqualTo(three.digest());
  }

  @Test
  void tagThatMovesDaily_stillAdvances() throws Exception {
    startProxy();
    tag();
    policy.pass(Duration.ofDays(3));
    assertThat(given()).isEqualTo(one.digest());
    two.push(hub, "acme/app", "1");
    assertThat(given()).isEqualTo(one.digest());
    policy.pass(Duration.ofDays(1));
    three.push(hub, "acme/app", "1");
    assertThat(given()).isEqualTo(one.digest());
    policy.pass(Duration.ofDays(2));
    assertThat(given()).isEqualTo(two.digest());
    policy.pass(Duration.ofDays(1));
    assertThat(given()).isEqualTo(three.digest());
  }

  @Test
  void clockSetBack_shortensNothing() throws Exception {
    startProxy();
    tag();
    policy.pass(Duration.ofDays(-2));
    tag();
    two.push(hub, "acme/app", "1");
    tag();
    policy.pass(Duration.ofHours(48 + 71));
    assertTooYoung(APP + "/manifests/" + two.digest());
    policy.pass(Duration.ofHours(1));
    assertThat(running().get(APP + "/manifests/" + two.digest()).statusCode()).isEqualTo(200);
  }

  @Test
  void whatTheStoreHolds_countsAsSeenWhenItWasFetched() throws Exception {
    policy.write("minAge: 0s\n");
    startProxy();
    assertThat(given()).isEqualTo(one.digest());
    running().settle();
    Path kept = policy.store().resolve("upstream/docker.io/acme/app/_manifests");
    try (var files = Files.walk(kept)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.setLastModifiedTime(
            file, FileTime.from(PolicyFixture.START.minus(Duration.ofHours(73))));
      }
    }
    policy.write(THREE_DAYS);
    running().server().readAgain();
    assertThat(given()).isEqualTo(one.digest());
  }

  @Test
  void lostLedger_makesNothingOlder() throws Exception {
    startProxy();
    tag();
    policy.pass(Duration.ofHours(71));
    running().close();
    Files.delete(policy.store().resolve("policy/sights"));
    startProxy();
    policy.pass(Duration.ofHours(2));
    assertTooYoung(APP + "/manifests/1");
    policy.pass(Duration.ofDays(3));
    assertThat(given()).isEqualTo(one.digest());
  }

  @Test
  void corruptLedger_costsItsBadLines_andIsTold() throws Exception {
    startProxy();
    tag();
    running().close();
    Path ledger = policy.store().resolve("policy/sights");
    Files.write(ledger, new byte[] {0, 1, 2, (byte) 0xff, '\n'}, StandardOpenOption.APPEND);
    Files.writeString(
        ledger,
        "seen 2020-01-01T00:00:00Z docker.io/acme/app sha256:12",
        StandardOpenOption.APPEND);
    startProxy();
    policy.pass(Duration.ofDays(3));
    try (Told told = new Told()) {
      assertThat(given()).isEqualTo(one.digest());
      assertThat(told.lines()).anyMatch(line -> line.contains("2 lines cannot be read"));
    }
  }

  @Test
  void lockFile_knowsEarlierSights_andItsCopiesAreGiven() throws Exception {
    Path lock = policy.file().resolveSibling("images.lock.yaml");
    Files.writeString(
        lock,
        """
        version: 1
        images:
          docker.io/acme/app:1:
            digest: %s
            target: docker.io/acme/copy:1
            platforms: []
            firstSeen: 2026-11-20T10:00:00Z
        """
            .formatted(one.digest()),
        StandardCharsets.UTF_8);
    one.push(hub, "acme/copy", "1");
    startProxy(LockedCopies.read(Map.of(RunningProxy.HUB, List.of(lock))));
    assertThat(given()).isEqualTo(one.digest());
    assertThat(running().get("/v2/docker.io/acme/copy/manifests/" + one.digest()).statusCode())
        .isEqualTo(200);
  }

  @Test
  void admittedDigest_doesNotWait_untilItsLastDay() throws Exception {
    policy.write(
        THREE_DAYS
            + "admit: [{ digest: \"%s\", reason: a fix, until: 2026-11-27 }]\n"
                .formatted(one.digest()));
    startProxy();
    assertThat(given()).isEqualTo(one.digest());
    policy.pass(Duration.ofHours(15));
    assertTooYoung(APP + "/manifests/" + one.digest());
  }

  @Test
  void localRepository_doesNotWait() throws Exception {
    startProxy();
    TestImage pushed = TestImages.index();
    assertThat(
            running()
                .send(
                    "PUT",
                    "/v2/team/app/manifests/1",
                    pushed.manifest().bytes(),
                    "Content-Type",
                    pushed.manifest().mediaType().value())
                .statusCode())
        .isEqualTo(201);
    assertThat(running().get("/v2/team/app/manifests/1").statusCode()).isEqualTo(200);
  }

  @Test
  void refusedTag_askedAgainAndAgain_asksUpstreamOnce() throws Exception {
    started = policy.start(hub);
    for (int i = 0; i < 5; i++) {
      assertTooYoung(APP + "/manifests/1");
    }
    assertThat(hub.count("HEAD manifest")).isEqualTo(1);
    assertThat(hub.count("GET manifest")).isZero();
  }

  @Test
  void upstreamGone_admittedTagIsGivenFromTheStore() throws Exception {
    startProxy();
    tag();
    policy.pass(Duration.ofDays(3));
    assertThat(given()).isEqualTo(one.digest());
    hub.on(request -> true).answer(503);
    assertThat(given()).isEqualTo(one.digest());
  }
}
