package io.entrepot.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.testing.FaultRule;
import io.entrepot.testing.Gate;
import io.entrepot.testing.RecordedRequest;
import io.entrepot.testing.TestRegistry;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Registries that fail, lie or mean harm, as clients of ours come to see them. */
class ProxyFaultsTest {

  private static final String REDIS = "/v2/docker.io/library/redis/";
  private static final byte[] LAYER = new byte[1 << 20];
  private static final byte[] CONFIG = "{}".getBytes(UTF_8);

  static {
    new Random(5).nextBytes(LAYER);
  }

  private Path directory;
  private TestRegistry hub;
  private TestRegistry elsewhere;
  private Digest layer;
  private Digest image;
  private RunningProxy proxy;

  @BeforeEach
  void start(@TempDir Path temporary) {
    directory = temporary;
    hub = TestRegistry.start();
    elsewhere = TestRegistry.start();
    Digest config = hub.addBlob("library/redis", CONFIG);
    layer = hub.addBlob("library/redis", LAYER);
    image =
        hub.addManifest(
            "library/redis",
            "7",
            MediaType.OCI_MANIFEST,
            manifest(config, layer, LAYER.length, ""));
    proxy = RunningProxy.start(directory, hub);
  }

  @AfterEach
  void stop() {
    proxy.close();
    hub.close();
    elsewhere.close();
  }

  private static byte[] manifest(Digest config, Digest layer, long size, String more) {
    return """
    {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.oci.image.config.v1+json",\
    "digest":"%s","size":%d},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s",\
    "size":%d%s}]}\
    """
        .formatted(MediaType.OCI_MANIFEST, config, CONFIG.length, layer, size, more)
        .getBytes(UTF_8);
  }

  private String blob() {
    return REDIS + "blobs/" + layer;
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), UTF_8);
  }

  private CompletableFuture<HttpResponse<byte[]>> later(String target) {
    return proxy
        .http()
        .sendAsync(proxy.request(target).build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private void nothingIsKept() throws Exception {
    proxy.settle();
    assertThat(proxy.server().store().contents().count()).isZero();
    RunningProxy.until(() -> temporaryFiles() == 0);
  }

  private long temporaryFiles() throws IOException {
    try (var files = Files.list(directory.resolve("ingest"))) {
      return files.count();
    }
  }

  // ---------------------------------------------------------------- other hosts

  @Test
  void blobAtAnotherHost_isFetchedThereWithoutCredentials() throws Exception {
    hub.bearerAuth().blobsFromCdn(true);
    assertThat(proxy.get(REDIS + "manifests/7").statusCode()).isEqualTo(200);
    assertThat(proxy.get(blob()).body()).isEqualTo(LAYER);
    int cdn = Integer.parseInt(hub.cdnOrigin().substring(hub.cdnOrigin().lastIndexOf(':') + 1));
    assertThat(hub.requests("GET blob"))
        .isNotEmpty()
        .allMatch(request -> request.authorization() != null);
    List<RecordedRequest> there =
        hub.requests().stream().filter(request -> request.port() == cdn).toList();
    assertThat(there).hasSize(1).allMatch(request -> request.authorization() == null);
  }

  @Test
  void clientsCredentials_areNotPassedOn() throws Exception {
    proxy.get(REDIS + "manifests/7", "Authorization", "Basic dTpTRUNSRVQ=", "Cookie", "SECRET");
    proxy.get(blob(), "Authorization", "Bearer SECRET", "X-Forwarded-For", "1.2.3.4");
    assertThat(hub.requests())
        .isNotEmpty()
        .allMatch(request -> request.authorization() == null)
        .allMatch(request -> request.header("Cookie") == null)
        .allMatch(request -> request.header("X-Forwarded-For") == null);
  }

  @Test
  void redirectsWithoutEnd_orToWhatIsNoWeb_are502_andBounded() throws Exception {
    for (String location :
        List.of(blob().replace("/docker.io", ""), "file:///etc/passwd", "gopher://x/", "http://")) {
      hub.clearFaults();
      hub.clear();
      hub.on("GET blob").redirect(307, location);
      assertThat(proxy.get(blob()).statusCode()).as(location).isEqualTo(502);
      assertThat(hub.count("GET blob")).as(location).isLessThanOrEqualTo(60);
      nothingIsKept();
    }
    hub.clearFaults();
    assertThat(proxy.get(blob()).body()).isEqualTo(LAYER);
  }

  @Test
  void signedAddressThatFails_isNotTold() throws Exception {
    hub.on("GET blob").redirect(307, elsewhere.origin() + "/cdn?X-Amz-Signature=SECRET&sig=SECRET");
    elsewhere.on("GET", "/cdn").answer(403, Map.of(), "<Error>SECRET-body</Error>");
    try (TakenDown log = TakenDown.begin()) {
      HttpResponse<byte[]> answer = proxy.get(blob());
      assertThat(answer.statusCode()).isGreaterThanOrEqualTo(400);
      assertThat(text(answer)).doesNotContain("Signature=SECRET").doesNotContain("sig=SECRET");
      assertThat(log.records())
          .noneMatch(record -> record.contains("Signature=SECRET"))
          .noneMatch(record -> record.contains("sig=SECRET"));
    }
    assertThat(elsewhere.requests()).isNotEmpty();
  }

  @Test
  void tokenRealmOfAnotherOrigin_isNeverAsked() throws Exception {
    hub.bearerAuth().tokenRealm(elsewhere.origin() + "/token");
    HttpResponse<byte[]> answer = proxy.get(REDIS + "manifests/7");
    assertThat(answer.statusCode()).isEqualTo(502);
    assertThat(elsewhere.requests()).isEmpty();
    nothingIsKept();
  }

  @Test
  void unauthorizedForEver_is403_afterOneRenewal() throws Exception {
    hub.bearerAuth();
    hub.on("HEAD manifest")
        .answer(401, Map.of("WWW-Authenticate", "Bearer realm=\"" + hub.origin() + "/token\""), "");
    assertThat(proxy.get(REDIS + "manifests/7").statusCode()).isEqualTo(403);
    assertThat(hub.count("HEAD manifest")).isLessThanOrEqualTo(3);
    assertThat(hub.count("GET token")).isLessThanOrEqualTo(2);
  }

  @Test
  void foreignLayer_isNotFetchedFromItsAddress() throws Exception {
    byte[] bytes = "a foreign layer".getBytes(UTF_8);
    Digest foreign = Digest.of(bytes);
    String urls = ",\"urls\":[\"" + elsewhere.origin() + "/layer\"]";
    hub.addManifest(
        "library/redis",
        "foreign",
        MediaType.OCI_MANIFEST,
        manifest(Digest.of(CONFIG), foreign, bytes.length, urls));
    HttpResponse<byte[]> pulled = proxy.get(REDIS + "manifests/foreign");
    assertThat(pulled.statusCode()).isEqualTo(200);
    assertThat(text(pulled)).contains(urls);
    assertThat(proxy.get(REDIS + "blobs/" + foreign).statusCode()).isEqualTo(404);
    assertThat(elsewhere.requests()).isEmpty();
  }

  @Test
  void nextPageAtAnotherHost_isNotFetched_pagesWithoutEndStop() throws Exception {
    String list = "{\"name\":\"library/redis\",\"tags\":[\"a\"]}";
    hub.on("GET tags")
        .answer(
            200,
            Map.of("Link", "<" + elsewhere.origin() + "/v2/library/redis/tags/list>; rel=\"next\""),
            list);
    assertThat(proxy.get(REDIS + "tags/list").statusCode()).isEqualTo(502);
    assertThat(elsewhere.requests()).isEmpty();
    hub.clearFaults();
    hub.on("GET tags")
        .answer(200, Map.of("Link", "</v2/library/redis/tags/list?last=a>; rel=\"next\""), list);
    assertThat(proxy.get(REDIS + "tags/list").statusCode()).isEqualTo(502);
    assertThat(hub.count("GET tags")).isLessThanOrEqualTo(1_002);
  }

  // ---------------------------------------------------------------- lies

  @Test
  void manifestByDigestWithOtherBytes_is502_andNothingIsKept() throws Exception {
    hub.on("GET manifest").body("{\"schemaVersion\":2,\"manifests\":[]}".getBytes(UTF_8));
    assertThat(proxy.get(REDIS + "manifests/" + image).statusCode()).isEqualTo(502);
    assertThat(proxy.get(REDIS + "manifests/7").statusCode()).isEqualTo(502);
    nothingIsKept();
    hub.clearFaults();
    assertThat(Digest.of(proxy.get(REDIS + "manifests/7").body())).isEqualTo(image);
  }

  @Test
  void digestHeaderThatLies_bindsNoTag() throws Exception {
    hub.on("HEAD manifest").lieAboutDigest();
    HttpResponse<byte[]> pulled = proxy.get(REDIS + "manifests/7");
    assertThat(pulled.statusCode()).isIn(404, 502);
    nothingIsKept();
    hub.clearFaults();
    hub.on("GET manifest").lieAboutDigest();
    pulled = proxy.get(REDIS + "manifests/" + image);
    assertThat(pulled.statusCode()).isIn(200, 502);
    if (pulled.statusCode() == 200) {
      assertThat(header(pulled, "Docker-Content-Digest")).isEqualTo(image.toString());
    }
  }

  @Test
  void contentTypeThatChanges_isStatedAsItFirstCame() throws Exception {
    String first = header(proxy.get(REDIS + "manifests/" + image), "Content-Type");
    assertThat(first).isEqualTo(MediaType.OCI_MANIFEST.value());
    hub.on("GET manifest").header("Content-Type", MediaType.OCI_INDEX.value());
    hub.on("HEAD manifest").header("Content-Type", MediaType.OCI_INDEX.value());
    assertThat(header(proxy.get(REDIS + "manifests/" + image), "Content-Type")).isEqualTo(first);
    assertThat(header(proxy.get(REDIS + "manifests/7"), "Content-Type")).isEqualTo(first);
    Digest other =
        hub.addManifest(
            "library/redis",
            "8",
            MediaType.OCI_MANIFEST,
            manifest(Digest.of(CONFIG), layer, LAYER.length, ",\"annotations\":{\"a\":\"b\"}"));
    assertThat(proxy.get(REDIS + "manifests/" + other).statusCode()).isEqualTo(502);
  }

  @Test
  void captivePortal_isNoManifestAndNoBlob() throws Exception {
    for (String kind : List.of("GET manifest", "HEAD manifest", "GET blob", "HEAD blob")) {
      hub.on(kind).answer(200, Map.of("Content-Type", "text/html"), "<html>Log in</html>");
    }
    assertThat(proxy.get(REDIS + "manifests/7").statusCode()).isEqualTo(502);
    assertThat(proxy.get(REDIS + "manifests/" + image).statusCode()).isEqualTo(502);
    try {
      assertThat(proxy.get(blob()).statusCode()).isEqualTo(502);
    } catch (IOException cut) {
      // Its headers were out: it was cut before the end.
      assertThat(cut).isNotNull();
    }
    nothingIsKept();
  }

  @Test
  void indexWhoseDescriptorsLie_everythingServedHasItsDigest() throws Exception {
    String child =
        "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d,\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}}";
    String index =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s,%s]}"
            .formatted(
                MediaType.OCI_INDEX,
                child.formatted(MediaType.OCI_MANIFEST, image, 7),
                child.formatted(MediaType.OCI_INDEX, layer, 9));
    hub.addManifest("library/redis", "liar", MediaType.OCI_INDEX, index.getBytes(UTF_8));
    assertThat(text(proxy.get(REDIS + "manifests/liar"))).isEqualTo(index);
    HttpResponse<byte[]> first = proxy.get(REDIS + "manifests/" + image);
    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(Digest.of(first.body())).isEqualTo(image);
    assertThat(proxy.get(REDIS + "manifests/" + layer).statusCode()).isIn(404, 502);
    proxy.settle();
    proxy
        .server()
        .store()
        .contents()
        .list()
        .forEach(
            content ->
                assertThat(proxy.server().store().contents().readAll(content.digest(), 1 << 20))
                    .isPresent());
  }

  @RepeatedTest(5)
  void manifestThatLiesAboutASize_noByteTooMany_nothingIsKept() throws Exception {
    for (long size : new long[] {LAYER.length - 1, LAYER.length + 1}) {
      byte[] lie = manifest(Digest.of(CONFIG), layer, size, "");
      Digest digest = hub.addManifest("library/redis", null, MediaType.OCI_MANIFEST, lie);
      assertThat(proxy.get(REDIS + "manifests/" + digest).statusCode()).isEqualTo(200);
      assertThat(proxy.get(blob()).statusCode()).as("%d", size).isEqualTo(502);
      assertThat(proxy.server().store().contents().find(layer)).isEmpty();
    }
  }

  @Test
  void absurdManifests_are502_andNothingIsKept() throws Exception {
    String good = new String(manifest(Digest.of(CONFIG), layer, 12345, ""), UTF_8);
    List<String> absurd =
        List.of(
            good.replace("12345", "-1"),
            good.replace("12345", "1e308"),
            good.replace("12345", "\"12\""),
            good.replace("12345", "0.5"),
            good.replace(layer.toString(), "sha256:../../x"),
            good.replace("\"layers\"", "\"manifests\":[],\"layers\""),
            good.replace("\"layers\"", "\"layers\":[],\"layers\""),
            "{\"schemaVersion\":2,\"manifests\":" + "[".repeat(100_000));
    for (String text : absurd) {
      Digest digest =
          hub.addManifest("library/redis", null, MediaType.OCI_MANIFEST, text.getBytes(UTF_8));
      assertThat(proxy.get(REDIS + "manifests/" + digest).statusCode())
          .as(text.substring(0, Math.min(400, text.length())))
          .isEqualTo(502);
    }
    nothingIsKept();
  }

  @Test
  void manifestWithoutEnd_is502_andNotReadOn() throws Exception {
    hub.on("GET manifest").appendChunked(64 << 20);
    assertThat(proxy.get(REDIS + "manifests/" + image).statusCode()).isEqualTo(502);
    nothingIsKept();
  }

  // ---------------------------------------------------------------- bodies

  private enum Spoilt {
    CLOSED_EARLY,
    RESET,
    TRUNCATED,
    TRUNCATED_CHUNKED,
    LONGER,
    LONGER_CHUNKED,
    CORRUPT,
    EMPTY;

    void spoil(FaultRule rule) {
      switch (this) {
        case CLOSED_EARLY -> rule.closeAfter(1000);
        case RESET -> rule.resetAfter(1000);
        case TRUNCATED -> rule.truncate(1000);
        case TRUNCATED_CHUNKED -> rule.truncateChunked(1000);
        case LONGER -> rule.append(1000);
        case LONGER_CHUNKED -> rule.appendChunked(64 << 20);
        case CORRUPT -> rule.corrupt();
        case EMPTY -> rule.body(new byte[0]);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void bodyThatIsWrongEachTime_isNeverWholeForAnybody_andTheNextOneHeals(Spoilt fault)
      throws Exception {
    proxy.get(REDIS + "manifests/7");
    long kept = proxy.server().store().contents().count();
    hub.ranges(false);
    fault.spoil(hub.on("GET blob"));
    List<CompletableFuture<HttpResponse<byte[]>>> clients = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      clients.add(later(blob()));
    }
    for (CompletableFuture<HttpResponse<byte[]>> client : clients) {
      HttpResponse<byte[]> answer = client.handle((response, cut) -> response).get();
      // What comes after the right bytes may be noticed when they are out already.
      assertThat(
              answer == null
                  || answer.statusCode() == 502
                  || (fault == Spoilt.LONGER_CHUNKED && Arrays.equals(answer.body(), LAYER)))
          .isTrue();
    }
    proxy.settle();
    assertThat(proxy.server().store().contents().count()).isEqualTo(kept);
    hub.clearFaults();
    assertThat(proxy.get(blob()).body()).isEqualTo(LAYER);
  }

  @Test
  void chunkedWithoutLength_isServedWhereTheManifestTellsTheSize() throws Exception {
    hub.on("GET blob").chunked();
    proxy.get(REDIS + "manifests/7");
    HttpResponse<byte[]> pulled = proxy.get(blob());
    assertThat(pulled.body()).isEqualTo(LAYER);
    assertThat(header(pulled, "Content-Length")).isEqualTo(Integer.toString(LAYER.length));
  }

  @Test
  void chunkedWithoutLength_ofABlobNobodyDescribed_is502() throws Exception {
    hub.on("GET blob").chunked();
    assertThat(proxy.get(blob()).statusCode()).isEqualTo(502);
    nothingIsKept();
  }

  @Test
  void headWithoutLength_neverBecomesALength() throws Exception {
    hub.on("HEAD blob").withoutHeader("Content-Length");
    HttpResponse<byte[]> head = proxy.send("HEAD", blob(), new byte[0]);
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(header(head, "Content-Length")).isEqualTo(Integer.toString(LAYER.length));
  }

  @Test
  void contentEncodingOfABlob_isNeitherDecodedNorPassedOn() throws Exception {
    hub.on("GET blob").header("Content-Encoding", "gzip");
    HttpResponse<byte[]> pulled = proxy.get(blob());
    assertThat(pulled.body()).isEqualTo(LAYER);
    assertThat(pulled.headers().firstValue("Content-Encoding")).isEmpty();
  }

  @Test
  void upstreamThatIgnoresRanges_orAnswersOthers_isResumedRightOrCut() throws Exception {
    hub.ranges(false);
    hub.on("GET blob").once().resetAt(0.5);
    assertThat(proxy.get(blob()).body()).isEqualTo(LAYER);
    hub.ranges(true);
    byte[] other = new byte[1 << 20];
    new Random(6).nextBytes(other);
    Digest second = hub.addBlob("library/redis", other);
    hub.on(request -> request.kind().equals("GET blob") && request.header("Range") != null)
        .header("Content-Range", "bytes 0-9/" + other.length);
    hub.on("GET blob").once().resetAt(0.5);
    assertThatThrownBy(() -> proxy.get(REDIS + "blobs/" + second)).isInstanceOf(IOException.class);
    proxy.settle();
    assertThat(proxy.server().store().contents().find(second)).isEmpty();
  }

  // ---------------------------------------------------------------- storms and silence

  @Test
  void serverErrorsForEver_manyClients_oneSeriesOfTries() throws Exception {
    hub.on("GET blob").answer(503);
    Gate gate = hub.on("GET blob").once().hold();
    List<CompletableFuture<HttpResponse<byte[]>>> clients = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      clients.add(later(blob()));
    }
    gate.awaitArrivals(1);
    RunningProxy.until(() -> coalesced() >= 31);
    gate.open();
    for (CompletableFuture<HttpResponse<byte[]>> client : clients) {
      assertThat(client.get().statusCode()).isEqualTo(503);
    }
    assertThat(hub.count("GET blob")).isEqualTo(5);
    hub.clearFaults();
    assertThat(proxy.get(blob()).body()).isEqualTo(LAYER);
    nothingIsLeftOver();
  }

  private void nothingIsLeftOver() throws Exception {
    proxy.settle();
    RunningProxy.until(() -> temporaryFiles() == 0);
    assertThat(proxy.server().pull().blobs().fillCount()).isZero();
  }

  private double coalesced() throws Exception {
    return text(proxy.get("/metrics"))
        .lines()
        .filter(line -> line.startsWith("entrepot_coalesced_total "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void rateLimitThatPasses_isWaitedFor_clientsDoNotSeeIt() throws Exception {
    hub.on("GET blob").times(2).tooFast(0);
    hub.on("HEAD manifest").times(2).tooFast(0);
    assertThat(proxy.get(REDIS + "manifests/7").statusCode()).isEqualTo(200);
    assertThat(proxy.get(blob()).body()).isEqualTo(LAYER);
  }

  @Test
  void bodiesThatStall_holdUpNobodyElse() throws Exception {
    List<Gate> gates = new ArrayList<>();
    List<CompletableFuture<HttpResponse<byte[]>>> stalled = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      byte[] bytes = new byte[4096];
      new Random(100 + i).nextBytes(bytes);
      Digest digest = hub.addBlob("library/redis", bytes);
      gates.add(hub.on("GET", digest.hex()).stallAfter(100));
      stalled.add(later(REDIS + "blobs/" + digest));
    }
    for (Gate gate : gates) {
      gate.awaitArrivals(1);
    }
    assertThat(proxy.get(REDIS + "manifests/7").statusCode()).isEqualTo(200);
    assertThat(proxy.get(blob()).body()).isEqualTo(LAYER);
    assertThat(proxy.get("/readyz").statusCode()).isEqualTo(200);
    gates.forEach(Gate::open);
    for (CompletableFuture<HttpResponse<byte[]>> each : stalled) {
      assertThat(each.get().statusCode()).isEqualTo(200);
    }
  }

  @Test
  void tagWhoseQuestionStalls_doesNotHoldUpOtherTagsAndDigests() throws Exception {
    Gate gate = hub.on("HEAD", "/manifests/7").hold();
    CompletableFuture<HttpResponse<byte[]>> waiting = later(REDIS + "manifests/7");
    gate.awaitArrivals(1);
    hub.addManifest(
        "library/redis",
        "8",
        MediaType.OCI_INDEX,
        "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(UTF_8));
    assertThat(proxy.get(REDIS + "manifests/8").statusCode()).isEqualTo(200);
    assertThat(proxy.get(REDIS + "manifests/" + image).statusCode()).isEqualTo(200);
    gate.open();
    assertThat(Digest.of(waiting.get().body())).isEqualTo(image);
  }

  // ---------------------------------------------------------------- load

  @Test
  void coldBlob_sixtyFourClients_oneOfThemSlow_memoryStaysBounded() throws Exception {
    int size = 24 << 20;
    byte[] bytes = new byte[size];
    new Random(12).nextBytes(bytes);
    Digest digest = hub.addBlob("library/redis", bytes);
    Gate gate = hub.on("GET blob").once().stallAfter(size - 1);
    try (RawConnection slow = RawConnection.narrow(proxy)) {
      slow.send(
          "GET %sblobs/%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
              .formatted(REDIS, digest));
      assertThat(RawConnection.status(slow.head())).isEqualTo(200);
      List<CompletableFuture<HttpResponse<Digest>>> clients = new ArrayList<>();
      for (int i = 0; i < 63; i++) {
        clients.add(
            proxy
                .http()
                .sendAsync(
                    proxy.request(REDIS + "blobs/" + digest).build(),
                    answer -> new HashingSubscriber()));
      }
      RunningProxy.until(() -> proxy.server().pull().blobs().receivedBytes() >= size - 1);
      // Everything but a byte has come, and the slow one has taken next to nothing of it.
      assertThat(proxy.server().pull().blobs().sharedBytes()).isLessThanOrEqualTo(9L << 20);
      gate.open();
      for (CompletableFuture<HttpResponse<Digest>> client : clients) {
        assertThat(client.get().body()).isEqualTo(digest);
      }
      proxy.settle();
      assertThat(hub.count("GET blob")).isEqualTo(1);
      assertThat(Digest.of(slow.input().readAllBytes())).isEqualTo(digest);
    }
  }

  @Test
  void coldBlobThatBreaks_manyClients_twoUpstreamGets_noByteTwice() throws Exception {
    long size = 8L << 20;
    Digest digest = hub.addHugeBlob("library/redis", size);
    hub.on("GET blob").once().resetAt(0.5);
    List<CompletableFuture<HttpResponse<Digest>>> clients = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      clients.add(
          proxy
              .http()
              .sendAsync(
                  proxy.request(REDIS + "blobs/" + digest).build(),
                  answer -> new HashingSubscriber()));
    }
    for (CompletableFuture<HttpResponse<Digest>> client : clients) {
      assertThat(client.get().body()).isEqualTo(digest);
    }
    assertThat(hub.count("GET blob")).isEqualTo(2);
  }

  @Test
  void manyTagsAfterTheirFreshness_manyClients_oneQuestionEach() throws Exception {
    proxy.close();
    proxy = RunningProxy.start(directory, settings -> settings, Duration.ofNanos(1), hub);
    int tags = 200;
    for (int i = 0; i < tags; i++) {
      hub.addManifest(
          "library/redis",
          "t" + i,
          MediaType.OCI_MANIFEST,
          hub.manifest("library/redis", "7").bytes());
      assertThat(proxy.get(REDIS + "manifests/t" + i).statusCode()).isEqualTo(200);
    }
    hub.clear();
    Gate gate = hub.on("HEAD manifest").hold();
    List<CompletableFuture<HttpResponse<byte[]>>> first = new ArrayList<>();
    for (int i = 0; i < tags; i++) {
      first.add(later(REDIS + "manifests/t" + i));
    }
    // As many questions are on their way as there are connections; the others wait their turn.
    gate.awaitArrivals(1);
    List<CompletableFuture<HttpResponse<byte[]>>> others = new ArrayList<>();
    for (int round = 0; round < 4; round++) {
      others.add(later(REDIS + "manifests/t0"));
    }
    for (CompletableFuture<HttpResponse<byte[]>> each : others) {
      // Who has an older answer does not wait for a question that runs.
      assertThat(Digest.of(each.get().body())).isEqualTo(image);
    }
    gate.open();
    for (CompletableFuture<HttpResponse<byte[]>> each : first) {
      assertThat(Digest.of(each.get().body())).isEqualTo(image);
    }
    assertThat(hub.count("HEAD manifest")).isEqualTo(tags);
    assertThat(hub.count("GET manifest")).isZero();
  }

  @Test
  void abortedPulls_leaveNoOpenFilesAndNoFetches() throws Exception {
    byte[] large = new byte[4 << 20];
    new Random(8).nextBytes(large);
    String target = REDIS + "blobs/" + hub.addBlob("library/redis", large);
    // What is opened once and kept.
    abort(target, 20);
    assertThat(proxy.get(target).body()).isEqualTo(large);
    proxy.settle();
    long before = openStoreFiles();
    abort(target, 500);
    RunningProxy.until(() -> openStoreFiles() <= before);
    for (int i = 0; i < 20; i++) {
      byte[] cold = new byte[2 << 20];
      new Random(50 + i).nextBytes(cold);
      abort(REDIS + "blobs/" + hub.addBlob("library/redis", cold), 5);
    }
    nothingIsLeftOver();
    RunningProxy.until(() -> openStoreFiles() <= before);
    assertThat(proxy.get(target).body()).isEqualTo(large);
  }

  private void abort(String target, int times) throws IOException {
    for (int i = 0; i < times; i++) {
      RawConnection client = RawConnection.narrow(proxy);
      client.send("GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n".formatted(target));
      assertThat(client.input().readNBytes(2000)).hasSize(2000);
      client.reset();
    }
  }

  /** Files of this store that are open. */
  private long openStoreFiles() throws IOException {
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      return files
          .filter(
              file -> {
                try {
                  return Files.readSymbolicLink(file).startsWith(directory);
                } catch (IOException e) {
                  // Closed since it was listed.
                  return false;
                }
              })
          .count();
    }
  }

  @Test
  void parallelPushes_distinctAndTheSame_allAreTaken_oneCopyEach() throws Exception {
    int count = 100;
    List<CompletableFuture<HttpResponse<byte[]>>> pushes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      for (byte[] bytes : List.of(("blob " + i).getBytes(UTF_8), LAYER)) {
        pushes.add(
            proxy
                .http()
                .sendAsync(
                    proxy
                        .request(
                            "/v2/team/app%d/blobs/uploads/?digest=%s"
                                .formatted(i % 10, Digest.of(bytes)))
                        .POST(java.net.http.HttpRequest.BodyPublishers.ofByteArray(bytes))
                        .build(),
                    HttpResponse.BodyHandlers.ofByteArray()));
      }
    }
    for (CompletableFuture<HttpResponse<byte[]>> push : pushes) {
      assertThat(push.get().statusCode()).isEqualTo(201);
    }
    assertThat(proxy.server().store().contents().count()).isEqualTo(count + 1);
    assertThat(proxy.get("/v2/team/app0/blobs/" + layer).body()).isEqualTo(LAYER);
    nothingIsLeftOver();
  }
}
