package io.entrepot.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.lock.LockedCopies;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RegistryName;
import io.entrepot.proxy.admission.PolicySettings.Mode;
import io.entrepot.registry.Endpoint;
import io.entrepot.registry.Upstream;
import io.entrepot.testing.Gate;
import io.entrepot.testing.TestImage;
import io.entrepot.testing.TestImages;
import io.entrepot.testing.TestRegistry;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every way to a denied digest is closed, and asking for it costs upstream as little as can be. */
class DeniedDigestsTest {

  private static final String APP = "/v2/docker.io/acme/app";
  private static final String OTHER = "/v2/docker.io/acme/other";

  private PolicyFixture policy;
  private TestRegistry hub;
  private TestImage image;
  private TestImage child;
  private TestImage sibling;
  private Digest layer;
  private @Nullable RunningProxy started;

  @BeforeEach
  void start(@TempDir Path directory) {
    policy = new PolicyFixture(directory);
    hub = TestRegistry.start();
    image = TestImages.multiPlatform("linux/amd64", "linux/arm64");
    child = image.children().get(0);
    sibling = image.children().get(1);
    layer = Digest.of(child.blobs().get(1));
    image.push(hub, "acme/app", "1");
    image.push(hub, "acme/other", "1");
  }

  private RunningProxy running() {
    return Objects.requireNonNull(started, "no registry was started");
  }

  @AfterEach
  void stop() {
    running().close();
    hub.close();
  }

  private int status(String method, String target, String... headers) throws Exception {
    return running().send(method, target, new byte[0], headers).statusCode();
  }

  private void assertDenied(String target) throws Exception {
    HttpResponse<byte[]> get = running().get(target);
    assertThat(get.statusCode()).as("GET " + target).isEqualTo(403);
    assertThat(PolicyFixture.text(get)).contains("\"DENIED\"").contains("poisoned");
    assertThat(status("HEAD", target)).as("HEAD " + target).isEqualTo(403);
    assertThat(status("GET", target, "Range", "bytes=0-9")).as("range of " + target).isEqualTo(403);
  }

  private void warm() throws Exception {
    for (String name : List.of(APP, OTHER)) {
      assertThat(status("GET", name + "/manifests/1")).isEqualTo(200);
      for (TestImage each : image.children()) {
        assertThat(status("GET", name + "/manifests/" + each.digest())).isEqualTo(200);
        for (Digest blob : each.allBlobs()) {
          assertThat(status("GET", name + "/blobs/" + blob)).isEqualTo(200);
        }
      }
    }
    running().settle();
    hub.clear();
  }

  @Test
  void blobOfARefusedImage_isNotMountedUnderAnotherName() throws Exception {
    policy.write("minAge: 0s\n");
    started = policy.start(hub);
    warm();
    assertThat(status("POST", mount(layer, "&from=docker.io/acme/app"))).isEqualTo(201);
    policy.write("rules: [{ match: docker.io/acme/**, deny: frozen }]\n");
    running().server().readAgain();
    assertThat(status("GET", APP + "/blobs/" + layer)).isEqualTo(403);
    Digest other = Digest.of(sibling.blobs().get(1));
    for (String from :
        List.of("&from=docker.io/acme/app", "&from=docker.io/acme/other", "&from=team/none", "")) {
      assertThat(status("POST", mount(other, from))).as(from).isEqualTo(202);
      assertThat(status("GET", "/v2/team/app/blobs/" + other)).as(from).isEqualTo(404);
    }
  }

  private static String mount(Digest digest, String from) {
    return "/v2/team/app/blobs/uploads/?mount=" + digest + from;
  }

  @Test
  void image_cold_isRefusedByTagAndDigest_theTagCostsOneHead() throws Exception {
    policy.denying(image.digest());
    started = policy.start(hub);
    assertDenied(APP + "/manifests/" + image.digest());
    assertThat(hub.requests()).isEmpty();
    assertDenied(APP + "/manifests/1");
    assertThat(hub.count("HEAD manifest")).isEqualTo(1);
    assertThat(hub.count("GET manifest")).isZero();
  }

  @Test
  void image_thatIsHere_isRefusedAfterAReload_andItsChildrenAndBlobsToo() throws Exception {
    policy.write("minAge: 0s\n");
    started = policy.start(hub);
    warm();
    policy.denying(image.digest());
    running().server().readAgain();
    for (String name : List.of(APP, OTHER)) {
      assertDenied(name + "/manifests/1");
      assertDenied(name + "/manifests/" + image.digest());
      assertThat(status("GET", name + "/manifests/" + child.digest())).isEqualTo(403);
      assertThat(status("GET", name + "/blobs/" + layer)).isEqualTo(403);
      assertThat(status("HEAD", name + "/blobs/" + layer)).isEqualTo(403);
      assertThat(status("GET", name + "/blobs/" + layer, "Range", "bytes=0-1")).isEqualTo(403);
      assertThat(status("GET", name + "/blobs/" + image.digest())).isEqualTo(403);
    }
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void image_thatIsHere_isRefusedAfterARestart_itsBlobsAlsoByAnotherRepository() throws Exception {
    policy.write("minAge: 0s\n");
    started = policy.start(hub);
    assertThat(status("GET", APP + "/manifests/1")).isEqualTo(200);
    assertThat(status("GET", APP + "/manifests/" + child.digest())).isEqualTo(200);
    assertThat(status("GET", APP + "/blobs/" + layer)).isEqualTo(200);
    running().settle();
    running().close();
    policy.denying(image.digest());
    started = policy.start(hub);
    hub.clear();
    assertThat(status("GET", OTHER + "/blobs/" + layer)).isEqualTo(403);
    assertThat(status("GET", APP + "/blobs/" + layer)).isEqualTo(403);
    assertThat(status("GET", APP + "/manifests/" + child.digest())).isEqualTo(403);
    assertThat(hub.requests()).isEmpty();
    assertDenied(APP + "/manifests/1");
  }

  @Test
  void list_withADeniedChild_isRefusedWhole_coldAndWarm() throws Exception {
    policy.denying(child.digest());
    started = policy.start(hub);
    assertDenied(APP + "/manifests/1");
    assertDenied(APP + "/manifests/" + image.digest());
    assertDenied(APP + "/manifests/" + child.digest());
    assertThat(status("GET", APP + "/manifests/" + sibling.digest())).isEqualTo(403);
  }

  @Test
  void list_withADeniedLayer_isRefusedWhole_andTheLayerWhoeverAsks() throws Exception {
    policy.denying(layer);
    started = policy.start(hub);
    assertDenied(APP + "/blobs/" + layer);
    assertThat(hub.requests()).isEmpty();
    assertDenied(APP + "/manifests/1");
    assertDenied(APP + "/manifests/" + child.digest());
    assertDenied(OTHER + "/blobs/" + layer);
    assertThat(hub.count("GET blob") + hub.count("HEAD blob")).isZero();
  }

  @Test
  void list_ofACountingUpstream_isLookedThroughWhenItsChildrenAreAskedFor() throws Exception {
    hub.rateLimit(100, 90);
    policy.denying(layer);
    started = policy.start(hub);
    assertThat(status("GET", APP + "/manifests/1")).isEqualTo(200);
    assertThat(hub.count("GET manifest")).isEqualTo(1);
    assertDenied(APP + "/manifests/" + child.digest());
    assertThat(status("GET", APP + "/manifests/" + sibling.digest())).isEqualTo(200);
    assertThat(hub.count("GET manifest")).isEqualTo(3);
  }

  @Test
  void namespace_isNoWayAround() throws Exception {
    policy.denying(image.digest());
    started = policy.start(hub);
    assertDenied("/v2/acme/app/manifests/1?ns=docker.io");
    assertDenied("/v2/acme/app/manifests/" + image.digest() + "?ns=docker.io");
  }

  @Test
  void defaultUpstream_isNoWayAround() throws Exception {
    policy.denying(image.digest());
    started =
        policy.start(
            Mode.ENFORCE,
            settings ->
                settings.with(
                    new ProxySettings.Pulling(
                        settings.pulling().upstreams(),
                        LockedCopies.none(),
                        settings.pulling().tagFreshness(),
                        RunningProxy.HUB)),
            hub);
    assertDenied("/v2/acme/app/manifests/1");
    assertDenied("/v2/acme/app/manifests/" + image.digest());
  }

  @Test
  void fill_underWay_isNoWayAround() throws Exception {
    policy.write("minAge: 0s\n");
    started = policy.start(hub);
    assertThat(status("GET", APP + "/manifests/" + child.digest())).isEqualTo(200);
    Gate held = hub.on("GET blob").hold();
    var first =
        running()
            .http()
            .sendAsync(
                running().request(APP + "/blobs/" + layer).build(), BodyHandlers.ofByteArray());
    hub.awaitRequests("GET blob", 1);
    policy.denying(layer);
    running().server().readAgain();
    assertDenied(APP + "/blobs/" + layer);
    held.open();
    assertThat(first.join().statusCode()).isEqualTo(200);
    running().settle();
    assertDenied(APP + "/blobs/" + layer);
    assertThat(hub.count("GET blob")).isEqualTo(1);
  }

  @Test
  void push_ofADeniedDigest_isRefused_andOfWhatHoldsOne() throws Exception {
    policy.denying(layer);
    started = policy.start(hub);
    byte[] bytes = child.blobs().get(1);
    assertThat(
            running()
                .send("POST", "/v2/team/app/blobs/uploads/?digest=" + layer, bytes)
                .statusCode())
        .isEqualTo(403);
    String session =
        running()
            .send("POST", "/v2/team/app/blobs/uploads/", new byte[0])
            .headers()
            .firstValue("Location")
            .orElseThrow();
    assertThat(running().send("PUT", session + "?digest=" + layer, bytes).statusCode())
        .isEqualTo(403);
    assertThat(
            running()
                .send(
                    "POST",
                    "/v2/team/app/blobs/uploads/?mount=%s&from=docker.io/acme/app".formatted(layer),
                    new byte[0])
                .statusCode())
        .isEqualTo(403);
    HttpResponse<byte[]> put =
        running()
            .send(
                "PUT",
                "/v2/team/app/manifests/1",
                child.manifest().bytes(),
                "Content-Type",
                child.manifest().mediaType().value());
    assertThat(put.statusCode()).isEqualTo(403);
    assertThat(PolicyFixture.text(put)).contains("poisoned");
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void push_ofADeniedManifest_isRefused_alsoUnderAnotherHash() throws Exception {
    byte[] bytes = TestImages.index().manifest().bytes();
    policy.denying(Digest.of(bytes));
    started = policy.start(hub);
    for (Digest name : List.of(Digest.of(bytes), Digest.of(Digest.Algorithm.SHA512, bytes))) {
      assertThat(
              running()
                  .send(
                      "PUT",
                      "/v2/team/app/manifests/" + name,
                      bytes,
                      "Content-Type",
                      "application/vnd.oci.image.index.v1+json")
                  .statusCode())
          .isEqualTo(403);
    }
  }

  @Test
  void pushedBeforeUpstreamHadIt_isRefusedUnderBothNames() throws Exception {
    policy.write("minAge: 0s\n");
    started = policy.start(hub);
    TestImage early = TestImages.image("linux/amd64");
    for (byte[] blob : early.blobs()) {
      assertThat(
              running()
                  .send("POST", "/v2/team/app/blobs/uploads/?digest=" + Digest.of(blob), blob)
                  .statusCode())
          .isEqualTo(201);
    }
    assertThat(
            running()
                .send(
                    "PUT",
                    "/v2/team/app/manifests/1",
                    early.manifest().bytes(),
                    "Content-Type",
                    early.manifest().mediaType().value())
                .statusCode())
        .isEqualTo(201);
    policy.denying(early.digest());
    running().server().readAgain();
    early.push(hub, "acme/late", "1");
    assertDenied("/v2/team/app/manifests/1");
    assertDenied("/v2/team/app/manifests/" + early.digest());
    assertDenied("/v2/docker.io/acme/late/manifests/1");
    assertThat(status("GET", "/v2/team/app/blobs/" + early.allBlobs().getLast())).isEqualTo(403);
  }

  @Test
  void referrers_ofADeniedSubject_areRefused_andTheReferrerItself() throws Exception {
    TestImage about = TestImages.referrer(image, TestImages.SPDX, "{}".getBytes(UTF_8));
    about.push(hub, "acme/app");
    policy.denying(image.digest());
    started = policy.start(hub);
    assertThat(status("GET", APP + "/referrers/" + image.digest())).isEqualTo(403);
    assertThat(status("GET", APP + "/referrers/" + child.digest())).isEqualTo(200);
    assertThat(status("GET", APP + "/manifests/" + about.digest())).isEqualTo(403);
  }

  @Test
  void layer_thatAnAdmittedImageHoldsToo_isGiven() throws Exception {
    TestImage also = TestImages.index(child.listedAs("linux/arm/v7"));
    also.push(hub, "acme/app", "2");
    policy.denying(image.digest());
    started = policy.start(hub);
    assertThat(status("GET", APP + "/manifests/2")).isEqualTo(200);
    assertThat(status("GET", APP + "/manifests/" + child.digest())).isEqualTo(200);
    assertThat(status("GET", APP + "/blobs/" + layer)).isEqualTo(200);
  }

  @Test
  void repository_thatARuleDenies_isAskedOfNobody() throws Exception {
    policy.write("rules: [{ match: docker.io/acme/app, deny: poisoned since August }]\n");
    started = policy.start(hub);
    assertDenied(APP + "/manifests/" + image.digest());
    assertThat(hub.requests()).isEmpty();
    assertDenied(APP + "/manifests/1");
    assertDenied(APP + "/blobs/" + layer);
    assertThat(status("GET", OTHER + "/manifests/1")).isEqualTo(200);
  }

  @Test
  void copy_isJudgedByTheNameOfItsSource() throws Exception {
    Path lock = policy.file().resolveSibling("images.lock.yaml");
    Files.writeString(
        lock,
        """
        version: 1
        images:
          docker.io/bitnami/redis:1:
            digest: %s
            target: mirror.test/acme/app:1
            platforms: []
        """
            .formatted(image.digest()));
    RegistryName mirror = new RegistryName("mirror.test");
    policy.write("rules: [{ match: docker.io/bitnami/**, deny: poisoned }]\n");
    started =
        policy.start(
            Mode.ENFORCE,
            settings ->
                settings.with(
                    new ProxySettings.Pulling(
                        Map.of(
                            mirror,
                            new Upstream(
                                mirror,
                                List.of(Endpoint.parse(hub.origin())),
                                null,
                                Set.of(),
                                0,
                                null)),
                        LockedCopies.read(Map.of(RunningProxy.HUB, List.of(lock))),
                        settings.pulling().tagFreshness(),
                        null)));
    assertDenied("/v2/mirror.test/acme/app/manifests/" + image.digest());
    assertDenied("/v2/mirror.test/acme/app/manifests/1");
    assertThat(hub.count("GET manifest")).isZero();
  }

  @Test
  void observe_givesEverything_countsAndTells() throws Exception {
    policy.denying(image.digest());
    started = policy.start(Mode.OBSERVE, settings -> settings, hub);
    try (Told told = new Told()) {
      assertThat(status("GET", APP + "/manifests/1")).isEqualTo(200);
      assertThat(status("GET", APP + "/manifests/" + image.digest())).isEqualTo(200);
      RunningProxy.until(
          () ->
              PolicyFixture.text(running().get("/metrics"))
                  .contains("entrepot_policy_refused_total{mode=\"observe\",reason=\"denied\"}"));
      assertThat(told.lines()).anyMatch(line -> line.contains("poisoned"));
    }
  }

  @Test
  void refusals_areCountedByReason() throws Exception {
    policy.denying(image.digest());
    started = policy.start(hub);
    assertThat(status("GET", APP + "/manifests/" + image.digest())).isEqualTo(403);
    assertThat(status("HEAD", APP + "/manifests/" + image.digest())).isEqualTo(403);
    assertThat(PolicyFixture.text(running().get("/metrics")))
        .contains("entrepot_policy_refused_total{mode=\"enforce\",reason=\"denied\"} 2.0");
  }

  @Test
  void brokenPolicy_keepsTheOldOne_andALinkThatMovesIsSeen() throws Exception {
    Path other = policy.file().resolveSibling("other.yaml");
    Files.writeString(other, "minAge: 0s\n");
    Files.createSymbolicLink(policy.file(), other);
    started = policy.start(hub);
    assertThat(status("GET", APP + "/manifests/1")).isEqualTo(200);
    Path denying = policy.file().resolveSibling("denying.yaml");
    Files.writeString(
        denying, "deny: [{ digest: \"%s\", reason: poisoned }]\n".formatted(image.digest()));
    Files.delete(policy.file());
    Files.createSymbolicLink(policy.file(), denying);
    running().server().readAgain();
    assertDenied(APP + "/manifests/1");
    try (Told told = new Told()) {
      Files.writeString(denying, "deny: [{ digest: nonsense }]\n");
      running().server().readAgain();
      assertThat(told.lines()).anyMatch(line -> line.contains("cannot be used"));
    }
    assertDenied(APP + "/manifests/1");
    Files.writeString(denying, "minAge: 0s\n");
    running().server().readAgain();
    assertThat(status("GET", APP + "/manifests/1")).isEqualTo(200);
  }
}
