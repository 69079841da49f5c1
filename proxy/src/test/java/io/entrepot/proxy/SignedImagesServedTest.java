package io.entrepot.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.lock.LockedCopies;
import io.entrepot.oci.RegistryName;
import io.entrepot.proxy.admission.PolicySettings.Mode;
import io.entrepot.registry.Endpoint;
import io.entrepot.registry.Upstream;
import io.entrepot.testing.SignedImages;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What has to be signed is given when it is; the signatures of an image are read once. */
class SignedImagesServedTest {

  private PolicyFixture policy;
  private SignedImages images;
  private @Nullable RunningProxy started;

  @BeforeEach
  void start(@TempDir Path directory) throws Exception {
    policy = new PolicyFixture(directory);
    images = new SignedImages();
  }

  private RunningProxy running() {
    return Objects.requireNonNull(started, "no registry was started");
  }

  @AfterEach
  void stop() {
    running().close();
    images.close();
  }

  private void startProxy(String key) throws Exception {
    policy.write(
        "rules: [{ match: docker.io/trust/**, signedBy: [{ key: %s }] }]\n"
            .formatted(images.file(key)));
    started =
        policy.start(
            Mode.ENFORCE,
            settings ->
                settings.with(
                    new ProxySettings.Pulling(
                        Map.of(
                            RunningProxy.HUB,
                            new Upstream(
                                RunningProxy.HUB,
                                List.of(Endpoint.parse("http://" + images.registry())),
                                null,
                                Set.of(),
                                0,
                                null)),
                        LockedCopies.none(),
                        settings.pulling().tagFreshness(),
                        null)));
    images.requests();
  }

  private JsonNode fixture(String name) throws Exception {
    return images.cases().stream()
        .filter(each -> each.path("name").asString().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static String tag(String name) {
    return "/v2/docker.io/trust/" + name + "/manifests/1.0";
  }

  @Test
  void signedImage_isGiven_andJudgedOnceForAllWhoAsk() throws Exception {
    startProxy("keys/p256.pub");
    List<CompletableFuture<HttpResponse<byte[]>>> asked = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      asked.add(
          running()
              .http()
              .sendAsync(
                  running().request(tag("bundle-p256")).build(), BodyHandlers.ofByteArray()));
    }
    for (CompletableFuture<HttpResponse<byte[]>> each : asked) {
      assertThat(each.join().statusCode()).isEqualTo(200);
    }
    String digest = fixture("bundle-p256").path("digest").asString();
    List<String> requests = images.requests();
    assertThat(requests.stream().filter(each -> each.contains("/referrers/"))).hasSize(1);
    assertThat(
            requests.stream()
                .filter(each -> each.endsWith("GET /v2/trust/bundle-p256/manifests/" + digest)))
        .hasSize(1);
    assertThat(running().get("/v2/docker.io/trust/bundle-p256/manifests/" + digest).statusCode())
        .isEqualTo(200);
    assertThat(images.requests()).isEmpty();
  }

  @Test
  void verdict_outlivesARestart_andNoOtherPolicy() throws Exception {
    startProxy("keys/p256.pub");
    assertThat(running().get(tag("bundle-p256")).statusCode()).isEqualTo(200);
    String digest = fixture("bundle-p256").path("digest").asString();
    String target = "/v2/docker.io/trust/bundle-p256/manifests/" + digest;
    running().close();

    startProxy("keys/p256.pub");
    assertThat(running().get(target).statusCode()).isEqualTo(200);
    assertThat(images.requests()).isEmpty();
    running().close();

    startProxy("keys/p384.pub");
    assertThat(running().get(target).statusCode()).isEqualTo(403);
    assertThat(images.requests()).anyMatch(each -> each.contains("/referrers/"));
    running().close();

    Files.writeString(policy.store().resolve("policy/verdicts"), "nonsense\nsigned sha2");
    startProxy("keys/p256.pub");
    assertThat(running().get(target).statusCode()).isEqualTo(200);
    assertThat(images.requests()).anyMatch(each -> each.contains("/referrers/"));
  }

  @Test
  void children_followFromTheirList_notByThemselves() throws Exception {
    startProxy("keys/p256.pub");
    HttpResponse<byte[]> list = running().get(tag("bundle-p256"));
    assertThat(list.statusCode()).isEqualTo(200);
    String child =
        JsonMapper.shared()
            .readTree(list.body())
            .path("manifests")
            .path(0)
            .path("digest")
            .asString();
    assertThat(running().get("/v2/docker.io/trust/bundle-p256/manifests/" + child).statusCode())
        .isEqualTo(200);
  }

  @Test
  void otherKey_isRefusedByTagAndDigest_namingWhoSigned() throws Exception {
    startProxy("keys/p384.pub");
    String digest = fixture("bundle-p256").path("digest").asString();
    for (String target :
        List.of(tag("bundle-p256"), "/v2/docker.io/trust/bundle-p256/manifests/" + digest)) {
      HttpResponse<byte[]> refused = running().get(target);
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(PolicyFixture.text(refused)).contains("\"DENIED\"").contains("signed by nobody");
      assertThat(running().send("HEAD", target, new byte[0]).statusCode()).isEqualTo(403);
    }
    assertThat(PolicyFixture.text(running().get("/metrics")))
        .contains("entrepot_policy_refused_total{mode=\"enforce\",reason=\"wrong-signer\"}");
  }

  @Test
  void signatures_ofASignedImage_areGivenThemselves() throws Exception {
    startProxy("keys/p256.pub");
    String digest = fixture("sig-p256").path("digest").asString();
    assertThat(
            running()
                .get(
                    "/v2/docker.io/trust/sig-p256/manifests/"
                        + digest.replace("sha256:", "sha256-")
                        + ".sig")
                .statusCode())
        .isEqualTo(200);
    HttpResponse<byte[]> referrers =
        running()
            .get(
                "/v2/docker.io/trust/bundle-p256/referrers/"
                    + fixture("bundle-p256").path("digest").asString());
    assertThat(referrers.statusCode()).isEqualTo(200);
    String bundle =
        JsonMapper.shared()
            .readTree(referrers.body())
            .path("manifests")
            .path(0)
            .path("digest")
            .asString();
    assertThat(running().get("/v2/docker.io/trust/bundle-p256/manifests/" + bundle).statusCode())
        .isEqualTo(200);
  }

  @Test
  void everyCaseWithAKey_isGivenExactlyWhereItIsVerified() throws Exception {
    startProxy("keys/p256.pub");
    RegistryName hub = RunningProxy.HUB;
    int seen = 0;
    for (JsonNode each : images.cases()) {
      JsonNode wanted = each.path("policy");
      boolean oneKey =
          wanted.path("signedBy").size() == 1
              && wanted.path("signedBy").path(0).path("key").asString("").equals("keys/p256.pub")
              && wanted.path("attestations").isEmpty();
      String image = each.path("image").asString();
      // One registry either lists referrers or does not; the client remembers which.
      boolean fallback = image.contains("fallback");
      if (!oneKey || fallback || !image.endsWith(":1.0")) {
        continue;
      }
      seen++;
      HttpResponse<byte[]> answer =
          running().get("/v2/" + hub + "/" + image.replace(":1.0", "/manifests/1.0"));
      assertThat(answer.statusCode())
          .as(each.path("name").asString() + ": " + each.path("why").asString())
          .isEqualTo(each.path("expect").asString().equals("verified") ? 200 : 403);
    }
    assertThat(seen).isGreaterThan(5);
  }
}
