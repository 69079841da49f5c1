package io.entrepot.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.lock.LockedCopies;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.store.RepositoryId;
import io.entrepot.store.Store;
import io.entrepot.testing.Gate;
import io.entrepot.testing.TestRegistry;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** What is fetched from elsewhere: once, verified, and from the store when upstream cannot. */
class PullThroughTest {

  private static final byte[] LAYER = new byte[3 << 20];
  private static final byte[] CONFIG = "{}".getBytes(UTF_8);

  static {
    new Random(7).nextBytes(LAYER);
  }

  private Path directory;
  private TestRegistry hub;
  private Digest layer;
  private Digest image;
  private RunningProxy proxy;

  @BeforeEach
  void start(@TempDir Path temporary) {
    directory = temporary;
    hub = TestRegistry.start();
    Digest config = hub.addBlob("library/redis", CONFIG);
    layer = hub.addBlob("library/redis", LAYER);
    image = hub.addManifest("library/redis", "7", MediaType.OCI_MANIFEST, manifest(config, "1"));
    proxy = RunningProxy.start(directory, hub);
  }

  @AfterEach
  void stop() {
    proxy.close();
    hub.close();
  }

  private byte[] manifest(Digest config, String mark) {
    return """
    {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.oci.image.config.v1+json",\
    "digest":"%s","size":%d},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s",\
    "size":%d}],"annotations":{"mark":"%s"}}\
    """
        .formatted(MediaType.OCI_MANIFEST, config, CONFIG.length, layer, LAYER.length, mark)
        .getBytes(UTF_8);
  }

  private void restart(Duration freshness, TestRegistry... endpoints) {
    proxy.close();
    proxy = RunningProxy.start(directory, settings -> settings, freshness, endpoints);
  }

  private String blob() {
    return "/v2/docker.io/library/redis/blobs/" + layer;
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  @Test
  void image_isFoundByPathAndByNamespace() throws Exception {
    for (String target :
        List.of(
            "/v2/docker.io/library/redis/manifests/7",
            "/v2/docker.io/redis/manifests/7",
            "/v2/library/redis/manifests/7?ns=docker.io",
            "/v2/library/redis/manifests/7?ns=registry-1.docker.io")) {
      HttpResponse<byte[]> answer = proxy.get(target);
      assertThat(answer.statusCode()).as(target).isEqualTo(200);
      assertThat(Digest.of(answer.body())).isEqualTo(image);
    }
    assertThat(header(proxy.get("/v2/library/redis/manifests/7?ns=docker.io"), "OCI-Namespace"))
        .isEqualTo("docker.io");
    assertThat(proxy.get("/v2/library/redis/manifests/7").statusCode()).isEqualTo(404);
    assertThat(hub.count("GET manifest")).isEqualTo(1);
    assertThat(hub.count("HEAD manifest")).isEqualTo(1);
  }

  @RepeatedTest(10)
  void coldBlob_sixteenClients_oneUpstreamGet() throws Exception {
    Gate gate = hub.on("GET blob").once().stallAfter(LAYER.length / 2);
    List<CompletableFuture<HttpResponse<byte[]>>> clients = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      clients.add(
          proxy
              .http()
              .sendAsync(proxy.request(blob()).build(), HttpResponse.BodyHandlers.ofByteArray()));
    }
    gate.awaitArrivals(1);
    gate.open();
    for (CompletableFuture<HttpResponse<byte[]>> client : clients) {
      assertThat(client.get().body()).isEqualTo(LAYER);
    }
    assertThat(hub.count("GET blob")).as("%s", hub.requests()).isEqualTo(1);
    proxy.settle();
    assertThat(proxy.get(blob()).body()).isEqualTo(LAYER);
    assertThat(hub.count("GET blob")).isEqualTo(1);
  }

  @Test
  void blobStoredSinceOneLooked_isNotFetchedAgain() throws Exception {
    proxy.get(blob());
    proxy.settle();
    RepositoryId redis = new RepositoryId(RunningProxy.HUB, "library/redis");
    assertThat(proxy.server().pull().blobs().fill(redis, layer).await()).isEmpty();
    assertThat(hub.count("GET blob")).isEqualTo(1);
  }

  @Test
  void moreIsFetchedThanMayBeKept_theStoreStaysWithinItsSize() throws Exception {
    long limit = 7 << 20;
    proxy.close();
    proxy =
        RunningProxy.start(
            directory,
            settings -> settings.with(new ProxySettings.Storage(directory, limit)),
            Duration.ofMinutes(5),
            hub);
    Store store = proxy.server().store();
    for (int seed = 0; seed < 6; seed++) {
      byte[] bytes = new byte[2 << 20];
      new Random(seed).nextBytes(bytes);
      Digest digest = hub.addBlob("library/redis", bytes);
      assertThat(proxy.get("/v2/docker.io/library/redis/blobs/" + digest).body()).isEqualTo(bytes);
      proxy.settle();
      assertThat(store.contents().bytes()).isLessThanOrEqualTo(limit);
      assertThat(store.contents().find(digest)).isPresent();
    }
    assertThat(proxy.server().eviction().evictions()).isEqualTo(3);
  }

  @Test
  void blobLargerThanTheStoreMayBe_neverLiesOnTheDisk() throws Exception {
    long limit = 1 << 20;
    proxy.close();
    proxy =
        RunningProxy.start(
            directory,
            settings -> settings.with(new ProxySettings.Storage(directory, limit)),
            Duration.ofMinutes(5),
            hub);
    byte[] bytes = new byte[6 << 20];
    new Random(1).nextBytes(bytes);
    Digest digest = hub.addBlob("library/redis", bytes);
    Gate gate = hub.on("GET blob").once().stallAfter(5 << 20);
    var response =
        proxy
            .http()
            .send(
                proxy.request("/v2/docker.io/library/redis/blobs/" + digest).build(),
                HttpResponse.BodyHandlers.ofInputStream());
    try (var body = response.body()) {
      byte[] begun = body.readNBytes(4 << 20);
      assertThat(begun).isEqualTo(Arrays.copyOf(bytes, begun.length));
      try (var files = Files.list(directory.resolve("ingest"))) {
        assertThat(files.mapToLong(file -> file.toFile().length()).sum()).isZero();
      }
      gate.open();
      assertThat(body.readAllBytes())
          .isEqualTo(Arrays.copyOfRange(bytes, begun.length, bytes.length));
    }
    proxy.settle();
    assertThat(proxy.server().store().contents().find(digest)).isEmpty();
    assertThat(directory.resolve("ingest")).isEmptyDirectory();
  }

  @Test
  void storeThatCannotBeWritten_pullsPassThroughAndPushesAreRefused() throws Exception {
    Path temporary = directory.resolve("ingest");
    Files.delete(temporary);
    Files.createFile(temporary);
    HttpResponse<byte[]> manifest = proxy.get("/v2/docker.io/library/redis/manifests/7");
    assertThat(manifest.statusCode()).isEqualTo(200);
    assertThat(Digest.of(manifest.body())).isEqualTo(image);
    assertThat(header(manifest, "Docker-Content-Digest")).isEqualTo(image.toString());
    assertThat(proxy.get(blob()).body()).isEqualTo(LAYER);
    assertThat(proxy.server().store().contents().count()).isZero();
    assertThat(
            proxy
                .send(
                    "PUT",
                    "/v2/team/app/manifests/1",
                    "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(UTF_8),
                    "Content-Type",
                    MediaType.OCI_INDEX.value())
                .statusCode())
        .isEqualTo(503);
    assertThat(proxy.get("/readyz").statusCode()).isEqualTo(503);
    Files.delete(temporary);
    Files.createDirectory(temporary);
    assertThat(proxy.get("/readyz").statusCode()).isEqualTo(200);
    proxy.get("/v2/docker.io/library/redis/manifests/7");
    proxy.get(blob());
    proxy.settle();
    assertThat(proxy.server().store().contents().count()).isEqualTo(2);
  }

  @Test
  void stop_letsTheFetchComeIntoTheStore() throws Exception {
    Gate gate = hub.on("GET blob").once().stallAfter(1 << 20);
    var response =
        proxy.http().send(proxy.request(blob()).build(), HttpResponse.BodyHandlers.ofInputStream());
    response.body().close();
    Future<Void> stopped = proxy.server().stop(RunningProxy.PATIENCE);
    gate.open();
    stopped.await();
    try (Store store = Store.open(directory)) {
      assertThat(store.contents().find(layer)).isPresent();
    }
  }

  @Test
  void headersAndBytes_comeWhileUpstreamStillSends() throws Exception {
    Gate gate = hub.on("GET blob").once().stallAfter(1 << 20);
    var response =
        proxy.http().send(proxy.request(blob()).build(), HttpResponse.BodyHandlers.ofInputStream());
    assertThat(header(response, "Content-Length")).isEqualTo(Integer.toString(LAYER.length));
    try (var body = response.body()) {
      byte[] begun = body.readNBytes(512 * 1024);
      assertThat(begun).isEqualTo(Arrays.copyOf(LAYER, begun.length));
      HttpResponse<byte[]> range = proxy.get(blob(), "Range", "bytes=100-199");
      assertThat(range.statusCode()).isEqualTo(206);
      assertThat(range.body()).isEqualTo(Arrays.copyOfRange(LAYER, 100, 200));
      gate.open();
      assertThat(body.readAllBytes())
          .isEqualTo(Arrays.copyOfRange(LAYER, begun.length, LAYER.length));
    }
    assertThat(hub.count("GET blob")).isEqualTo(1);
  }

  @Test
  void clientThatLeaves_doesNotEndTheFetch() throws Exception {
    Gate gate = hub.on("GET blob").once().stallAfter(1 << 20);
    var first =
        proxy.http().send(proxy.request(blob()).build(), HttpResponse.BodyHandlers.ofInputStream());
    first.body().close();
    var second =
        proxy
            .http()
            .sendAsync(proxy.request(blob()).build(), HttpResponse.BodyHandlers.ofByteArray());
    gate.open();
    assertThat(second.get().body()).isEqualTo(LAYER);
    assertThat(hub.count("GET blob")).isEqualTo(1);
  }

  @Test
  void upstreamThatBreaksInTheMiddle_isResumedByRange() throws Exception {
    hub.on("GET blob").once().resetAt(0.5);
    assertThat(proxy.get(blob()).body()).isEqualTo(LAYER);
    assertThat(hub.count("GET blob")).isEqualTo(2);
    assertThat(hub.requests("GET blob").get(1).header("Range")).startsWith("bytes=");
  }

  @Test
  void wrongBytes_areCutAndNotStored() throws Exception {
    hub.on("GET blob").corrupt();
    assertThatThrownBy(() -> proxy.get(blob())).isInstanceOf(IOException.class);
    assertThat(proxy.server().store().contents().find(layer)).isEmpty();
    hub.clearFaults();
    assertThat(proxy.get(blob()).body()).isEqualTo(LAYER);
  }

  @Test
  void tagWithinItsFreshness_isAskedForOnce() throws Exception {
    for (int i = 0; i < 1000; i++) {
      assertThat(proxy.get("/v2/docker.io/library/redis/manifests/7").statusCode()).isEqualTo(200);
    }
    assertThat(hub.count("HEAD manifest")).isEqualTo(1);
    assertThat(hub.count("GET manifest")).isEqualTo(1);
  }

  @Test
  void headThenGetByDigest_asContainerdDoes_remembersTheTagForBadTimes() throws Exception {
    String name = "/v2/library/redis/manifests/";
    HttpResponse<byte[]> head = proxy.send("HEAD", name + "7?ns=docker.io", new byte[0]);
    assertThat(header(head, "Docker-Content-Digest")).isEqualTo(image.toString());
    assertThat(hub.count("GET manifest")).isZero();
    assertThat(proxy.get(name + image + "?ns=docker.io").statusCode()).isEqualTo(200);
    hub.close();
    assertThat(proxy.send("HEAD", name + "7?ns=docker.io", new byte[0]).statusCode())
        .isEqualTo(200);
  }

  @Test
  void movedTag_isSeenAfterItsFreshness() throws Exception {
    restart(Duration.ofNanos(1), hub);
    String target = "/v2/docker.io/library/redis/manifests/7";
    assertThat(Digest.of(proxy.get(target).body())).isEqualTo(image);
    Digest moved =
        hub.addManifest(
            "library/redis", "7", MediaType.OCI_MANIFEST, manifest(Digest.of(CONFIG), "2"));
    assertThat(Digest.of(proxy.get(target).body())).isEqualTo(moved);
    hub.removeTag("library/redis", "7");
    assertThat(proxy.get(target).statusCode()).isEqualTo(404);
    assertThat(proxy.get("/v2/docker.io/library/redis/manifests/" + moved).statusCode())
        .isEqualTo(200);
  }

  @Test
  void upstreamDown_evenAtStart_servesWhatIsHeldWithWarning() throws Exception {
    String target = "/v2/docker.io/library/redis/manifests/7";
    proxy.get(target);
    proxy.get(blob());
    proxy.settle();
    hub.close();
    restart(Duration.ofMinutes(5), hub);
    HttpResponse<byte[]> answer = proxy.get(target);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(header(answer, "Warning")).startsWith("299 - ");
    assertThat(proxy.get(blob()).body()).isEqualTo(LAYER);
    assertThat(proxy.get("/v2/docker.io/library/other/manifests/1").statusCode()).isEqualTo(502);
  }

  @Test
  void rateLimited_servesWhatIsHeld_elsePasses429On() throws Exception {
    restart(Duration.ofNanos(1), hub);
    String target = "/v2/docker.io/library/redis/manifests/7";
    proxy.get(target);
    hub.on("HEAD manifest").tooFast(1);
    HttpResponse<byte[]> held = proxy.get(target);
    assertThat(held.statusCode()).isEqualTo(200);
    assertThat(header(held, "Warning")).startsWith("299 - ");
    HttpResponse<byte[]> none = proxy.get("/v2/docker.io/library/redis/manifests/8");
    assertThat(none.statusCode()).isEqualTo(429);
    assertThat(header(none, "Retry-After")).isNotEmpty();
  }

  @Test
  void secondEndpoint_helpsOut() throws Exception {
    try (TestRegistry mirror = TestRegistry.start()) {
      restart(Duration.ofMinutes(5), mirror, hub);
      assertThat(proxy.get("/v2/docker.io/library/redis/manifests/7").statusCode()).isEqualTo(200);
      assertThat(proxy.get(blob()).body()).isEqualTo(LAYER);
      assertThat(mirror.requests()).isNotEmpty();
    }
  }

  @Test
  void pushIntoAProxiedNamespace_isRefused() throws Exception {
    assertThat(
            proxy.send("POST", "/v2/docker.io/library/x/blobs/uploads/", new byte[0]).statusCode())
        .isEqualTo(405);
    assertThat(
            proxy
                .send("POST", "/v2/library/x/blobs/uploads/?ns=docker.io", new byte[0])
                .statusCode())
        .isEqualTo(405);
  }

  @Test
  void corruptCachedBlob_isCutThenFetchedAgain() throws Exception {
    proxy.get(blob());
    proxy.settle();
    proxy.close();
    Path file =
        directory.resolve("blobs/sha256").resolve(layer.hex().substring(0, 2)).resolve(layer.hex());
    byte[] flipped = LAYER.clone();
    flipped[LAYER.length - 1] ^= 1;
    Files.write(file, flipped);
    proxy = RunningProxy.start(directory, hub);
    proxy.get("/v2/docker.io/library/redis/manifests/7");
    assertThatThrownBy(() -> proxy.get(blob())).isInstanceOf(IOException.class);
    assertThat(proxy.get(blob()).body()).isEqualTo(LAYER);
    assertThat(hub.count("GET blob")).isEqualTo(2);
  }

  @Test
  void partOfABlobWhoseBytesChangedWhileTheServerWasDown_isFetchedAgain() throws Exception {
    proxy.get("/v2/docker.io/library/redis/manifests/7");
    proxy.get(blob());
    proxy.settle();
    proxy.close();
    byte[] flipped = LAYER.clone();
    flipped[LAYER.length - 1] ^= 1;
    Files.write(
        directory.resolve("blobs/sha256").resolve(layer.hex().substring(0, 2)).resolve(layer.hex()),
        flipped);
    proxy = RunningProxy.start(directory, hub);
    HttpResponse<byte[]> part = proxy.get(blob(), "Range", "bytes=-1000");
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.body()).isEqualTo(Arrays.copyOfRange(LAYER, LAYER.length - 1000, LAYER.length));
    assertThat(hub.count("GET blob")).isEqualTo(2);
    proxy.settle();
    assertThat(proxy.get(blob(), "Range", "bytes=0-9").body())
        .isEqualTo(Arrays.copyOfRange(LAYER, 0, 10));
    assertThat(hub.count("GET blob")).isEqualTo(2);
  }

  @Test
  void cachedBlobThatLostBytesWhileTheServerWasDown_isFetchedAgain() throws Exception {
    proxy.get("/v2/docker.io/library/redis/manifests/7");
    proxy.get(blob());
    proxy.settle();
    int fetched = hub.count("GET blob");
    for (int left : List.of(0, 500)) {
      proxy.close();
      Path file = directory.resolve("blobs/sha256").resolve(layer.shortHex(2)).resolve(layer.hex());
      Files.write(file, Arrays.copyOf(LAYER, left));
      proxy = RunningProxy.start(directory, hub);
      HttpResponse<byte[]> range = proxy.get(blob(), "Range", "bytes=100-199");
      assertThat(range.statusCode()).isEqualTo(206);
      assertThat(range.body()).isEqualTo(Arrays.copyOfRange(LAYER, 100, 200));
      assertThat(proxy.get(blob()).body()).isEqualTo(LAYER);
      proxy.settle();
      assertThat(hub.count("GET blob")).isEqualTo(++fetched);
    }
  }

  @Test
  void storeOfLimitedSize_evictsWhatIsOldButNotWhatWasPushed() throws Exception {
    proxy.close();
    proxy =
        RunningProxy.start(
            directory,
            settings -> settings.with(new ProxySettings.Storage(directory, 1 << 20)),
            Duration.ofMinutes(5),
            hub);
    assertThat(proxy.get(blob()).body()).isEqualTo(LAYER);
    proxy.settle();
    assertThat(proxy.server().store().contents().find(layer)).isEmpty();
  }

  @Test
  void absentThings_are404AndAskedForOnce() throws Exception {
    for (int i = 0; i < 20; i++) {
      assertThat(proxy.get("/v2/docker.io/library/redis/manifests/none").statusCode())
          .isEqualTo(404);
    }
    assertThat(hub.count("HEAD manifest")).isEqualTo(1);
    assertThat(
            proxy
                .get("/v2/docker.io/library/redis/blobs/" + Digest.of("x".getBytes(UTF_8)))
                .statusCode())
        .isEqualTo(404);
  }

  @Test
  void blobOfAnotherRepository_isNotGivenAway() throws Exception {
    proxy.get(blob());
    proxy.settle();
    assertThat(proxy.get("/v2/docker.io/library/secret/blobs/" + layer).statusCode())
        .isEqualTo(404);
  }

  @Test
  void tagsAndReferrers_areAskedUpstream() throws Exception {
    assertThat(new String(proxy.get("/v2/docker.io/library/redis/tags/list").body(), UTF_8))
        .contains("[\"7\"]");
    HttpResponse<byte[]> referrers = proxy.get("/v2/docker.io/library/redis/referrers/" + image);
    assertThat(referrers.statusCode()).isEqualTo(200);
    assertThat(new String(referrers.body(), UTF_8)).contains("\"manifests\":[]");
  }

  private void restartWithLock(TestRegistry mirror) throws IOException {
    String copy = mirror.origin().substring("http://".length()) + "/acme/redis";
    Path lock =
        Files.writeString(
            directory.resolveSibling(directory.getFileName() + ".lock.yaml"),
            """
            version: 1
            images:
              docker.io/library/redis:7:
                digest: %s
                target: %s:7
                platforms: []
            """
                .formatted(image, copy));
    proxy.close();
    proxy =
        RunningProxy.start(
            directory,
            settings ->
                settings.with(
                    new ProxySettings.Pulling(
                        settings.pulling().upstreams(),
                        LockedCopies.read(Map.of(RunningProxy.HUB, List.of(lock))),
                        Duration.ofMinutes(5),
                        null)),
            Duration.ofMinutes(5),
            hub);
  }

  @Test
  void imageInTheLock_comesFromOurCopyByDigest_upstreamIsNotAsked() throws Exception {
    try (TestRegistry mirror = TestRegistry.start()) {
      Digest config = mirror.addBlob("acme/redis", CONFIG);
      mirror.addBlob("acme/redis", LAYER);
      mirror.addManifest("acme/redis", "7", MediaType.OCI_MANIFEST, manifest(config, "1"));
      restartWithLock(mirror);
      // Upstream's tag has moved; the lock has not.
      hub.addManifest("library/redis", "7", MediaType.OCI_MANIFEST, manifest(config, "2"));
      String target = "/v2/library/redis/manifests/7?ns=docker.io";
      HttpResponse<byte[]> head = proxy.send("HEAD", target, new byte[0]);
      assertThat(header(head, "Docker-Content-Digest")).isEqualTo(image.toString());
      assertThat(Digest.of(proxy.get(target).body())).isEqualTo(image);
      assertThat(proxy.get(blob()).body()).isEqualTo(LAYER);
      assertThat(hub.requests()).isEmpty();
      assertThat(mirror.count("GET manifest")).isEqualTo(1);
    }
  }

  @Test
  void imageInTheLock_whoseCopyIsDown_comesFromUpstreamByDigest() throws Exception {
    TestRegistry mirror = TestRegistry.start();
    restartWithLock(mirror);
    mirror.close();
    assertThat(Digest.of(proxy.get("/v2/docker.io/library/redis/manifests/7").body()))
        .isEqualTo(image);
    assertThat(proxy.get(blob()).body()).isEqualTo(LAYER);
    assertThat(hub.requests("HEAD manifest")).isEmpty();
  }

  @Test
  void deadMirror_isAskedLastAfterAFewFailures_andTheMetricsSaySo() throws Exception {
    try (TestRegistry mirror = TestRegistry.start()) {
      mirror.on("GET manifest").answer(503);
      mirror.on("HEAD manifest").answer(503);
      mirror.on("GET blob").answer(503);
      mirror.on("HEAD blob").answer(503);
      restart(Duration.ofNanos(1), mirror, hub);
      for (int i = 0; i < 20; i++) {
        assertThat(proxy.get("/v2/docker.io/library/redis/manifests/7").statusCode())
            .isEqualTo(200);
      }
      assertThat(mirror.requests()).hasSize(3);
      String page = new String(proxy.get("/metrics").body(), UTF_8);
      assertThat(page)
          .contains("entrepot_breaker_state{endpoint=\"" + mirror.origin() + "\"} 2")
          .contains("entrepot_upstream_requests_total{registry=\"docker.io\",status=\"503\"} 3");
    }
  }

  @Test
  void promiseOfAHead_isForgottenWhenTheTagMoves() throws Exception {
    for (Duration freshness : List.of(Duration.ofNanos(1), Duration.ofMinutes(5))) {
      String tag = "moving" + freshness.toMillis();
      restart(freshness, hub);
      hub.addManifest(
          "library/redis", tag, MediaType.OCI_MANIFEST, manifest(Digest.of(CONFIG), "1"));
      String name = "/v2/docker.io/library/redis/manifests/";
      assertThat(header(proxy.send("HEAD", name + tag, new byte[0]), "Docker-Content-Digest"))
          .isEqualTo(image.toString());
      Digest moved =
          hub.addManifest(
              "library/redis", tag, MediaType.OCI_MANIFEST, manifest(Digest.of(CONFIG), "2"));
      assertThat(Digest.of(proxy.get(name + tag).body())).isEqualTo(moved);
      assertThat(Digest.of(proxy.get(name + image).body())).isEqualTo(image);
      assertThat(Digest.of(proxy.get(name + tag).body())).isEqualTo(moved);
    }
  }

  @Test
  void headsOfATagThatIsNotHere_atOnce_areOneQuestion() throws Exception {
    Gate gate = hub.on("HEAD manifest").once().hold();
    List<CompletableFuture<HttpResponse<byte[]>>> clients = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      clients.add(
          proxy
              .http()
              .sendAsync(
                  proxy.request("/v2/docker.io/library/redis/manifests/7").HEAD().build(),
                  HttpResponse.BodyHandlers.ofByteArray()));
    }
    gate.awaitArrivals(1);
    gate.open();
    for (CompletableFuture<HttpResponse<byte[]>> client : clients) {
      assertThat(client.get().statusCode()).isEqualTo(200);
    }
    assertThat(hub.count("HEAD manifest")).isEqualTo(1);
    assertThat(hub.count("GET manifest")).isZero();
  }

  @Test
  void nextPage_isAskedOfTheSameRegistry() throws Exception {
    for (String tag : List.of("a", "b", "c")) {
      hub.addManifest(
          "library/redis", tag, MediaType.OCI_MANIFEST, manifest(Digest.of(CONFIG), "1"));
    }
    HttpResponse<byte[]> first = proxy.get("/v2/library/redis/tags/list?ns=docker.io&n=2");
    String link = header(first, "Link");
    assertThat(link).contains("ns=docker.io");
    HttpResponse<byte[]> next = proxy.get(link.substring(1, link.indexOf('>')));
    assertThat(next.statusCode()).isEqualTo(200);
    assertThat(new String(next.body(), UTF_8)).contains("\"b\",\"c\"");
  }

  @Test
  void pagesOfTags_costUpstreamOnePass_andANewListIsNew() throws Exception {
    hub.pageSize(2);
    for (int i = 10; i < 29; i++) {
      hub.addManifest(
          "library/redis", "t" + i, MediaType.OCI_MANIFEST, manifest(Digest.of(CONFIG), "1"));
    }
    String next = "/v2/library/redis/tags/list?ns=docker.io&n=3";
    List<String> tags = new ArrayList<>();
    while (next != null) {
      HttpResponse<byte[]> page = proxy.get(next);
      JsonMapper.shared().readTree(page.body()).get("tags").forEach(t -> tags.add(t.asString()));
      String link = page.headers().firstValue("Link").orElse(null);
      next = link == null ? null : link.substring(1, link.indexOf('>'));
    }
    assertThat(tags).hasSize(20).doesNotHaveDuplicates().isSorted();
    assertThat(hub.count("GET tags")).isEqualTo(10);
    hub.addManifest(
        "library/redis", "t30", MediaType.OCI_MANIFEST, manifest(Digest.of(CONFIG), "1"));
    assertThat(new String(proxy.get("/v2/docker.io/library/redis/tags/list").body(), UTF_8))
        .contains("t30");
  }

  @Test
  void referrersThatCannotBeAskedFor_areNoEmptyList() throws Exception {
    String target = "/v2/docker.io/library/redis/referrers/" + image;
    byte[] signature =
        """
        {"schemaVersion":2,"mediaType":"%s","manifests":[],\
        "subject":{"mediaType":"%s","digest":"%s","size":1}}\
        """
            .formatted(MediaType.OCI_INDEX, MediaType.OCI_MANIFEST, image)
            .getBytes(UTF_8);
    Digest signed = hub.addManifest("library/redis", "s", MediaType.OCI_INDEX, signature);
    hub.close();
    HttpResponse<byte[]> unknown = proxy.get(target);
    assertThat(unknown.statusCode()).isEqualTo(502);
    assertThat(new String(unknown.body(), UTF_8)).contains("UNREACHABLE");
    assertThat(signed).isNotNull();
  }

  @Test
  void referrersThatAreHeld_areServedWithAWarningWhenUpstreamCannotBeAsked() throws Exception {
    byte[] signature =
        """
        {"schemaVersion":2,"mediaType":"%s","manifests":[],\
        "subject":{"mediaType":"%s","digest":"%s","size":1}}\
        """
            .formatted(MediaType.OCI_INDEX, MediaType.OCI_MANIFEST, image)
            .getBytes(UTF_8);
    Digest signed = hub.addManifest("library/redis", "s", MediaType.OCI_INDEX, signature);
    assertThat(proxy.get("/v2/docker.io/library/redis/manifests/" + signed).statusCode())
        .isEqualTo(200);
    hub.close();
    HttpResponse<byte[]> held = proxy.get("/v2/docker.io/library/redis/referrers/" + image);
    assertThat(held.statusCode()).isEqualTo(200);
    assertThat(new String(held.body(), UTF_8)).contains(signed.toString());
    assertThat(header(held, "Warning")).startsWith("299 - ");
  }

  @Test
  void heldTags_doNotWaitForAnUpstreamThatWasNotReachedAMomentAgo() throws Exception {
    hub.addManifest("library/redis", "8", MediaType.OCI_MANIFEST, manifest(Digest.of(CONFIG), "1"));
    restart(Duration.ofNanos(1), hub);
    String name = "/v2/docker.io/library/redis/manifests/";
    proxy.get(name + "7");
    proxy.get(name + "8");
    hub.close();
    assertThat(header(proxy.get(name + "7"), "Warning")).startsWith("299 - ");
    String asked = unanswered();
    assertThat(header(proxy.get(name + "8"), "Warning")).startsWith("299 - ");
    assertThat(unanswered()).isEqualTo(asked);
  }

  private String unanswered() throws Exception {
    return new String(proxy.get("/metrics").body(), UTF_8)
        .lines()
        .filter(line -> line.startsWith("entrepot_upstream_requests_total"))
        .filter(line -> line.contains("\"none\""))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void blobLargerThanTheStoreMayBe_isNeverWritten() throws Exception {
    proxy.close();
    proxy =
        RunningProxy.start(
            directory,
            settings -> settings.with(new ProxySettings.Storage(directory, 1 << 20)),
            Duration.ofMinutes(5),
            hub);
    Gate gate = hub.on("GET blob").once().stallAfter(LAYER.length - 1000);
    CompletableFuture<HttpResponse<byte[]>> client =
        proxy
            .http()
            .sendAsync(proxy.request(blob()).build(), HttpResponse.BodyHandlers.ofByteArray());
    gate.awaitArrivals(1);
    RunningProxy.until(() -> proxy.server().pull().blobs().receivedBytes() > LAYER.length / 2);
    try (var files = Files.list(directory.resolve("ingest"))) {
      assertThat(files.mapToLong(file -> file.toFile().length()).sum()).isZero();
    }
    gate.open();
    assertThat(client.get().body()).isEqualTo(LAYER);
  }
}
