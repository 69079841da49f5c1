package io.entrepot.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.entrepot.oci.Digest;
import io.entrepot.proxy.handler.Access;
import io.entrepot.testing.TestImage;
import io.entrepot.testing.TestImages;
import io.entrepot.testing.TestRegistry;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code /api/v1}: each answer against the OpenAPI file, and who gets which. */
class ApiTest {

  private static final String BUSYBOX = "docker.io/library/busybox";
  private static final TestImage IMAGE = TestImages.multiPlatform("linux/amd64", "linux/arm64");

  private final ApiContract contract = ApiContract.shipped();
  private Path directory;
  private TestRegistry hub;

  @BeforeEach
  void start(@TempDir Path temporary) {
    directory = temporary;
    hub = TestRegistry.start();
    IMAGE.push(hub, "library/busybox", "1.36");
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private RunningProxy open() {
    return running(settings -> settings);
  }

  private RunningProxy running(UnaryOperator<ProxySettings> change) {
    return RunningProxy.start(directory.resolve("store"), change, Duration.ofMinutes(5), hub);
  }

  private RunningProxy guarded(Access.Rule... rules) throws Exception {
    Path users =
        Files.writeString(
            directory.resolve("users"),
            "alice:" + BCrypt.withDefaults().hashToString(4, "secret".toCharArray()) + "\n");
    return running(settings -> settings.with(new ProxySettings.Guard(users, List.of(rules))));
  }

  private static final String ALICE =
      "Basic " + Base64.getEncoder().encodeToString("alice:secret".getBytes(UTF_8));

  private static JsonNode json(HttpResponse<byte[]> answer) {
    return JsonMapper.shared().readTree(answer.body());
  }

  private static JsonNode get(RunningProxy proxy, String target, String... headers)
      throws Exception {
    HttpResponse<byte[]> answer = proxy.get(target, headers);
    assertThat(answer.statusCode()).as(target).isEqualTo(200);
    return json(answer);
  }

  private static void pull(RunningProxy proxy, String... headers) throws Exception {
    assertThat(proxy.get("/v2/%s/manifests/1.36".formatted(BUSYBOX), headers).statusCode())
        .isEqualTo(200);
    for (TestImage child : IMAGE.children()) {
      proxy.get("/v2/%s/manifests/%s".formatted(BUSYBOX, child.digest()), headers);
      for (Digest blob : child.allBlobs()) {
        proxy.get("/v2/%s/blobs/%s".formatted(BUSYBOX, blob), headers);
      }
    }
    proxy.settle();
  }

  private static void push(RunningProxy proxy, String name, String... headers) throws Exception {
    byte[] index =
        "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[]}"
            .getBytes(UTF_8);
    List<String> all = new ArrayList<>(List.of(headers));
    all.addAll(List.of("Content-Type", "application/vnd.oci.image.index.v1+json"));
    assertThat(
            proxy
                .send("PUT", "/v2/" + name + "/manifests/1", index, all.toArray(String[]::new))
                .statusCode())
        .isEqualTo(201);
  }

  private void report(String mirror, String time, String... sources) throws Exception {
    Path folder = directory.resolve("store/mirrors").resolve(mirror);
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve(time + ".json"),
        "{\"started\":\"2026-11-27T10:00:00Z\",\"ended\":\"2026-11-27T10:00:09Z\",\"trigger\":\"schedule\",\"images\":[%s],\"requests\":{},\"pulls\":{}}"
            .formatted(
                String.join(
                    ",",
                    List.of(sources).stream()
                        .map(each -> "{\"source\":\"" + each + "\",\"outcome\":\"unchanged\"}")
                        .toList())));
  }

  @Test
  void everyAnswer_fitsItsSchema() throws Exception {
    try (RunningProxy proxy = open()) {
      pull(proxy);
      push(proxy, "team/app");
      report("images", "2026-11-27T10-00-00Z", BUSYBOX + ":1.36");
      Map<String, String> asked = new TreeMap<>();
      contract.paths().forEach(path -> asked.put(path, path));
      asked.put("/api/v1/images/{name}", "/api/v1/images/" + BUSYBOX);
      asked.put(
          "/api/v1/images/{name}/manifests/{reference}",
          "/api/v1/images/" + BUSYBOX + "/manifests/1.36");
      asked.put("/api/v1/mirrors/{name}/runs", "/api/v1/mirrors/images/runs");
      for (Map.Entry<String, String> each : asked.entrySet()) {
        HttpResponse<byte[]> answer = proxy.get(each.getValue());
        assertThat(answer.statusCode()).as(each.getValue()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(contract.complaints(each.getKey(), 200, answer.body()))
            .as(each.getValue())
            .isEmpty();
      }
    }
  }

  @Test
  void description_isServed_withPropertiesForEveryAnswer() throws Exception {
    try (RunningProxy proxy = open()) {
      JsonNode served = get(proxy, "/api/v1/openapi.json");
      assertThat(served).isEqualTo(contract.document());
      assertThat(served.path("openapi").asString()).startsWith("3.1");
      served
          .at("/components/schemas")
          .forEachEntry(
              (name, schema) -> assertThat(schema.path("properties").size()).as(name).isPositive());
    }
  }

  @Test
  void warmPulls_areCountedAsSaved_coldOnesAndHeadsAreNot() throws Exception {
    try (RunningProxy proxy = open()) {
      pull(proxy);
      JsonNode cold = get(proxy, "/api/v1/overview");
      assertThat(cold.path("pullsSaved").asLong()).isZero();
      proxy.send("HEAD", "/v2/%s/manifests/1.36".formatted(BUSYBOX), new byte[0]);
      assertThat(get(proxy, "/api/v1/overview").path("pullsSaved").asLong()).isZero();
      long asked = hub.requests().size();
      pull(proxy);
      assertThat(hub.requests()).hasSize((int) asked);
      JsonNode warm = get(proxy, "/api/v1/overview");
      assertThat(warm.path("pullsSaved").asLong()).isEqualTo(3);
      long blobs =
          IMAGE.children().stream()
              .flatMap(child -> child.allBlobs().stream())
              .mapToLong(blob -> hub.blob("library/busybox", blob).length)
              .sum();
      assertThat(warm.path("bytesSaved").asLong() - cold.path("bytesSaved").asLong())
          .isEqualTo(blobs);
      assertThat(warm.path("hitRate").asDouble()).isGreaterThan(0).isLessThan(1);
      assertThat(warm.at("/store/bytes").asLong()).isPositive();
    }
  }

  @Test
  void pullAfterARestart_isSavedToo() throws Exception {
    try (RunningProxy proxy = open()) {
      pull(proxy);
    }
    try (RunningProxy proxy = open()) {
      proxy.get("/v2/%s/manifests/%s".formatted(BUSYBOX, IMAGE.digest()));
      assertThat(get(proxy, "/api/v1/overview").path("pullsSaved").asLong()).isEqualTo(1);
    }
  }

  @Test
  void pushedImages_saveNoPulls() throws Exception {
    try (RunningProxy proxy = open()) {
      push(proxy, "team/app");
      proxy.get("/v2/team/app/manifests/1");
      assertThat(get(proxy, "/api/v1/overview").path("pullsSaved").asLong()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"docker.io/library/busybox", "docker.io%2Flibrary%2fbusybox"})
  void image_isFoundByItsName_slashesRawOrEncoded(String name) throws Exception {
    try (RunningProxy proxy = open()) {
      pull(proxy);
      JsonNode image = get(proxy, "/api/v1/images/" + name);
      assertThat(image.path("name").asString()).isEqualTo(BUSYBOX);
      assertThat(image.path("upstream").asString()).isEqualTo("docker.io");
      JsonNode tag = image.at("/tags/0");
      assertThat(tag.path("tag").asString()).isEqualTo("1.36");
      assertThat(tag.path("digest").asString()).isEqualTo(IMAGE.digest().toString());
      assertThat(tag.path("platforms").values())
          .map(JsonNode::asString)
          .containsExactly("linux/amd64", "linux/arm64");
      JsonNode tree = get(proxy, "/api/v1/images/" + name + "/manifests/1.36");
      assertThat(tree.at("/manifest/manifests")).hasSize(2);
      assertThat(tree.at("/manifest/manifests/0/content/0/here").asBoolean()).isTrue();
    }
  }

  @Test
  void whatIsNotThere_isAnErrorDocument() throws Exception {
    try (RunningProxy proxy = open()) {
      for (Map.Entry<String, String> each :
          Map.of(
                  "/api/v1/images/no/such", "/api/v1/images/{name}",
                  "/api/v1/images/..%2F..%2Fetc", "/api/v1/images/{name}",
                  "/api/v1/mirrors/none/runs", "/api/v1/mirrors/{name}/runs",
                  "/api/v1/mirrors/..%2F..%2Fv2/runs", "/api/v1/mirrors/{name}/runs")
              .entrySet()) {
        HttpResponse<byte[]> answer = proxy.get(each.getKey());
        assertThat(answer.statusCode()).as(each.getKey()).isEqualTo(404);
        assertThat(contract.complaints(each.getValue(), 404, answer.body())).isEmpty();
      }
      assertThat(proxy.get("/api/v1/nothing").statusCode()).isEqualTo(404);
      assertThat(proxy.get("/api/v2/overview").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void lists_comeInParts_thatLinkLeadsThrough() throws Exception {
    try (RunningProxy proxy = open()) {
      for (int i = 0; i < 5; i++) {
        push(proxy, "team/app" + i);
      }
      List<String> names = new ArrayList<>();
      String target = "/api/v1/images?n=2";
      for (int part = 0; part < 3; part++) {
        HttpResponse<byte[]> answer = proxy.get(target);
        json(answer).forEach(image -> names.add(image.path("name").asString()));
        String link = answer.headers().firstValue("Link").orElse("");
        assertThat(link.isEmpty()).isEqualTo(part == 2);
        target = link.replaceAll("<(.*)>; rel=\"next\"", "$1");
      }
      assertThat(names)
          .containsExactly("team/app0", "team/app1", "team/app2", "team/app3", "team/app4");
      assertThat(proxy.get("/api/v1/images?n=1001").statusCode()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "-1", "0", "1.5", "", "99999999999999999999"})
  void badNumber_is400(String number) throws Exception {
    try (RunningProxy proxy = open()) {
      HttpResponse<byte[]> answer = proxy.get("/api/v1/images?n=" + number);
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(contract.complaints("/api/v1/images", 400, answer.body())).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS"})
  void otherMethods_are405_withAllow(String method) throws Exception {
    try (RunningProxy proxy = open()) {
      HttpResponse<byte[]> answer =
          proxy.send(method, "/api/v1/overview", "some body".getBytes(UTF_8));
      assertThat(answer.statusCode()).isEqualTo(405);
      assertThat(answer.headers().firstValue("Allow")).hasValue("GET, HEAD");
      assertThat(contract.complaints("/api/v1/overview", 405, answer.body())).isEmpty();
    }
  }

  @Test
  void head_isAnsweredWithoutABody() throws Exception {
    try (RunningProxy proxy = open()) {
      HttpResponse<byte[]> answer = proxy.send("HEAD", "/api/v1/overview", new byte[0]);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEmpty();
    }
  }

  @Test
  void stranger_isAskedForALogin_wrongOnesAreRefused() throws Exception {
    try (RunningProxy proxy = guarded()) {
      HttpResponse<byte[]> answer = proxy.get("/api/v1/images");
      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(answer.headers().firstValue("WWW-Authenticate")).isPresent();
      assertThat(contract.complaints("/api/v1/images", 401, answer.body())).isEmpty();
      assertThat(proxy.get("/api/v1/images", "Authorization", ALICE + "x").statusCode())
          .isEqualTo(401);
      assertThat(proxy.get("/api/v1/images", "Authorization", ALICE).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void login_seesOnlyWhatItMayRead() throws Exception {
    List<String> alice = List.of("alice");
    try (RunningProxy proxy =
        guarded(
            new Access.Rule("secret/*", List.of(), alice),
            new Access.Rule("quay.io/*", List.of(), List.of()),
            new Access.Rule("*", alice, alice))) {
      push(proxy, "secret/app", "Authorization", ALICE);
      push(proxy, "team/app", "Authorization", ALICE);
      report("images", "2026-11-27T10-00-00Z", "quay.io/secret/app:1", BUSYBOX + ":1.36");
      assertThat(get(proxy, "/api/v1/images", "Authorization", ALICE).values())
          .map(image -> image.path("name").asString())
          .containsExactly("team/app");
      for (String name : List.of("secret/app", "secret/none")) {
        HttpResponse<byte[]> answer = proxy.get("/api/v1/images/" + name, "Authorization", ALICE);
        assertThat(answer.statusCode()).as(name).isEqualTo(403);
        assertThat(contract.complaints("/api/v1/images/{name}", 403, answer.body())).isEmpty();
      }
      assertThat(get(proxy, "/api/v1/mirrors/images/runs", "Authorization", ALICE).at("/0/images"))
          .hasSize(1);
    }
  }

  @Test
  void runs_areTheNewestFirst_brokenReportsAreLeftOut() throws Exception {
    try (RunningProxy proxy = open()) {
      report("images", "2026-11-27T10-00-00Z");
      report("images", "2026-11-27T16-00-00Z");
      Files.writeString(directory.resolve("store/mirrors/images/2026-11-27T12-00-00Z.json"), "{");
      HttpResponse<byte[]> first = proxy.get("/api/v1/mirrors/images/runs?n=1");
      assertThat(json(first).at("/0/run").asString()).isEqualTo("2026-11-27T16-00-00Z");
      String link = first.headers().firstValue("Link").orElseThrow();
      JsonNode second = get(proxy, link.replaceAll("<(.*)>; rel=\"next\"", "$1"));
      assertThat(second.at("/0/run").asString()).isEqualTo("2026-11-27T10-00-00Z");
      assertThat(get(proxy, "/api/v1/mirrors").at("/0/name").asString()).isEqualTo("images");
    }
  }

  @Test
  void otherHost_is421_alsoWhereUsersAreAsked() throws Exception {
    try (RunningProxy proxy = guarded()) {
      for (String host : List.of("evil.example", "localhost.evil.example:5000")) {
        assertThat(status(proxy, "/api/v1/overview", host)).as(host).isEqualTo(421);
      }
      for (String host : List.of("localhost:1", "127.0.0.1", "[::1]:5000")) {
        assertThat(status(proxy, "/api/v1/overview", host)).as(host).isEqualTo(401);
      }
    }
  }

  private static int status(RunningProxy proxy, String target, String host) throws Exception {
    try (RawConnection client = RawConnection.to(proxy)) {
      client.send(
          "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n".formatted(target, host));
      return RawConnection.status(client.everything());
    }
  }

  @Test
  void publicUrl_isAKnownHost_andItsPathIsTheBase() throws Exception {
    try (RunningProxy proxy =
        running(
            settings ->
                settings.with(
                    new ProxySettings.Page(null, URI.create("https://cache.test/entrepot/"))))) {
      push(proxy, "team/app0");
      push(proxy, "team/app1");
      assertThat(status(proxy, "/entrepot/api/v1/overview", "cache.test")).isEqualTo(200);
      assertThat(status(proxy, "/api/v1/overview", "cache.test:8443")).isEqualTo(200);
      assertThat(status(proxy, "/api/v1/overview", "other.test")).isEqualTo(421);
      assertThat(proxy.get("/api/v1/images?n=1").headers().firstValue("Link"))
          .hasValue("</entrepot/api/v1/images?n=1&last=team%2Fapp0>; rel=\"next\"");
    }
  }

  @Test
  void page_canBeTurnedOff_andIsOffForStrangersBeyondLoopback() throws Exception {
    try (RunningProxy proxy =
        running(settings -> settings.with(new ProxySettings.Page(false, null)))) {
      assertThat(proxy.get("/api/v1/overview").statusCode()).isEqualTo(404);
      assertThat(proxy.get("/").statusCode()).isEqualTo(404);
      assertThat(proxy.get("/livez").statusCode()).isEqualTo(200);
    }
    ProxySettings.Listening everywhere =
        new ProxySettings.Listening("0.0.0.0", 0, null, Set.of(), true);
    try (RunningProxy proxy = running(settings -> settings.with(everywhere))) {
      assertThat(proxy.get("/api/v1/overview").statusCode()).isEqualTo(404);
    }
    try (RunningProxy proxy =
        running(settings -> settings.with(everywhere).with(new ProxySettings.Page(true, null)))) {
      assertThat(proxy.get("/api/v1/overview").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void upstreamThatFails_isShownWithItsError_withoutTheAccount() throws Exception {
    hub.on("HEAD manifest").error(403, "DENIED", "account acme-bot may not read this");
    try (RunningProxy proxy = open()) {
      proxy.get("/v2/%s/manifests/1.36".formatted(BUSYBOX));
      JsonNode upstream = get(proxy, "/api/v1/upstreams").get(0);
      assertThat(upstream.path("name").asString()).isEqualTo("docker.io");
      assertThat(upstream.path("lastError").asString()).contains("403").doesNotContain("acme-bot");
      assertThat(upstream.path("state").asString()).isEqualTo("closed");
    }
  }
}
