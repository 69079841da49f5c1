package io.entrepot.prune;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.delete;
import static com.github.tomakehurst.wiremock.client.WireMock.deleteRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlMatching;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.WireMockServer;
import io.entrepot.oci.Repository;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import io.entrepot.registry.auth.Secret;
import io.entrepot.testing.TestClients;
import io.entrepot.testing.TestImage;
import io.entrepot.testing.TestImages;
import io.entrepot.testing.TestRegistry;
import io.vertx.core.Vertx;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** By GitHub's API for packages, beside a registry that refuses DELETE. */
@Timeout(60)
final class GithubPruneTest {

  private static final Instant NOW = Instant.parse("2026-11-27T00:00:00Z");
  private static final String PACKAGE = "/orgs/acme/packages/container/mirror%2Fapp";

  @TempDir Path folder;
  private final Vertx vertx = Vertx.vertx();
  private final TestRegistry registry = TestRegistry.start().deletes(false).referrersApi(false);
  private final RegistryClient client = TestClients.impatient(vertx);
  private final WireMockServer api = new WireMockServer(wireMockConfig().dynamicPort());
  private final Marks marks = new Marks();
  private final Repository repository = registry.repository("acme/mirror/app");
  private final List<String> versions = new ArrayList<>();

  @BeforeEach
  void start() {
    api.start();
    api.stubFor(get(urlEqualTo("/users/acme")).willReturn(okJson("{\"type\": \"Organization\"}")));
    api.stubFor(get(urlEqualTo(PACKAGE)).willReturn(okJson("{\"name\": \"mirror/app\"}")));
    api.stubFor(delete(urlMatching(".*")).willReturn(aResponse().withStatus(204)));
  }

  @AfterEach
  void stop() {
    api.stop();
    client.shutdown().await();
    registry.close();
    vertx.close().await();
  }

  private void version(TestImage image, int daysOld, String... tags) {
    versions.add(
        """
        {"id": %d, "name": "%s", "created_at": "2020-01-01T00:00:00Z", "updated_at": "%s",
         "metadata": {"package_type": "container", "container": {"tags": [%s]}}}
        """
            .formatted(
                versions.size() + 1,
                image.digest(),
                NOW.minus(Duration.ofDays(daysOld)),
                tags.length == 0 ? "" : "\"" + String.join("\", \"", tags) + "\""));
  }

  private TestImage push(String name, int daysOld, String tag) {
    TestImage image =
        TestImages.index(
            TestImages.builder("linux/amd64").annotation("name", name).build(),
            TestImages.builder("linux/arm64").annotation("name", name).build());
    image.push(registry, "acme/mirror/app", tag);
    version(image, daysOld, tag);
    image.children().forEach(child -> version(child, daysOld));
    return image;
  }

  private void current() {
    TestImage image = push("current", 1, "7");
    marks.held(repository, image.digest());
    marks.mark(image.digest(), "the lock holds it");
  }

  private void listed() {
    api.stubFor(
        get(urlPathEqualTo(PACKAGE + "/versions"))
            .willReturn(okJson("[" + String.join(",", versions) + "]")));
  }

  private PruneReport prune(boolean confirm) {
    return Pruner.byGithub(
        client,
        new PruneRequest(
            registry.repository("acme/mirror"),
            List.of(),
            List.of(),
            Duration.ofDays(90),
            NOW,
            confirm,
            folder),
        marks,
        new Forge(
            URI.create(api.baseUrl()), Optional.of(new Secret("ghp_secret")), Clock.systemUTC()));
  }

  @Test
  void versions_areManifests_listsGoFirst() {
    current();
    push("old", 100, "7_aaaaaaaaaaaa");
    listed();
    PruneReport report = prune(true);
    assertThat(report.failures()).isEmpty();
    assertThat(report.remove().stream().map(PruneReport.Removed::version))
        .startsWith(4L)
        .containsExactlyInAnyOrder(4L, 5L, 6L);
    api.verify(1, deleteRequestedFor(urlEqualTo(PACKAGE + "/versions/4")));
    api.verify(3, deleteRequestedFor(urlMatching(PACKAGE + "/versions/[0-9]+")));
    api.verify(
        deleteRequestedFor(urlEqualTo(PACKAGE + "/versions/4"))
            .withHeader("Authorization", equalTo("Bearer ghp_secret")));
    assertThat(registry.count("DELETE manifest")).isZero();
    assertThat(registry.requests()).noneMatch(each -> each.toString().contains("ghp_secret"));
  }

  @Test
  void pagesByLink_areAllRead() {
    current();
    push("old", 100, "7_aaaaaaaaaaaa");
    api.stubFor(
        get(urlPathEqualTo(PACKAGE + "/versions"))
            .willReturn(
                okJson("[" + versions.getFirst() + "]")
                    .withHeader("Link", "<" + api.baseUrl() + "/next>; rel=\"next\"")));
    api.stubFor(
        get(urlEqualTo("/next"))
            .willReturn(
                okJson("[" + String.join(",", versions.subList(1, versions.size())) + "]")));
    assertThat(prune(false).remove()).hasSize(3);
  }

  @Test
  void pageThatFails_removesNothing() {
    current();
    push("old", 100, "7_aaaaaaaaaaaa");
    api.stubFor(
        get(urlPathEqualTo(PACKAGE + "/versions"))
            .willReturn(
                okJson("[" + String.join(",", versions) + "]")
                    .withHeader("Link", "<" + api.baseUrl() + "/next>; rel=\"next\"")));
    api.stubFor(get(urlEqualTo("/next")).willReturn(aResponse().withStatus(404)));
    PruneReport report = prune(true);
    assertThat(report.unseen()).hasSize(1);
    api.verify(0, deleteRequestedFor(urlMatching(".*")));
  }

  @Test
  void mayNot_isAskedFirst() {
    current();
    push("old", 100, "7_aaaaaaaaaaaa");
    listed();
    api.stubFor(
        get(urlEqualTo(PACKAGE))
            .willReturn(okJson("{}").withHeader("X-OAuth-Scopes", "repo, read:packages")));
    PruneReport report = prune(true);
    assertThat(report.failures().getFirst()).contains("delete:packages", "admin");
    api.verify(0, deleteRequestedFor(urlMatching(".*")));
  }

  @Test
  void secondaryLimit_isWaitedFor_usedUpHourIsNot() {
    current();
    push("old", 100, "7_aaaaaaaaaaaa");
    listed();
    api.stubFor(
        delete(urlEqualTo(PACKAGE + "/versions/4"))
            .inScenario("limit")
            .whenScenarioStateIs("Started")
            .willReturn(aResponse().withStatus(403).withHeader("Retry-After", "1"))
            .willSetStateTo("over"));
    api.stubFor(
        delete(urlEqualTo(PACKAGE + "/versions/4"))
            .inScenario("limit")
            .whenScenarioStateIs("over")
            .willReturn(aResponse().withStatus(204)));
    assertThat(prune(true).failures()).isEmpty();
    api.stubFor(
        delete(urlMatching(".*"))
            .willReturn(aResponse().withStatus(403).withHeader("X-RateLimit-Remaining", "0")));
    assertThatThrownBy(() -> prune(true))
        .isInstanceOfSatisfying(
            RegistryException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PULL_LIMIT));
  }

  @Test
  void packageOfWhichNothingIsNeeded_goesWhole() {
    TestImage old = push("old", 100, "7");
    marks.held(repository, old.digest());
    listed();
    PruneReport report = prune(true);
    assertThat(report.removed()).isEqualTo(3);
    api.verify(1, deleteRequestedFor(urlEqualTo(PACKAGE)));
    api.verify(0, deleteRequestedFor(urlMatching(PACKAGE + "/versions/.*")));
  }

  @Test
  void lastTaggedVersion_staysAndIsNamed() {
    TestImage kept = TestImages.image("linux/amd64");
    kept.push(registry, "acme/mirror/app");
    version(kept, 0);
    marks.held(repository, kept.digest());
    marks.mark(kept.digest(), "a pod runs it");
    push("old", 100, "7");
    listed();
    api.stubFor(
        delete(urlEqualTo(PACKAGE + "/versions/2"))
            .willReturn(
                aResponse()
                    .withStatus(400)
                    .withBody(
                        "{\"message\": \"You cannot delete the last tagged version of a package. You"
                            + " must delete the package instead.\"}")));
    PruneReport report = prune(true);
    assertThat(report.failures()).isEmpty();
    assertThat(report.keep().stream().map(PruneReport.Kept::because))
        .anyMatch(because -> because.contains("last tagged version"));
  }

  @Test
  void untaggedAndYoung_stays() {
    current();
    TestImage loose = TestImages.image("linux/arm64");
    loose.push(registry, "acme/mirror/app");
    version(loose, 0);
    TestImage aged = TestImages.builder("linux/arm64").annotation("x", "y").build();
    aged.push(registry, "acme/mirror/app");
    version(aged, 2);
    listed();
    assertThat(prune(false).remove().stream().map(PruneReport.Removed::digest))
        .containsExactly(aged.digest());
  }

  @Test
  void packageThatTheApiDoesNotShow_andTheRegistryHas_isUnseen() {
    current();
    assertThat(prune(true).unseen().getFirst().reason()).contains("read:packages");
  }

  @Test
  void user_isAskedAsOne() {
    api.stubFor(get(urlEqualTo("/users/acme")).willReturn(okJson("{\"type\": \"User\"}")));
    current();
    prune(false);
    api.verify(
        getRequestedFor(urlPathEqualTo("/users/acme/packages/container/mirror%2Fapp/versions")));
  }
}
