package io.entrepot.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.lock.LockedCopies;
import io.entrepot.oci.Digest;
import io.entrepot.proxy.admission.PolicySettings.Mode;
import io.entrepot.testing.TestImage;
import io.entrepot.testing.TestImages;
import io.entrepot.testing.TestRegistry;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code /api/v1/waiting} and {@code /api/v1/denied}, and the page of both. */
class HeldBackTest {

  private static final TestImage IMAGE = TestImages.multiPlatform("linux/amd64");
  private static final String TAG = "/v2/docker.io/library/busybox/manifests/1.36";

  private final ApiContract contract = ApiContract.shipped();
  private Path directory;
  private PolicyFixture policy;
  private TestRegistry hub;

  @BeforeEach
  void start(@TempDir Path temporary) {
    directory = temporary;
    policy = new PolicyFixture(temporary);
    hub = TestRegistry.start();
    IMAGE.push(hub, "library/busybox", "1.36");
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private JsonNode list(RunningProxy proxy, String name) throws Exception {
    HttpResponse<byte[]> answer = proxy.get("/api/v1/" + name);
    assertThat(contract.complaints("/api/v1/" + name, 200, answer.body())).isEmpty();
    return JsonMapper.shared().readTree(answer.body());
  }

  @Test
  void youngDigest_waits_untilItIsOldEnough() throws Exception {
    policy.write("minAge: 72h\n");
    try (RunningProxy proxy = policy.start(hub)) {
      assertThat(list(proxy, "waiting")).isEmpty();
      assertThat(proxy.get(TAG).statusCode()).isEqualTo(403);
      JsonNode waiting = list(proxy, "waiting");
      assertThat(waiting).hasSize(1);
      assertThat(waiting.at("/0/reference").asString()).isEqualTo("docker.io/library/busybox");
      assertThat(waiting.at("/0/digest").asString()).isEqualTo(IMAGE.digest().toString());
      assertThat(waiting.at("/0/firstSeen").asString()).isEqualTo("2026-11-27T10:00:00Z");
      assertThat(waiting.at("/0/until").asString()).isEqualTo("2026-11-30T10:00:00Z");
      assertThat(new String(proxy.get("/held").body(), UTF_8))
          .contains("docker.io/library/busybox", "2026-11-30T10:00:00Z");
      policy.pass(Duration.ofHours(73));
      assertThat(list(proxy, "waiting")).isEmpty();
      assertThat(proxy.get(TAG).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void deniedDigest_isListedWithItsReason() throws Exception {
    policy.denying(IMAGE.digest());
    try (RunningProxy proxy = policy.start(hub)) {
      assertThat(proxy.get(TAG).statusCode()).isEqualTo(403);
      JsonNode denied = list(proxy, "denied");
      assertThat(denied).hasSize(1);
      assertThat(denied.at("/0/digest").asString()).isEqualTo(IMAGE.digest().toString());
      assertThat(denied.at("/0/reason").asString()).contains("poisoned");
      assertThat(list(proxy, "waiting")).isEmpty();
      assertThat(proxy.server().admission().refused())
          .singleElement()
          .satisfies(each -> assertThat(each.denied()).isTrue());
      assertThat(new String(proxy.get("/held").body(), UTF_8)).contains("poisoned");
    }
  }

  @Test
  void lockFile_tellsWhatWaitsAndWhatIsDenied() throws Exception {
    Digest young = Digest.of("young".getBytes(UTF_8));
    Path lock =
        Files.writeString(
            directory.resolve("images.lock.yaml"),
            """
            version: 1
            images:
              docker.io/library/busybox:1.36:
                digest: %1$s
                target: ghcr.io/acme/mirror/busybox:1.36
                platforms: [linux/amd64]
                firstSeen: 2026-11-01T10:00:00Z
                signedBy:
                  - key: keys/acme.pub
                    fingerprint: %2$s
                    statement: %2$s
                    type: https://sigstore.dev/cosign/sign/v1
                waiting:
                  - digest: %2$s
                    firstSeen: 2026-11-26T10:00:00Z
                denied:
                  digest: %1$s
                  reason: poisoned release
            """
                .formatted(IMAGE.digest(), young));
    UnaryOperator<ProxySettings> locked =
        settings ->
            settings.with(
                new ProxySettings.Pulling(
                    settings.pulling().upstreams(),
                    LockedCopies.read(Map.of(RunningProxy.HUB, List.of(lock))),
                    Duration.ofMinutes(5),
                    null));
    policy.write("minAge: 0s\n");
    try (RunningProxy proxy = policy.start(Mode.ENFORCE, locked, hub)) {
      JsonNode waiting = list(proxy, "waiting");
      assertThat(waiting).hasSize(1);
      assertThat(waiting.at("/0/reference").asString()).isEqualTo("docker.io/library/busybox:1.36");
      assertThat(waiting.at("/0/digest").asString()).isEqualTo(young.toString());
      JsonNode denied = list(proxy, "denied");
      assertThat(denied.at("/0/reason").asString()).isEqualTo("poisoned release");
      assertThat(proxy.get(TAG).statusCode()).isEqualTo(200);
      HttpResponse<byte[]> image = proxy.get("/api/v1/images/docker.io/library/busybox");
      assertThat(contract.complaints("/api/v1/images/{name}", 200, image.body())).isEmpty();
      JsonNode tag = JsonMapper.shared().readTree(image.body()).at("/tags/0");
      assertThat(tag.path("drift").asBoolean()).isFalse();
      assertThat(tag.at("/lock/signedBy/0").asString()).isEqualTo("keys/acme.pub");
      assertThat(tag.at("/lock/copy").asString())
          .isEqualTo("ghcr.io/acme/mirror/busybox@" + IMAGE.digest());
      for (String page : List.of("", "/manifests/1.36")) {
        assertThat(new String(proxy.get("/images/docker.io/library/busybox" + page).body(), UTF_8))
            .contains("keys/acme.pub");
      }
    }
  }
}
