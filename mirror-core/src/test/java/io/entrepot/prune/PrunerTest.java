package io.entrepot.prune;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.concurrent.Parallel;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import io.entrepot.registry.RegistryClient;
import io.entrepot.testing.TestClients;
import io.entrepot.testing.TestImage;
import io.entrepot.testing.TestImages;
import io.entrepot.testing.TestRegistry;
import io.entrepot.text.Glob;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** By a registry's own DELETE. */
@Timeout(60)
final class PrunerTest {

  private static final Instant NOW = Instant.parse("2026-11-27T00:00:00Z");
  private static final Duration SINCE = Duration.ofDays(90);

  @TempDir Path folder;
  private final Vertx vertx = Vertx.vertx();
  private final TestRegistry registry = TestRegistry.start().deletes(true);
  private final RegistryClient client = TestClients.impatient(vertx);
  private final Marks marks = new Marks();
  private final Repository repository = registry.repository("mirror/app");

  @AfterEach
  void stop() {
    client.shutdown().await();
    registry.close();
    vertx.close().await();
  }

  private PruneRequest request(boolean confirm, List<Glob> keepTags, List<ImageReference> keep) {
    return new PruneRequest(
        registry.repository("mirror"), keepTags, keep, SINCE, NOW, confirm, folder);
  }

  private PruneReport prune(boolean confirm) {
    return Pruner.byRegistry(client, request(confirm, List.of(), List.of()), marks);
  }

  private TestImage image(String name) {
    return TestImages.index(
        TestImages.builder("linux/amd64").annotation("name", name).build(),
        TestImages.builder("linux/arm64").annotation("name", name).build());
  }

  /** An image that the lock holds. */
  private TestImage current(String tag) {
    TestImage image = image("current");
    image.push(registry, "mirror/app", tag);
    marks.held(repository, image.digest());
    marks.mark(image.digest(), "the lock holds it");
    return image;
  }

  /** An image that the lock let go of so many days ago. */
  private TestImage former(String tag, int days) {
    TestImage image = image("former" + days);
    image.push(registry, "mirror/app", tag);
    marks.held(repository, image.digest());
    marks.left(repository, image.digest(), NOW.minus(Duration.ofDays(days)));
    return image;
  }

  private boolean has(TestImage image) {
    return registry.hasManifest("mirror/app", image.digest().toString());
  }

  @Test
  void withoutConfirm_saysWhatWouldGo_andAsksNothingToBeRemoved() {
    TestImage current = current("7");
    TestImage old = former("7_aaaaaaaaaaaa", 100);
    PruneReport report = prune(false);
    assertThat(report.remove().stream().map(PruneReport.Removed::digest))
        .containsExactlyInAnyOrder(
            old.digest(), old.children().getFirst().digest(), old.children().getLast().digest());
    assertThat(report.keep().stream().map(PruneReport.Kept::digest)).contains(current.digest());
    assertThat(registry.count("DELETE manifest")).isZero();
  }

  @Test
  void confirmed_listsGoBeforeTheirChildren_whatIsNeededStays() {
    TestImage current = current("7");
    TestImage old = former("7_aaaaaaaaaaaa", 100);
    TestImage young = former("7_bbbbbbbbbbbb", 10);
    PruneReport report = prune(true);
    assertThat(report.failures()).isEmpty();
    assertThat(report.removed()).isEqualTo(3);
    assertThat(has(old)).isFalse();
    assertThat(old.children()).noneMatch(this::has);
    assertThat(has(current)).isTrue();
    assertThat(current.children()).allMatch(this::has);
    assertThat(has(young)).isTrue();
    List<String> paths = registry.requests("DELETE manifest").stream().map(r -> r.path()).toList();
    assertThat(paths.getFirst()).endsWith(old.digest().toString());
  }

  @Test
  void confirmed_eachManifestIsFetchedOnce_alsoWhenTheRepositoryIsReadAgain() {
    current("7");
    former("7_aaaaaaaaaaaa", 100);
    prune(true);
    assertThat(registry.requests("GET manifest").stream().map(r -> r.path()))
        .hasSize(6)
        .doesNotHaveDuplicates();
  }

  @Test
  void childThatAnotherListNeeds_stays() {
    TestImage shared = TestImages.builder("linux/amd64").annotation("name", "shared").build();
    TestImage current = TestImages.index(shared);
    current.push(registry, "mirror/app", "7");
    marks.held(repository, current.digest());
    marks.mark(current.digest(), "the lock holds it");
    TestImage old =
        TestImages.index(
            shared, TestImages.builder("linux/arm64").annotation("name", "old").build());
    old.push(registry, "mirror/app", "7_aaaaaaaaaaaa");
    marks.held(repository, old.digest());
    marks.left(repository, old.digest(), NOW.minus(Duration.ofDays(100)));
    prune(true);
    assertThat(has(old)).isFalse();
    assertThat(has(shared)).isTrue();
    assertThat(has(current)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void attachments_followWhatTheyAreAttachedTo(boolean referrersApi) {
    registry.referrersApi(referrersApi);
    TestImage current = current("7");
    TestImage old = former("7_aaaaaaaaaaaa", 100);
    for (TestImage each : List.of(current, old)) {
      TestImage sbom = TestImages.referrer(each, TestImages.SPDX, "sbom".getBytes(UTF_8));
      sbom.push(registry, "mirror/app");
      if (!referrersApi) {
        TestImages.referrersList(sbom).push(registry, "mirror/app", TestImages.referrersTag(each));
      }
      TestImages.cosignSignature(each)
          .push(registry, "mirror/app", TestImages.cosignTag(each, "sig"));
    }
    prune(true);
    assertThat(registry.tags("mirror/app"))
        .contains("7", TestImages.cosignTag(current, "sig"))
        .doesNotContain(TestImages.cosignTag(old, "sig"), TestImages.referrersTag(old));
    assertThat(has(TestImages.referrer(current, TestImages.SPDX, "sbom".getBytes(UTF_8)))).isTrue();
    assertThat(has(TestImages.referrer(old, TestImages.SPDX, "sbom".getBytes(UTF_8)))).isFalse();
  }

  @Test
  void anythingUnseen_removesNothing() {
    current("7");
    TestImage old = former("7_aaaaaaaaaaaa", 100);
    marks.held(registry.repository("mirror/other"), old.digest());
    registry.on("GET", "/v2/mirror/other/tags/list.*").answer(500);
    PruneReport report = prune(true);
    assertThat(report.unseen().stream().map(Unseen::what))
        .containsExactly(registry.name() + "/mirror/other");
    assertThat(has(old)).isTrue();
    assertThat(registry.count("DELETE manifest")).isZero();
  }

  @Test
  void repositoriesOutsideOfTheTarget_orThatNoLockNamed_areNotLookedAt() {
    current("7");
    image("x").push(registry, "mirror/unknown", "1");
    marks.held(registry.repository("elsewhere/app"), image("x").digest());
    prune(true);
    assertThat(registry.requests().stream().map(r -> r.path()))
        .allMatch(path -> path.startsWith("/v2/mirror/app/") || path.equals("/v2/"));
  }

  @Test
  void unknownAge_patternsAndKeep_stay() {
    TestImage current = current("7");
    TestImage foreign = image("foreign");
    foreign.push(registry, "mirror/app", "by-hand");
    TestImage stable = former("stable-1", 100);
    TestImage named = former("old", 200);
    PruneReport report =
        Pruner.byRegistry(
            client,
            request(
                true,
                List.of(Glob.ofName("stable-*")),
                List.of(ImageReference.parse(repository + ":old"))),
            marks);
    assertThat(report.remove()).isEmpty();
    assertThat(List.of(current, foreign, stable, named)).allMatch(this::has);
  }

  @Test
  void pushedDuringTheSweep_whatItNeedsStays() throws InterruptedException {
    current("7");
    TestImage old = former("7_aaaaaaaaaaaa", 100);
    TestImage child = old.children().getFirst();
    var gate = registry.on("DELETE", "/v2/mirror/app/manifests/" + old.digest()).once().hold();
    Thread sweep = Thread.startVirtualThread(() -> prune(true));
    gate.awaitArrivals(1);
    TestImage fresh = TestImages.index(child);
    fresh.push(registry, "mirror/app", "8");
    gate.open();
    sweep.join();
    assertThat(has(fresh)).isTrue();
    assertThat(has(child)).isTrue();
  }

  @Test
  void killedAfterTheList_theNextRunEndsIt() {
    current("7");
    TestImage old = former("7_aaaaaaaaaaaa", 100);
    Digest child = old.children().getFirst().digest();
    registry.on("DELETE", "/v2/mirror/app/manifests/" + child).times(20).answer(403);
    assertThat(prune(true).failures()).isNotEmpty();
    assertThat(has(old)).isFalse();
    registry.clearFaults();
    prune(true);
    assertThat(old.children()).noneMatch(this::has);
  }

  @Test
  void twoAtOnce_bothEndWell() {
    TestImage current = current("7");
    List<TestImage> old = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      old.add(former("7_" + Integer.toString(i).repeat(12), 100 + i));
    }
    List<PruneReport> reports = Parallel.map(List.of(1, 2), each -> prune(true));
    assertThat(reports).allSatisfy(report -> assertThat(report.failures()).isEmpty());
    assertThat(old).noneMatch(this::has);
    assertThat(current.children()).allMatch(this::has);
  }

  @Test
  void refusedByTheRegistry_isNamed() {
    registry.deletes(false);
    current("7");
    TestImage old = former("7_aaaaaaaaaaaa", 100);
    PruneReport report = prune(true);
    assertThat(report.failures()).hasSize(1);
    assertThat(report.failures().getFirst()).contains(old.digest().toString(), "405");
    assertThat(has(old)).isTrue();
  }

  @Test
  void listThatOthersBroke_isNamed() {
    TestImage current = current("7");
    registry.removeManifest("mirror/app", current.children().getFirst().digest());
    assertThat(prune(false).broken().stream().map(PruneReport.Broken::digest))
        .containsExactly(current.digest());
  }
}
