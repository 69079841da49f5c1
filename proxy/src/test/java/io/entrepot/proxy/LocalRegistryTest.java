package io.entrepot.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.Digest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole of the distribution specification for what is pushed here. */
class LocalRegistryTest {

  private static final String OCI = "application/vnd.oci.image.manifest.v1+json";
  private static final byte[] LAYER = "a layer's bytes".repeat(100).getBytes(UTF_8);
  private static final byte[] CONFIG = "{}".getBytes(UTF_8);

  private Path directory;
  private RunningProxy proxy;

  @BeforeEach
  void start(@TempDir Path temporary) {
    directory = temporary;
    proxy = RunningProxy.start(directory);
  }

  @AfterEach
  void stop() {
    proxy.close();
  }

  private void restart() {
    proxy.close();
    proxy = RunningProxy.start(directory);
  }

  private Digest push(String repository, byte[] blob) throws Exception {
    Digest digest = Digest.of(blob);
    HttpResponse<byte[]> begun =
        proxy.send("POST", "/v2/" + repository + "/blobs/uploads/", new byte[0]);
    assertThat(begun.statusCode()).isEqualTo(202);
    HttpResponse<byte[]> put = proxy.send("PUT", location(begun) + "?digest=" + digest, blob);
    assertThat(put.statusCode()).isEqualTo(201);
    return digest;
  }

  private static String location(HttpResponse<?> response) {
    return response.headers().firstValue("Location").orElseThrow();
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  private static String manifest(Digest config, Digest layer, String more) {
    return """
    {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.oci.image.config.v1+json",\
    "digest":"%s","size":%d},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s",\
    "size":%d}]%s}\
    """
        .formatted(OCI, config, CONFIG.length, layer, LAYER.length, more);
  }

  private String pushImage(String repository, String tag) throws Exception {
    String text = manifest(push(repository, CONFIG), push(repository, LAYER), "");
    HttpResponse<byte[]> put =
        proxy.send(
            "PUT",
            "/v2/" + repository + "/manifests/" + tag,
            text.getBytes(UTF_8),
            "Content-Type",
            OCI);
    assertThat(put.statusCode()).isEqualTo(201);
    return text;
  }

  @Test
  void pushedImage_isPulledByteForByte_alsoAfterRestart() throws Exception {
    String text = pushImage("team/app", "v1");
    for (int round = 0; round < 2; round++) {
      HttpResponse<byte[]> pulled = proxy.get("/v2/team/app/manifests/v1");
      assertThat(new String(pulled.body(), UTF_8)).isEqualTo(text);
      assertThat(header(pulled, "Content-Type")).isEqualTo(OCI);
      assertThat(header(pulled, "Docker-Content-Digest"))
          .isEqualTo(Digest.of(text.getBytes(UTF_8)).toString());
      assertThat(proxy.get("/v2/team/app/blobs/" + Digest.of(LAYER)).body()).isEqualTo(LAYER);
      HttpResponse<byte[]> head =
          proxy.send("HEAD", "/v2/team/app/blobs/" + Digest.of(LAYER), new byte[0]);
      assertThat(header(head, "Content-Length")).isEqualTo(Integer.toString(LAYER.length));
      restart();
    }
  }

  @Test
  void chunkedUpload_goesOnAfterRestart() throws Exception {
    HttpResponse<byte[]> begun = proxy.send("POST", "/v2/a/b/blobs/uploads/", new byte[0]);
    byte[] first = java.util.Arrays.copyOf(LAYER, 500);
    byte[] rest = java.util.Arrays.copyOfRange(LAYER, 500, LAYER.length);
    HttpResponse<byte[]> patched =
        proxy.send("PATCH", location(begun), first, "Content-Range", "0-499");
    assertThat(patched.statusCode()).isEqualTo(202);
    assertThat(header(patched, "Range")).isEqualTo("0-499");
    restart();
    HttpResponse<byte[]> state = proxy.get(location(patched));
    assertThat(state.statusCode()).isEqualTo(204);
    assertThat(header(state, "Range")).isEqualTo("0-499");
    HttpResponse<byte[]> outOfOrder =
        proxy.send("PATCH", location(patched), rest, "Content-Range", "0-" + (rest.length - 1));
    assertThat(outOfOrder.statusCode()).isEqualTo(416);
    HttpResponse<byte[]> done =
        proxy.send("PUT", location(patched) + "?digest=" + Digest.of(LAYER), rest);
    assertThat(done.statusCode()).isEqualTo(201);
    assertThat(proxy.get("/v2/a/b/blobs/" + Digest.of(LAYER)).body()).isEqualTo(LAYER);
    assertThat(proxy.get(location(patched)).statusCode()).isEqualTo(404);
  }

  @Test
  void bodyThatNobodyReads_doesNotHoldTheClientUp() throws Exception {
    Digest digest = push("a/b", LAYER);
    byte[] body = new byte[400_000];
    for (String begin : List.of("", "?mount=" + digest + "&from=x/y", "?mount=" + digest)) {
      HttpResponse<byte[]> begun = proxy.send("POST", "/v2/c/d/blobs/uploads/" + begin, body);
      assertThat(begun.statusCode()).as(begin).isBetween(201, 202);
      assertThat(header(begun, "Connection")).isEqualTo("close");
      assertThat(proxy.get("/v2/").statusCode()).isEqualTo(200);
    }
    assertThat(proxy.send("DELETE", "/v2/c/d/blobs/" + digest, body).statusCode()).isEqualTo(202);
    assertThat(proxy.get("/v2/").statusCode()).isEqualTo(200);
  }

  @Test
  void requestsWithoutBody_keepTheConnection() throws Exception {
    String digest = Digest.of(LAYER).toString();
    HttpResponse<byte[]> begun = proxy.send("POST", "/v2/a/b/blobs/uploads/", new byte[0]);
    assertThat(header(begun, "Connection")).isEmpty();
    HttpResponse<byte[]> refused =
        proxy.send("POST", "/v2/a/b/blobs/uploads/?mount=sha256:x", new byte[0]);
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(header(refused, "Connection")).isEmpty();
    assertThat(header(proxy.send("DELETE", "/v2/a/b/blobs/" + digest, new byte[0]), "Connection"))
        .isEmpty();
  }

  @Test
  void wrongDigest_isRefusedAndNothingIsThere() throws Exception {
    Digest other = Digest.of("other".getBytes(UTF_8));
    HttpResponse<byte[]> begun = proxy.send("POST", "/v2/a/b/blobs/uploads/", new byte[0]);
    HttpResponse<byte[]> put = proxy.send("PUT", location(begun) + "?digest=" + other, LAYER);
    assertThat(put.statusCode()).isEqualTo(400);
    assertThat(new String(put.body(), UTF_8)).contains("DIGEST_INVALID");
    assertThat(proxy.get("/v2/a/b/blobs/" + other).statusCode()).isEqualTo(404);
    assertThat(proxy.get("/v2/a/b/blobs/" + Digest.of(LAYER)).statusCode()).isEqualTo(404);
  }

  @Test
  void ranges_areServed() throws Exception {
    Digest digest = push("a/b", LAYER);
    String target = "/v2/a/b/blobs/" + digest;
    HttpResponse<byte[]> middle = proxy.get(target, "Range", "bytes=10-19");
    assertThat(middle.statusCode()).isEqualTo(206);
    assertThat(middle.body()).isEqualTo(java.util.Arrays.copyOfRange(LAYER, 10, 20));
    assertThat(header(middle, "Content-Range")).isEqualTo("bytes 10-19/" + LAYER.length);
    assertThat(proxy.get(target, "Range", "bytes=-5").body())
        .isEqualTo(java.util.Arrays.copyOfRange(LAYER, LAYER.length - 5, LAYER.length));
    assertThat(proxy.get(target, "Range", "bytes=99999-").statusCode()).isEqualTo(416);
    assertThat(proxy.get(target, "Range", "bytes=0-1,4-5").statusCode()).isEqualTo(200);
    assertThat(proxy.get(target, "If-None-Match", "\"" + digest + "\"").statusCode())
        .isEqualTo(304);
  }

  @Test
  void rangeThatEndsBeforeItBegins_is416() throws Exception {
    String target = "/v2/a/b/blobs/" + push("a/b", LAYER);
    for (String range : List.of("bytes=5-2", "bytes=500-0", "bytes=-0")) {
      HttpResponse<byte[]> answer = proxy.get(target, "Range", range);
      assertThat(answer.statusCode()).as(range).isEqualTo(416);
      assertThat(header(answer, "Content-Range")).isEqualTo("bytes */" + LAYER.length);
      assertThat(new String(answer.body(), UTF_8)).contains("RANGE_INVALID");
    }
  }

  @Test
  void rangeOfAHead_isIgnored() throws Exception {
    String target = "/v2/a/b/blobs/" + push("a/b", LAYER);
    for (String range : List.of("bytes=0-1", "bytes=99999-")) {
      HttpResponse<byte[]> head = proxy.send("HEAD", target, new byte[0], "Range", range);
      assertThat(head.statusCode()).as(range).isEqualTo(200);
      assertThat(header(head, "Content-Length")).isEqualTo(Integer.toString(LAYER.length));
    }
  }

  @Test
  void mount_takesWhatTheOtherRepositoryHas_elseOffersUpload() throws Exception {
    Digest digest = push("a/b", LAYER);
    String begin = "/v2/c/d/blobs/uploads/?mount=" + digest + "&from=";
    assertThat(proxy.get("/v2/c/d/blobs/" + digest).statusCode()).isEqualTo(404);
    assertThat(proxy.send("POST", begin + "x/y", new byte[0]).statusCode()).isEqualTo(202);
    assertThat(proxy.send("POST", begin + "a/b", new byte[0]).statusCode()).isEqualTo(201);
    assertThat(proxy.get("/v2/c/d/blobs/" + digest).body()).isEqualTo(LAYER);
  }

  @Test
  void deletedBlob_isGoneInOneRepositoryOnly() throws Exception {
    Digest digest = push("a/b", LAYER);
    push("c/d", LAYER);
    assertThat(proxy.send("DELETE", "/v2/a/b/blobs/" + digest, new byte[0]).statusCode())
        .isEqualTo(202);
    assertThat(proxy.get("/v2/a/b/blobs/" + digest).statusCode()).isEqualTo(404);
    assertThat(proxy.get("/v2/c/d/blobs/" + digest).statusCode()).isEqualTo(200);
  }

  @Test
  void tags_arePagedInOrder() throws Exception {
    String text = pushImage("a/b", "v3");
    for (String tag : List.of("V1", "v1", "v2")) {
      proxy.send("PUT", "/v2/a/b/manifests/" + tag, text.getBytes(UTF_8), "Content-Type", OCI);
    }
    restart();
    HttpResponse<byte[]> page = proxy.get("/v2/a/b/tags/list?n=2");
    assertThat(new String(page.body(), UTF_8)).contains("[\"V1\",\"v1\"]");
    assertThat(header(page, "Link")).isEqualTo("</v2/a/b/tags/list?n=2&last=v1>; rel=\"next\"");
    assertThat(new String(proxy.get("/v2/a/b/tags/list?n=2&last=v1").body(), UTF_8))
        .contains("[\"v2\",\"v3\"]");
    assertThat(new String(proxy.get("/v2/a/b/tags/list?n=0").body(), UTF_8)).contains("[]");
    for (String bad : List.of("-1", "x", "9999999999999999999999")) {
      assertThat(proxy.get("/v2/a/b/tags/list?n=" + bad).statusCode()).isEqualTo(400);
    }
    assertThat(proxy.get("/v2/no/such/tags/list").statusCode()).isEqualTo(404);
  }

  @Test
  void longestTag_inCapitalsToo_isKeptAlsoAfterRestart() throws Exception {
    String capitals = "A".repeat(128);
    String small = "a".repeat(128);
    String mixed = "A".repeat(127) + "a";
    pushImage("a/b", capitals);
    pushImage("a/b", small);
    pushImage("a/b", mixed);
    proxy.send("DELETE", "/v2/a/b/manifests/" + small, new byte[0]);
    restart();
    assertThat(new String(proxy.get("/v2/a/b/tags/list").body(), UTF_8))
        .contains("[\"" + capitals + "\",\"" + mixed + "\"]");
    assertThat(proxy.send("DELETE", "/v2/a/b/manifests/" + capitals, new byte[0]).statusCode())
        .isEqualTo(202);
    restart();
    assertThat(proxy.get("/v2/a/b/manifests/" + capitals).statusCode()).isEqualTo(404);
  }

  @Test
  void deletedTag_leavesTheManifest_deletedManifestTakesItsTags() throws Exception {
    String text = pushImage("a/b", "v1");
    Digest digest = Digest.of(text.getBytes(UTF_8));
    proxy.send("PUT", "/v2/a/b/manifests/v2", text.getBytes(UTF_8), "Content-Type", OCI);
    assertThat(proxy.send("DELETE", "/v2/a/b/manifests/v1", new byte[0]).statusCode())
        .isEqualTo(202);
    assertThat(proxy.get("/v2/a/b/manifests/v1").statusCode()).isEqualTo(404);
    assertThat(proxy.get("/v2/a/b/manifests/" + digest).statusCode()).isEqualTo(200);
    assertThat(proxy.send("DELETE", "/v2/a/b/manifests/" + digest, new byte[0]).statusCode())
        .isEqualTo(202);
    assertThat(proxy.get("/v2/a/b/manifests/v2").statusCode()).isEqualTo(404);
    assertThat(proxy.get("/v2/a/b/manifests/" + digest).statusCode()).isEqualTo(404);
  }

  @Test
  void referrers_areListedAndFiltered() throws Exception {
    Digest subject = Digest.of(pushImage("a/b", "v1").getBytes(UTF_8));
    String more =
        ",\"artifactType\":\"application/x-sig\",\"annotations\":{\"k\":\"v\"},\"subject\":"
            + "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":1}".formatted(OCI, subject);
    String text = manifest(Digest.of(CONFIG), Digest.of(LAYER), more);
    HttpResponse<byte[]> put =
        proxy.send(
            "PUT",
            "/v2/a/b/manifests/" + Digest.of(text.getBytes(UTF_8)),
            text.getBytes(UTF_8),
            "Content-Type",
            OCI + "; charset=utf-8");
    assertThat(put.statusCode()).isEqualTo(201);
    assertThat(header(put, "OCI-Subject")).isEqualTo(subject.toString());
    String base = "/v2/a/b/referrers/" + subject;
    HttpResponse<byte[]> all = proxy.get(base);
    assertThat(new String(all.body(), UTF_8))
        .contains(Digest.of(text.getBytes(UTF_8)).toString())
        .contains("\"artifactType\":\"application/x-sig\"")
        .contains("\"k\":\"v\"");
    HttpResponse<byte[]> none = proxy.get(base + "?artifactType=application/other");
    assertThat(new String(none.body(), UTF_8)).contains("\"manifests\":[]");
    assertThat(header(none, "OCI-Filters-Applied")).isEqualTo("artifactType");
    assertThat(proxy.get("/v2/a/b/referrers/sha256:xyz").statusCode()).isEqualTo(400);
    assertThat(proxy.get("/v2/no/such/referrers/" + subject).statusCode()).isEqualTo(200);
  }

  @Test
  void referrersFilter_takesAPlusAsItIsAndEncoded() throws Exception {
    Digest subject = Digest.of(pushImage("a/b", "v1").getBytes(UTF_8));
    String more =
        ",\"artifactType\":\"application/x-sig+json\",\"subject\":"
            + "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":1}".formatted(OCI, subject);
    byte[] text = manifest(Digest.of(CONFIG), Digest.of(LAYER), more).getBytes(UTF_8);
    proxy.send("PUT", "/v2/a/b/manifests/" + Digest.of(text), text, "Content-Type", OCI);
    for (String plus : List.of("+", "%2B", "%2b")) {
      HttpResponse<byte[]> found =
          proxy.get(
              "/v2/a/b/referrers/" + subject + "?artifactType=application/x-sig" + plus + "json");
      assertThat(new String(found.body(), UTF_8)).as(plus).contains(Digest.of(text).toString());
    }
  }

  @Test
  void manifestsThatAreNone_areRefused() throws Exception {
    Digest config = push("a/b", CONFIG);
    Digest layer = push("a/b", LAYER);
    String good = manifest(config, layer, "");
    String target = "/v2/a/b/manifests/v1";
    String doubled = good.replace("\"layers\"", "\"layers\":[],\"layers\"");
    String both = good.replace("\"layers\"", "\"manifests\":[],\"layers\"");
    String missing = manifest(config, Digest.of("x".getBytes(UTF_8)), "");
    for (String bad : List.of("{", "[]", doubled, both)) {
      HttpResponse<byte[]> answer =
          proxy.send("PUT", target, bad.getBytes(UTF_8), "Content-Type", OCI);
      assertThat(answer.statusCode()).as(bad).isEqualTo(400);
      assertThat(new String(answer.body(), UTF_8)).contains("MANIFEST_INVALID");
    }
    HttpResponse<byte[]> unknown =
        proxy.send("PUT", target, missing.getBytes(UTF_8), "Content-Type", OCI);
    assertThat(new String(unknown.body(), UTF_8)).contains("MANIFEST_BLOB_UNKNOWN");
    String otherType = "application/vnd.oci.image.index.v1+json";
    assertThat(
            proxy.send("PUT", target, good.getBytes(UTF_8), "Content-Type", otherType).statusCode())
        .isEqualTo(400);
    // Whatever the document itself says: distribution 3 and zot do not take it either.
    HttpResponse<byte[]> untyped = proxy.send("PUT", target, good.getBytes(UTF_8));
    assertThat(untyped.statusCode()).isEqualTo(400);
    assertThat(new String(untyped.body(), UTF_8)).contains("MANIFEST_INVALID", "no Content-Type");
    byte[] huge = new byte[4 * 1024 * 1024 + 1];
    assertThat(proxy.send("PUT", target, huge, "Content-Type", OCI).statusCode()).isEqualTo(413);
    assertThat(proxy.get(target).statusCode()).isEqualTo(404);
  }

  @Test
  void namesAndDigestsThatBreakTheGrammar_are400() throws Exception {
    String digest = Digest.of(LAYER).toString();
    for (String name : List.of("A/b", "a//b", "a%2Fb", "%2e%2e", "a/..", "-a", "a".repeat(256))) {
      HttpResponse<byte[]> answer = proxy.get("/v2/" + name + "/blobs/" + digest);
      assertThat(answer.statusCode()).as(name).isEqualTo(400);
      assertThat(new String(answer.body(), UTF_8)).contains("NAME_INVALID");
    }
    for (String bad : List.of("sha256:abc", "sha256:" + "A".repeat(64), "md5:aa", "..%2f..")) {
      assertThat(proxy.get("/v2/a/b/blobs/" + bad).statusCode()).as(bad).isEqualTo(400);
    }
    assertThat(proxy.get("/v2/a/blobs/manifests/manifests/v1").statusCode()).isEqualTo(404);
  }

  @Test
  void strangersSessions_are404() throws Exception {
    HttpResponse<byte[]> begun = proxy.send("POST", "/v2/a/b/blobs/uploads/", new byte[0]);
    String foreign = location(begun).replace("/a/b/", "/c/d/");
    assertThat(proxy.get(foreign).statusCode()).isEqualTo(404);
    for (String id : List.of("..", "x", "x".repeat(900))) {
      assertThat(proxy.get("/v2/a/b/blobs/uploads/" + id).statusCode()).isEqualTo(404);
    }
    assertThat(proxy.send("DELETE", location(begun), new byte[0]).statusCode()).isEqualTo(204);
    assertThat(proxy.get(location(begun)).statusCode()).isEqualTo(404);
  }

  @Test
  void namespacesThatAreNotConfigured_areNeverDialled() throws Exception {
    for (String ns : List.of("evil.example", "127.0.0.1:1", "169.254.169.254")) {
      assertThat(proxy.get("/v2/a/b/manifests/v1?ns=" + ns).statusCode()).isEqualTo(404);
    }
    assertThat(proxy.get("/v2/a/b/manifests/v1?ns=http://x/").statusCode()).isEqualTo(400);
  }

  private Path file(Digest digest) {
    return directory.resolve("blobs/sha256").resolve(digest.shortHex(2)).resolve(digest.hex());
  }

  private int putImage(String tag, String text) throws Exception {
    return proxy
        .send("PUT", "/v2/a/b/manifests/" + tag, text.getBytes(UTF_8), "Content-Type", OCI)
        .statusCode();
  }

  @Test
  void blobThatLostBytesWhileTheServerWasDown_isAbsent_untilItIsPushedAgain() throws Exception {
    String text = pushImage("a/b", "v1");
    Digest layer = Digest.of(LAYER);
    for (int left : List.of(0, 500)) {
      proxy.close();
      Files.write(file(layer), Arrays.copyOf(LAYER, left));
      proxy = RunningProxy.start(directory);
      String address = "/v2/a/b/blobs/" + layer;
      assertThat(proxy.send("HEAD", address, new byte[0]).statusCode()).isEqualTo(404);
      assertThat(proxy.get(address, "Range", "bytes=0-9").statusCode()).isEqualTo(404);
      assertThat(proxy.get(address).statusCode()).isEqualTo(404);
      assertThat(putImage("v2", text)).isEqualTo(400);
      push("a/b", LAYER);
      assertThat(proxy.get(address).body()).isEqualTo(LAYER);
      assertThat(putImage("v2", text)).isEqualTo(201);
    }
  }

  @Test
  void manifestOfABlobThatLostItsBytesWhileTheServerRuns_isNoSuccess() throws Exception {
    String text = manifest(push("a/b", CONFIG), push("a/b", LAYER), "");
    Files.write(file(Digest.of(LAYER)), new byte[0]);
    assertThat(putImage("v1", text)).isEqualTo(400);
    push("a/b", LAYER);
    assertThat(putImage("v1", text)).isEqualTo(201);
  }

  @Test
  void blobThatAPusherFoundThere_staysUntilTheManifestComes_alsoOverARestart() throws Exception {
    String text = manifest(push("a/b", CONFIG), push("a/b", LAYER), "");
    proxy.close();
    try (var files = Files.walk(directory)) {
      for (Path each : files.filter(Files::isRegularFile).toList()) {
        Files.setLastModifiedTime(each, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
      }
    }
    proxy = RunningProxy.start(directory);
    for (byte[] each : List.of(CONFIG, LAYER)) {
      assertThat(proxy.send("HEAD", "/v2/a/b/blobs/" + Digest.of(each), new byte[0]).statusCode())
          .isEqualTo(200);
    }
    restart();
    assertThat(proxy.server().store().collector().collectGarbage()).isZero();
    assertThat(putImage("v1", text)).isEqualTo(201);
  }

  @Test
  void corruptBlob_isNotServedAndHealsByPush() throws Exception {
    Digest digest = push("a/b", LAYER);
    proxy.close();
    Path file =
        directory
            .resolve("blobs/sha256")
            .resolve(digest.hex().substring(0, 2))
            .resolve(digest.hex());
    byte[] flipped = LAYER.clone();
    flipped[7] ^= 1;
    java.nio.file.Files.write(file, flipped);
    proxy = RunningProxy.start(directory);
    assertThat(proxy.get("/v2/a/b/blobs/" + digest).statusCode()).isEqualTo(404);
    push("a/b", LAYER);
    assertThat(proxy.get("/v2/a/b/blobs/" + digest).body()).isEqualTo(LAYER);
  }

  @Test
  void secondProcess_isRefused() {
    assertThatThrownBy(() -> RunningProxy.start(directory))
        .hasMessageContaining("another process uses the store");
  }

  @Test
  void listeningBeyondLoopbackWithoutUsers_isRefused(@TempDir Path other) {
    assertThatThrownBy(
            () ->
                RunningProxy.start(
                    other, settings -> settings.listeningOn("0.0.0.0", 0), Duration.ofMinutes(1)))
        .hasMessageContaining("name users");
  }

  @Test
  void health_isTold() throws Exception {
    assertThat(proxy.get("/livez").statusCode()).isEqualTo(200);
    assertThat(proxy.get("/readyz").statusCode()).isEqualTo(200);
    push("a/b", LAYER);
    String counted = "entrepot_requests_total{kind=\"upload\",status=\"201\"}";
    // A request is counted once its answer is out, so the client may be here first.
    long deadline = System.nanoTime() + RunningProxy.PATIENCE.toNanos();
    String metrics;
    do {
      metrics = new String(proxy.get("/metrics").body(), UTF_8);
    } while (!metrics.contains(counted) && System.nanoTime() - deadline < 0);
    assertThat(metrics)
        .contains("entrepot_requests_total{kind=\"upload\",status=\"201\"} 1")
        .contains("entrepot_store_bytes " + (double) LAYER.length);
  }

  @Test
  void cacheCommands_workOnARunningServer() throws Exception {
    pushImage("a/b", "v1");
    assertThat(StoreControl.run(directory, new StoreRequest.ListImages()))
        .isInstanceOfSatisfying(
            StoreAnswer.Images.class,
            answer ->
                assertThat(answer.images())
                    .first()
                    .extracting(StoreAnswer.Image::tag)
                    .isEqualTo("v1"));
    assertThat(StoreControl.run(directory, new StoreRequest.VerifyContents()))
        .isInstanceOfSatisfying(
            StoreAnswer.Verified.class, answer -> assertThat(answer.corrupt()).isEmpty());
    assertThat(StoreControl.run(directory, new StoreRequest.Remove(List.of("a/b:v1"))))
        .isEqualTo(new StoreAnswer.Removed(List.of("a/b:v1"), null));
    assertThat(proxy.get("/v2/a/b/manifests/v1").statusCode()).isEqualTo(404);
    assertThat(StoreControl.run(directory, new StoreRequest.CollectGarbage()))
        .isInstanceOf(StoreAnswer.Collected.class);
    assertThat(proxy.get("/v2/a/b/blobs/" + Digest.of(LAYER)).statusCode()).isEqualTo(200);
  }

  @Test
  void validators_areComparedAsTheHttpSpecificationSays() throws Exception {
    String text = pushImage("team/app", "v1");
    String etag = '"' + Digest.of(text.getBytes(UTF_8)).toString() + '"';
    String target = "/v2/team/app/manifests/v1";
    for (String known : List.of(etag, "W/" + etag, "\"x\", " + etag, "*")) {
      assertThat(proxy.get(target, "If-None-Match", known).statusCode()).as(known).isEqualTo(304);
    }
    for (String other : List.of("\"x\"", etag.replace("\"", ""), "W/\"x\", \"y\"")) {
      assertThat(proxy.get(target, "If-None-Match", other).statusCode()).as(other).isEqualTo(200);
    }
  }

  @Test
  void methodThatIsNotPossible_isAnsweredWithThoseThatAre() throws Exception {
    for (var each :
        java.util.Map.of(
                "/v2/a/b/manifests/v1",
                "GET, HEAD, PUT, DELETE",
                "/v2/a/b/blobs/" + Digest.of(LAYER),
                "GET, HEAD, DELETE",
                "/v2/a/b/tags/list",
                "GET, HEAD",
                "/v2/_catalog",
                "GET, HEAD")
            .entrySet()) {
      HttpResponse<byte[]> refused = proxy.send("PATCH", each.getKey(), new byte[1]);
      assertThat(refused.statusCode()).isEqualTo(405);
      assertThat(header(refused, "Allow")).isEqualTo(each.getValue());
    }
  }

  @Test
  void chunkedPieceThatIsLongerThanItsRange_isRefused_andTheSessionStaysWhole() throws Exception {
    HttpResponse<byte[]> begun = proxy.send("POST", "/v2/a/b/blobs/uploads/", new byte[0]);
    HttpResponse<byte[]> refused =
        proxy
            .http()
            .send(
                proxy
                    .request(location(begun))
                    .method(
                        "PATCH",
                        java.net.http.HttpRequest.BodyPublishers.ofInputStream(
                            () -> new java.io.ByteArrayInputStream(LAYER)))
                    .header("Content-Range", "0-9")
                    .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(new String(refused.body(), UTF_8)).contains("SIZE_INVALID");
    HttpResponse<byte[]> done =
        proxy.send("PUT", location(begun) + "?digest=" + Digest.of(LAYER), LAYER);
    assertThat(done.statusCode()).isEqualTo(201);
  }
}
