package io.entrepot.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.proxy.handler.AccessLog;
import io.entrepot.proxy.local.Uploads;
import io.entrepot.testing.TestRegistry;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that mean harm, or behave as if they did. */
class HostileClientsTest {

  private static final byte[] BLOB = new byte[1000];
  private static final Digest DIGEST;
  private static final String SMUGGLED =
      "DELETE /v2/a/b/manifests/v1 HTTP/1.1\r\nHost: localhost\r\n\r\n";

  static {
    new Random(11).nextBytes(BLOB);
    DIGEST = Digest.of(BLOB);
  }

  private final List<String> lines = new CopyOnWriteArrayList<>();
  private Path directory;
  private TestRegistry hub;
  private RunningProxy proxy;

  @BeforeEach
  void start(@TempDir Path temporary) {
    directory = temporary;
    hub = TestRegistry.start();
    proxy = start(ConnectionLimits.usual());
  }

  private RunningProxy start(ConnectionLimits limits) {
    return start(limits, AccessLog.Format.COMMON);
  }

  private RunningProxy start(ConnectionLimits limits, AccessLog.Format format) {
    return RunningProxy.start(
        directory,
        settings ->
            new ProxySettings(
                settings.listening(),
                settings.storage(),
                settings.pulling(),
                settings.guard(),
                settings.pushes(),
                format,
                settings.page(),
                settings.policy(),
                settings.mirrors(),
                settings.hooks(),
                settings.sinks()),
        Duration.ofMinutes(5),
        limits,
        lines::add,
        hub);
  }

  private void restart(ConnectionLimits limits) {
    proxy.close();
    proxy = start(limits);
  }

  @AfterEach
  void stop() {
    proxy.close();
    hub.close();
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  private String begin(String repository) throws Exception {
    HttpResponse<byte[]> begun =
        proxy.send("POST", "/v2/" + repository + "/blobs/uploads/", new byte[0]);
    assertThat(begun.statusCode()).isEqualTo(202);
    return header(begun, "Location");
  }

  private void awaitRange(String session, String range) throws Exception {
    RunningProxy.until(() -> header(proxy.get(session), "Range").equals(range));
  }

  private long sessionsOnDisk() throws IOException {
    try (var sessions = Files.list(directory.resolve("uploads"))) {
      return sessions.count();
    }
  }

  private void push(String repository, String tag) throws Exception {
    byte[] index = "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(UTF_8);
    assertThat(
            proxy
                .send(
                    "PUT",
                    "/v2/" + repository + "/manifests/" + tag,
                    index,
                    "Content-Type",
                    MediaType.OCI_INDEX.value())
                .statusCode())
        .isEqualTo(201);
  }

  // ---------------------------------------------------------------- uploads

  @Test
  void parallelChunks_oneWins_theOtherIs416_andTheBytesAreRight() throws Exception {
    String session = begin("a/b");
    try (RawConnection first = RawConnection.to(proxy)) {
      first.send(
          "PATCH %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n".formatted(session));
      first.send(Arrays.copyOf(BLOB, 200));
      awaitRange(session, "0-199");
      for (String method : List.of("PATCH", "PUT", "DELETE")) {
        String target = method.equals("PUT") ? session + "?digest=" + DIGEST : session;
        HttpResponse<byte[]> second = proxy.send(method, target, new byte[100]);
        assertThat(second.statusCode()).as(method).isEqualTo(416);
        assertThat(new String(second.body(), UTF_8)).contains("RANGE_INVALID");
      }
      first.send(Arrays.copyOfRange(BLOB, 200, 500));
      assertThat(RawConnection.status(first.head())).isEqualTo(202);
    }
    byte[] rest = Arrays.copyOfRange(BLOB, 500, 1000);
    assertThat(proxy.send("PUT", session + "?digest=" + DIGEST, rest).statusCode()).isEqualTo(201);
    assertThat(proxy.get("/v2/a/b/blobs/" + DIGEST).body()).isEqualTo(BLOB);
  }

  @Test
  void chunksWithoutOrSense_are416Or400_andTheSessionGoesOn() throws Exception {
    String session = begin("a/b");
    byte[] half = Arrays.copyOf(BLOB, 500);
    for (String range : List.of("1-500", "500-999", "9-1")) {
      assertThat(proxy.send("PATCH", session, half, "Content-Range", range).statusCode())
          .as(range)
          .isEqualTo(416);
    }
    for (String range :
        List.of("bytes 0-499", "0-", "x", "0-400", "-5-5", "0-9999999999999999999")) {
      assertThat(proxy.send("PATCH", session, half, "Content-Range", range).statusCode())
          .as(range)
          .isEqualTo(400);
    }
    assertThat(proxy.send("PUT", session + "?digest=" + DIGEST, BLOB).statusCode()).isEqualTo(201);
  }

  @Test
  void digestMissingOrTwiceOrOdd_is400_andTheSessionGoesOn_sha512IsTaken() throws Exception {
    String session = begin("a/b");
    for (String query :
        List.of(
            "",
            "?digest=",
            "?digest=" + DIGEST + "&digest=" + DIGEST,
            "?digest=md5:d41d8cd98f00b204e9800998ecf8427e",
            "?digest=sha256:../../../etc/passwd",
            "?digest=sha256:" + "A".repeat(64),
            "?digest=sha512:" + "a".repeat(64),
            "?digest=sha256:" + "a".repeat(63) + "%00")) {
      HttpResponse<byte[]> answer = proxy.send("PUT", session + query, BLOB);
      assertThat(answer.statusCode()).as(query).isEqualTo(400);
      assertThat(new String(answer.body(), UTF_8)).contains("DIGEST_INVALID");
    }
    Digest long512 = Digest.of(Digest.Algorithm.SHA512, BLOB);
    assertThat(proxy.send("PUT", session + "?digest=" + long512, BLOB).statusCode()).isEqualTo(201);
    assertThat(proxy.get("/v2/a/b/blobs/" + long512).body()).isEqualTo(BLOB);
  }

  @Test
  void abortedChunk_sessionTellsWhatCame_andGoesOnThere() throws Exception {
    String session = begin("a/b");
    RawConnection client = RawConnection.to(proxy);
    client.send(
        "PATCH %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n".formatted(session));
    client.send(Arrays.copyOf(BLOB, 300));
    awaitRange(session, "0-299");
    client.reset();
    byte[] rest = Arrays.copyOfRange(BLOB, 300, 1000);
    HttpResponse<byte[]> done;
    do {
      // 416 while the server has not heard of the reset.
      done = proxy.send("PUT", session + "?digest=" + DIGEST, rest);
    } while (done.statusCode() == 416);
    assertThat(done.statusCode()).isEqualTo(201);
    assertThat(proxy.get("/v2/a/b/blobs/" + DIGEST).body()).isEqualTo(BLOB);
  }

  @Test
  void uploadInOneRequest_thatIsAborted_leavesNoSession() throws Exception {
    for (int i = 0; i < 20; i++) {
      RawConnection client = RawConnection.to(proxy);
      client.send(
          "POST /v2/a/b/blobs/uploads/?digest=%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
              .formatted(DIGEST));
      client.send(Arrays.copyOf(BLOB, 300));
      RunningProxy.until(() -> sessionsOnDisk() > 0);
      client.reset();
      RunningProxy.until(() -> sessionsOnDisk() == 0);
    }
    HttpResponse<byte[]> encoded =
        proxy.send(
            "POST", "/v2/a/b/blobs/uploads/?digest=" + DIGEST, BLOB, "Content-Encoding", "gzip");
    assertThat(encoded.statusCode()).isEqualTo(415);
    assertThat(sessionsOnDisk()).isZero();
  }

  @Test
  void moreUploadsThanMayBeOpen_are429_untilSomeEnd() throws Exception {
    String session = begin("a/b");
    byte[] first = Arrays.copyOf(BLOB, 1);
    byte[] rest = Arrays.copyOfRange(BLOB, 1, BLOB.length);
    assertThat(proxy.send("PATCH", session, first).statusCode()).isEqualTo(202);
    for (int i = 1; i < Uploads.MAX_OPEN; i++) {
      assertThat(proxy.send("PATCH", begin("a/b"), first).statusCode()).isEqualTo(202);
    }
    HttpResponse<byte[]> refused = proxy.send("POST", "/v2/a/b/blobs/uploads/", new byte[0]);
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(header(refused, "Retry-After")).isNotEmpty();
    assertThat(proxy.send("PUT", session + "?digest=" + DIGEST, rest).statusCode()).isEqualTo(201);
    begin("a/b");
  }

  @Test
  void uploadsWithoutAByte_makeRoomForNewOnes() throws Exception {
    String first = begin("a/b");
    for (int i = 0; i < Uploads.MAX_OPEN + 10; i++) {
      begin("a/b");
    }
    assertThat(sessionsOnDisk()).isLessThanOrEqualTo(Uploads.MAX_OPEN);
    assertThat(proxy.get(first).statusCode()).isEqualTo(404);
    String fresh = begin("c/d");
    assertThat(proxy.send("PUT", fresh + "?digest=" + DIGEST, BLOB).statusCode()).isEqualTo(201);
  }

  @Test
  void bodiesOfManifests_areBoundedTogether() throws Exception {
    List<RawConnection> clients = new ArrayList<>();
    byte[] index = "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(UTF_8);
    try {
      byte[] most = new byte[(4 << 20) - 1];
      String target = "/v2/a/b/manifests/honest";
      // Clients that come together may all be refused, and leave room: then others fill it.
      RunningProxy.until(
          () -> {
            assertThat(clients).as("clients whose bodies are held").hasSizeLessThan(64);
            RawConnection client = RawConnection.to(proxy);
            clients.add(client);
            try {
              client.send(
                  "PUT /v2/a/b/manifests/t%d HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
                      .formatted(clients.size(), MediaType.OCI_INDEX, 4 << 20));
              client.send(most);
            } catch (IOException e) {
              // Refused while it sends.
            }
            return proxy
                    .send("PUT", target, index, "Content-Type", MediaType.OCI_INDEX.value())
                    .statusCode()
                == 503;
          });
    } finally {
      for (RawConnection client : clients) {
        client.close();
      }
    }
    RunningProxy.until(
        () ->
            proxy
                    .send(
                        "PUT",
                        "/v2/a/b/manifests/honest",
                        index,
                        "Content-Type",
                        MediaType.OCI_INDEX.value())
                    .statusCode()
                == 201);
  }

  @Test
  void manifestOfMoreNodesThanAnyHas_isRefused() throws Exception {
    String head = "{\"schemaVersion\":2,\"manifests\":[],\"x\":[";
    byte[] nodes = (head + "{},".repeat(1_300_000) + "{}]}").getBytes(UTF_8);
    for (int i = 0; i < 4; i++) {
      assertThat(
              proxy
                  .send(
                      "PUT",
                      "/v2/a/b/manifests/x",
                      nodes,
                      "Content-Type",
                      MediaType.OCI_INDEX.value())
                  .statusCode())
          .isEqualTo(400);
    }
  }

  @Test
  void uploadsNobodyWritesTo_areForgotten_thoseBeingWrittenStay() throws Exception {
    String left = begin("a/b");
    String written = begin("a/b");
    try (RawConnection client = RawConnection.to(proxy)) {
      client.send(
          "PATCH %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
              .formatted(written));
      client.send(Arrays.copyOf(BLOB, 300));
      awaitRange(written, "0-299");
      proxy.server().uploads().purge(Duration.ZERO);
      assertThat(proxy.get(left).statusCode()).isEqualTo(404);
      assertThat(sessionsOnDisk()).isEqualTo(1);
      client.send(Arrays.copyOfRange(BLOB, 300, 1000));
      assertThat(RawConnection.status(client.head())).isEqualTo(202);
    }
    proxy.server().uploads().purge(Duration.ofDays(1));
    assertThat(proxy.send("PUT", written + "?digest=" + DIGEST, new byte[0]).statusCode())
        .isEqualTo(201);
    assertThat(sessionsOnDisk()).isZero();
  }

  @Test
  void uploadThatStalls_holdsNobodyUp_andItsConnectionEnds() throws Exception {
    restart(ConnectionLimits.usual().waiting(Duration.ofMillis(500), Duration.ofMinutes(1)));
    String session = begin("a/b");
    try (RawConnection client = RawConnection.to(proxy)) {
      client.send(
          "PATCH %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
              .formatted(session));
      client.send(Arrays.copyOf(BLOB, 300));
      push("a/b", "v1");
      assertThat(proxy.get("/v2/a/b/manifests/v1").statusCode()).isEqualTo(200);
      assertThat(StoreControl.run(directory, new StoreRequest.CollectGarbage()))
          .isInstanceOf(StoreAnswer.Collected.class);
      assertThat(client.everything()).isEmpty();
    }
    byte[] rest = Arrays.copyOfRange(BLOB, 300, 1000);
    HttpResponse<byte[]> done;
    do {
      done = proxy.send("PUT", session + "?digest=" + DIGEST, rest);
    } while (done.statusCode() == 416);
    assertThat(done.statusCode()).isEqualTo(201);
  }

  @Test
  void emptyBlob_isABlob_anEmptyBodyForAnotherDigestIsNone() throws Exception {
    Digest empty = Digest.of(new byte[0]);
    assertThat(proxy.send("PUT", begin("a/b") + "?digest=" + empty, new byte[0]).statusCode())
        .isEqualTo(201);
    HttpResponse<byte[]> pulled = proxy.get("/v2/a/b/blobs/" + empty);
    assertThat(pulled.statusCode()).isEqualTo(200);
    assertThat(header(pulled, "Content-Length")).isEqualTo("0");
    assertThat(proxy.send("PUT", begin("a/b") + "?digest=" + DIGEST, new byte[0]).statusCode())
        .isEqualTo(400);
    assertThat(proxy.get("/v2/a/b/blobs/" + DIGEST).statusCode()).isEqualTo(404);
  }

  @Test
  void uploadLargerThanTheDisk_isRefusedBeforeItIsRead() throws Exception {
    for (String length : List.of("999999999999999999", "4611686018427387904")) {
      try (RawConnection client = RawConnection.to(proxy)) {
        client.send(
            "POST /v2/a/b/blobs/uploads/?digest=%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %s\r\n\r\n"
                .formatted(DIGEST, length));
        assertThat(RawConnection.status(client.head())).as(length).isEqualTo(507);
      }
    }
    assertThat(sessionsOnDisk()).isZero();
  }

  @Test
  void encodings_areNeitherTakenNorOffered() throws Exception {
    String session = begin("a/b");
    assertThat(proxy.send("PATCH", session, BLOB, "Content-Encoding", "gzip").statusCode())
        .isEqualTo(415);
    assertThat(proxy.send("PUT", session + "?digest=" + DIGEST, BLOB).statusCode()).isEqualTo(201);
    HttpResponse<byte[]> pulled =
        proxy.get("/v2/a/b/blobs/" + DIGEST, "Accept-Encoding", "gzip, zstd, deflate");
    assertThat(pulled.headers().firstValue("Content-Encoding")).isEmpty();
    assertThat(pulled.body()).isEqualTo(BLOB);
  }

  // ---------------------------------------------------------------- HTTP itself

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        "Content-Length: 4\r\nContent-Length: 5\r\n",
        "Content-Length: 4, 5\r\n",
        "Content-Length: +4\r\n",
        "Content-Length: -4\r\n",
        "Content-Length: 0x4\r\n",
        "Content-Length: 4 4\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Content-Length:\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Content-Length : 4\r\n",
        "X\0: a\r\n",
        "X: a\0b\r\n",
        "X: a\rb\r\n",
        "X a\r\n",
      })
  void ambiguousHead_isNeverTwoRequests(String headers) throws Exception {
    push("a/b", "v1");
    try (RawConnection client = RawConnection.to(proxy)) {
      client.send(
          "PUT /v2/a/b/manifests/v2 HTTP/1.1\r\nHost: localhost\r\n%s\r\n0\r\n\r\n%s"
              .formatted(headers, SMUGGLED));
      client.finish();
      String answer = client.everything();
      assertThat(RawConnection.answers(answer)).as(answer).isEqualTo(1);
      assertThat(RawConnection.status(answer)).isEqualTo(400);
    }
    assertThat(proxy.get("/v2/a/b/manifests/v1").statusCode()).isEqualTo(200);
    assertThat(proxy.get("/v2/a/b/manifests/v2").statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X: a\r\n\tContent-Length: 4\r\n",
        "X: a\r\n Transfer-Encoding: chunked\r\n",
        " X: a\r\n",
        ": a\r\n",
        "Host: y\r\n",
      })
  void oddLinesThatAreNoLength_makeNoBody_andNothingBehindThemRuns(String headers)
      throws Exception {
    push("a/b", "v1");
    try (RawConnection client = RawConnection.to(proxy)) {
      client.send(
          "PUT /v2/a/b/manifests/v2 HTTP/1.1\r\nHost: localhost\r\n%s\r\n0\r\n\r\n%s"
              .formatted(headers, SMUGGLED));
      client.finish();
      // The second answer is for the line "0", which is no request and ends the connection.
      assertThat(RawConnection.answers(client.everything())).isLessThanOrEqualTo(2);
    }
    assertThat(proxy.get("/v2/a/b/manifests/v1").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "zz\r\nabc\r\n0\r\n\r\n",
        "-1\r\nabc\r\n0\r\n\r\n",
        "+3\r\nabc\r\n0\r\n\r\n",
        "0x3\r\nabc\r\n0\r\n\r\n",
        "ffffffffffffffff\r\nabc\r\n0\r\n\r\n",
        "80000000\r\nabc\r\n0\r\n\r\n",
        "3\r\nabcdef\r\n0\r\n\r\n",
        "\r\nabc\r\n0\r\n\r\n",
        "3\nabc\n0\n\n",
        "3;x=\n\r\nabc\r\n0\r\n\r\n",
      })
  void chunksOfOddSizes_areNeverTwoRequests(String body) throws Exception {
    push("a/b", "v1");
    String session = begin("a/b");
    try (RawConnection client = RawConnection.to(proxy)) {
      client.send(
          "PUT %s?digest=%s HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n%s%s"
              .formatted(session, Digest.of("abc".getBytes(UTF_8)), body, SMUGGLED));
      client.finish();
      String answer = client.everything();
      assertThat(RawConnection.answers(answer)).as(answer).isLessThanOrEqualTo(1);
    }
    assertThat(proxy.get("/v2/a/b/manifests/v1").statusCode()).isEqualTo(200);
    assertThat(proxy.get("/v2/a/b/blobs/" + Digest.of("abc".getBytes(UTF_8))).statusCode())
        .isEqualTo(404);
  }

  @Test
  void requestBehindAnUnreadBody_isNotAnswered() throws Exception {
    push("a/b", "v1");
    try (RawConnection client = RawConnection.to(proxy)) {
      client.send(
          "PUT /v2/docker.io/x/manifests/1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"
              .formatted(SMUGGLED.length(), SMUGGLED));
      client.finish();
      String answer = client.everything();
      assertThat(RawConnection.answers(answer)).isEqualTo(1);
      assertThat(RawConnection.status(answer)).isEqualTo(405);
    }
    assertThat(proxy.get("/v2/a/b/manifests/v1").statusCode()).isEqualTo(200);
  }

  @Test
  void headsThatAreTooLong_areRefused() throws Exception {
    List<String> heads =
        List.of(
            "GET /v2/" + "a".repeat(9000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET /v2/ HTTP/1.1\r\nHost: localhost\r\nX: " + "a".repeat(20_000) + "\r\n\r\n",
            "GET /v2/ HTTP/1.1\r\nHost: localhost\r\n" + "a: b\r\n".repeat(10_000) + "\r\n",
            "GARBAGE\r\n\r\n",
            "GET /v2/ HTTP/9.9\r\nHost: localhost\r\n\r\n");
    List<Integer> statuses = new ArrayList<>();
    for (String head : heads) {
      try (RawConnection client = RawConnection.to(proxy)) {
        client.send(head).finish();
        statuses.add(RawConnection.status(client.everything()));
      }
    }
    assertThat(statuses).startsWith(414, 431, 431, 400).doesNotContain(200);
    assertThat(proxy.get("/v2/").statusCode()).isEqualTo(200);
  }

  @Test
  void headThatNeverEnds_isGivenUp_othersAreServed() throws Exception {
    restart(ConnectionLimits.usual().waiting(Duration.ofMinutes(5), Duration.ofMillis(400)));
    List<RawConnection> slow = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      slow.add(RawConnection.to(proxy).send("GET /v2/ HTTP/1.1\r\nHost: localhost\r\nX: "));
    }
    assertThat(proxy.get("/v2/").statusCode()).isEqualTo(200);
    Thread trickle =
        Thread.startVirtualThread(
            () -> {
              try {
                while (true) {
                  slow.getFirst().send("a");
                  Thread.sleep(20);
                }
              } catch (IOException | InterruptedException e) {
                // It was closed, as it should be.
                return;
              }
            });
    for (RawConnection each : slow) {
      assertThat(each.everything()).isEmpty();
      each.close();
    }
    trickle.join();
    assertThat(proxy.get("/v2/").statusCode()).isEqualTo(200);
  }

  @Test
  void idleConnections_end() throws Exception {
    restart(ConnectionLimits.usual().waiting(Duration.ofMillis(400), Duration.ofMinutes(1)));
    try (RawConnection client = RawConnection.to(proxy)) {
      client.send("GET /v2/ HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(RawConnection.answers(client.everything())).isEqualTo(1);
    }
  }

  @Test
  void moreConnectionsThanAllowed_areClosed_untilSomeLeave() throws Exception {
    restart(ConnectionLimits.usual().upTo(50));
    List<RawConnection> open = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      RawConnection client = RawConnection.to(proxy);
      client.send("GET /v2/ HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(RawConnection.status(client.head())).isEqualTo(200);
      open.add(client);
    }
    for (int i = 0; i < 100; i++) {
      try (RawConnection client = RawConnection.to(proxy)) {
        assertThat(client.everything()).isEmpty();
      }
    }
    for (RawConnection each : open) {
      each.close();
    }
    String answer;
    do {
      try (RawConnection client = RawConnection.to(proxy)) {
        client.send("GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        answer = client.everything();
      } catch (IOException e) {
        answer = "";
      }
    } while (answer.isEmpty());
    assertThat(RawConnection.status(answer)).isEqualTo(200);
  }

  // ---------------------------------------------------------------- addresses

  @Test
  void absoluteForm_meansTheSamePath_andNoOtherHostIsDialled() throws Exception {
    push("a/b", "v1");
    for (String target :
        List.of(
            "http://127.0.0.1:%d/v2/a/b/manifests/v1".formatted(proxy.port()),
            "http://evil.example/v2/a/b/manifests/v1",
            "/v2/a/b/manifests/v1")) {
      assertThat(raw("GET " + target)).as(target).isEqualTo(200);
    }
    assertThat(raw("GET http://evil.example/v2/docker.io/library/x/manifests/1")).isEqualTo(404);
    assertThat(raw("OPTIONS *")).isEqualTo(404);
    assertThat(raw("CONNECT evil.example:443")).isEqualTo(404);
    assertThat(raw("GET v2/")).isEqualTo(404);
    assertThat(hub.requests()).allMatch(request -> request.path().startsWith("/v2/library/x/"));
  }

  private int raw(String requestLine) throws IOException {
    try (RawConnection client = RawConnection.to(proxy)) {
      client.send(requestLine + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      return RawConnection.status(client.everything());
    }
  }

  @Test
  void pathsThatClimbOrHideSlashes_leadNowhere() throws Exception {
    push("a/b", "v1");
    for (String path :
        List.of(
            "/v2/a/c/../b/manifests/v1",
            "/v2/a/./b/manifests/v1",
            "/v2/a//b/manifests/v1",
            "//v2/a/b/manifests/v1",
            "/v2//a/b/manifests/v1",
            "/v2/a%2Fb/manifests/v1",
            "/v2/a%2fb/manifests/v1",
            "/v2/a/b%2Fmanifests/v1",
            "/v2/a/b/manifests/..%2Fmanifests%2Fv1",
            "/v2/a/b/manifests/%76%31",
            "/v2/a/b/manifests/v1%00",
            "/v2/a/b/manifests/v1/",
            "/v2/a/b/manifests/v1;x=1",
            "/v2/%2e%2e/%2e%2e/etc/passwd",
            "/v2/../../../../etc/passwd",
            "/%2F%2F%2F%2F%2Fetc%2Fpasswd",
            "/v2/a/b/blobs/..%2F..%2F..%2FVERSION",
            "/v2/a/b/blobs/sha256:%2e%2e%2f%2e%2e",
            "/v2/a/b/referrers/..",
            "/v2/a/b/blobs/uploads/..%2F..%2FVERSION",
            "/v2/A/b/manifests/v1",
            "/V2/a/b/manifests/v1",
            "/v2/a\\b/manifests/v1",
            "/v2/\u00e4/b/manifests/v1")) {
      assertThat(raw("GET " + path)).as(path).isIn(400, 404);
      assertThat(raw("DELETE " + path)).as(path).isIn(400, 404, 405);
    }
    assertThat(proxy.get("/v2/a/b/manifests/v1").statusCode()).isEqualTo(200);
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void namespacesThatAreOddOrDoubled_areRefused_andNobodyIsAsked() throws Exception {
    hub.addManifest(
        "library/x",
        "1",
        MediaType.OCI_INDEX,
        "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(UTF_8));
    assertThat(proxy.get("/v2/library/x/manifests/1?ns=docker.io").statusCode()).isEqualTo(200);
    hub.clear();
    for (String query :
        List.of(
            "ns=docker.io&ns=evil.example",
            "ns=docker.io&ns=docker.io",
            "ns=evil.example&ns=docker.io",
            "ns=",
            "ns",
            "ns=Docker.IO%20",
            "ns=docker.io.",
            "ns=docker.io/",
            "ns=docker.io%2f..",
            "ns=docker.io%00",
            "ns=docker.io%0d%0aHost:evil",
            "ns=a@docker.io",
            "ns=user:pw@docker.io",
            "ns=docker.io:443:1",
            "ns=[::1]",
            "ns=[::1]:80",
            "ns=127.0.0.1",
            "ns=0x7f000001",
            "ns=2130706433",
            "ns=169.254.169.254",
            "ns=localhost:22",
            "ns=" + "a".repeat(3000))) {
      HttpResponse<byte[]> answer = proxy.get("/v2/library/x/manifests/1?" + query);
      assertThat(answer.statusCode()).as(query).isIn(400, 404);
    }
    assertThat(hub.requests()).isEmpty();
  }

  // ---------------------------------------------------------------- documents and lists

  @Test
  void manifestsNestedDeep_are400() throws Exception {
    String head = "{\"schemaVersion\":2,\"manifests\":[],\"annotations\":";
    for (String[] pair : new String[][] {{"[", "]"}, {"{\"a\":", "}"}}) {
      String deep = head + pair[0].repeat(200_000) + "0" + pair[1].repeat(200_000) + "}";
      HttpResponse<byte[]> answer =
          proxy.send(
              "PUT",
              "/v2/a/b/manifests/v1",
              deep.getBytes(UTF_8),
              "Content-Type",
              MediaType.OCI_INDEX.value());
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(new String(answer.body(), UTF_8)).contains("MANIFEST_INVALID");
    }
    assertThat(proxy.get("/v2/a/b/manifests/v1").statusCode()).isEqualTo(404);
  }

  @Test
  void manifestThatIsTooLargeInChunks_isRefused_theRestIsNotKept() throws Exception {
    try (RawConnection client = RawConnection.to(proxy)) {
      client.send(
          "PUT /v2/a/b/manifests/v1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n"
              .formatted(MediaType.OCI_INDEX));
      byte[] chunk = new byte[65536];
      for (int i = 0; i < 65; i++) {
        client.send("10000\r\n").send(chunk).send("\r\n");
      }
      assertThat(RawConnection.status(client.head())).isEqualTo(413);
    }
    assertThat(proxy.server().store().contents().count()).isZero();
  }

  @Test
  void moreReferrersThanAPage_arePagedEachOnce() throws Exception {
    Digest subject = Digest.of("subject".getBytes(UTF_8));
    int count = 2_100;
    for (int i = 0; i < count; i++) {
      String text =
          """
          {"schemaVersion":2,"mediaType":"%s","manifests":[],"artifactType":"application/x-%d",\
          "subject":{"mediaType":"%s","digest":"%s","size":7}}\
          """
              .formatted(MediaType.OCI_INDEX, i, MediaType.OCI_MANIFEST, subject);
      hub.addManifest("library/x", null, MediaType.OCI_INDEX, text.getBytes(UTF_8));
    }
    String next = "/v2/docker.io/library/x/referrers/" + subject;
    List<String> found = new ArrayList<>();
    while (!next.isEmpty()) {
      HttpResponse<byte[]> page = proxy.get(next);
      assertThat(page.statusCode()).isEqualTo(200);
      List<String> digests =
          java.util.regex.Pattern.compile("sha256:[0-9a-f]{64}")
              .matcher(new String(page.body(), UTF_8))
              .results()
              .map(java.util.regex.MatchResult::group)
              .toList();
      assertThat(digests).hasSizeLessThanOrEqualTo(1_000);
      found.addAll(digests);
      String link = header(page, "Link");
      next = link.isEmpty() ? "" : link.substring(1, link.indexOf('>'));
    }
    assertThat(found).hasSize(count).doesNotHaveDuplicates();
  }

  @Test
  void pagesOfTagsAndRepositories_whateverIsAskedFor_areBounded() throws Exception {
    push("a/b", "v1");
    for (String list : List.of("/v2/_catalog", "/v2/a/b/tags/list")) {
      for (String n : List.of("2147483647", "999999999999999999", "0")) {
        assertThat(proxy.get(list + "?n=" + n).statusCode()).as(n).isEqualTo(200);
      }
      for (String n : List.of("-1", "x", "1e99", "%31%30%00", "9999999999999999999")) {
        assertThat(proxy.get(list + "?n=" + n).statusCode()).as(n).isEqualTo(400);
      }
      assertThat(proxy.get(list + "?last=%0d%0a%ff..%2f").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void repositoriesWithoutEnd_doNotAddSeriesToTheMetrics() throws Exception {
    for (String target : List.of("/v2/x/manifests/1", "/v2/docker.io/x/manifests/1", "/x")) {
      proxy.get(target);
    }
    String before = series();
    for (int i = 0; i < 300; i++) {
      proxy.get("/v2/x" + i + "/manifests/1");
      proxy.get("/v2/docker.io/x" + i + "/manifests/1");
      proxy.get("/x" + i);
    }
    assertThat(series()).isEqualTo(before);
  }

  private String series() throws Exception {
    // The first one counts itself as a new series.
    proxy.get("/metrics");
    String page = new String(proxy.get("/metrics").body(), UTF_8);
    return page.replaceAll("(?m) [^ \n]+$", "");
  }

  // ---------------------------------------------------------------- what is written down

  @Test
  void whateverIsAskedFor_isOneLineOfTheAccessLog() throws Exception {
    for (AccessLog.Format format : List.of(AccessLog.Format.COMMON, AccessLog.Format.JSON)) {
      proxy.close();
      proxy = start(ConnectionLimits.usual(), format);
      lines.clear();
      List<String> paths =
          List.of(
              "/v2/a%0d%0aINJECTED/manifests/1",
              "/v2/\u001b[31mred/manifests/1",
              "/v2/\"quoted\"/manifests/1",
              "/v2/\u00e4\u0085/manifests/1",
              "/x?token=SECRET",
              "/x?n=5&%73ecret=SECRET&%zz=1&a",
              "/x?X-Amz-Signature=SECRET&%zztoken=SECRET",
              "http://user:SECRET@host/v2/");
      int answered = 0;
      try (TakenDown log = TakenDown.begin()) {
        for (String path : paths) {
          for (String agent : List.of("x\"\u0085y", "\u001b]0;title\u0007")) {
            try (RawConnection client = RawConnection.to(proxy)) {
              client.send(
                  "GET %s HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: a\"}b\r\nUser-Agent: %s\r\nConnection: close\r\n\r\n"
                      .formatted(path, agent));
              String answer = client.everything();
              // Some of it is refused before it is a request.
              answered += answer.isEmpty() || RawConnection.status(answer) == 400 ? 0 : 1;
            }
          }
        }
        int least = answered;
        RunningProxy.until(() -> lines.size() >= least);
        assertThat(log.records()).allMatch(record -> record.matches("\\P{Cntrl}+"));
      }
      assertThat(answered).isPositive();
      assertThat(lines)
          .allMatch(line -> line.matches("[\\x20-\\x7e]+"))
          .noneMatch(line -> line.contains("SECRET"));
      if (format == AccessLog.Format.COMMON) {
        assertThat(lines).allMatch(line -> line.replaceAll("[^\"]", "").length() == 2);
      }
    }
  }

  @Test
  void linesOfTheCommonLogFormat_holdTheQuery_withoutSecrets() throws Exception {
    proxy.close();
    proxy = start(ConnectionLimits.usual(), AccessLog.Format.COMMON);
    lines.clear();
    proxy.get("/v2/library/x/tags/list?n=5&last=a&ns=docker.io");
    proxy.get("/hooks/quay?secret=s3cret&ns=docker.io");
    RunningProxy.until(() -> lines.size() >= 2);
    String time =
        "\\[\\d\\d/(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/\\d{4}:\\d\\d:\\d\\d:\\d\\d"
            + " [+-]\\d{4}\\]";
    assertThat(lines.get(0))
        .matches(
            "127\\.0\\.0\\.1 - - "
                + time
                + " \"GET /v2/library/x/tags/list\\?n=5&last=a&ns=docker\\.io HTTP/(1\\.1|2\\.0)\""
                + " \\d{3} \\d+");
    assertThat(lines.get(1)).contains("\"GET /hooks/quay?secret=***&ns=docker.io HTTP/");
  }

  @Test
  void whatUpstreamSays_isOnePrintableLine_inTheLogAndInTheWarning() throws Exception {
    proxy.close();
    proxy = RunningProxy.start(directory, settings -> settings, Duration.ofNanos(1), hub);
    byte[] index = "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(UTF_8);
    hub.addManifest("library/x", "1", MediaType.OCI_INDEX, index);
    String target = "/v2/docker.io/library/x/manifests/1";
    assertThat(proxy.get(target).statusCode()).isEqualTo(200);
    String nasty = "sorry\\r\\nINJECTED line\\u001b[31m\\u2028 \\\"quoted\\\"";
    String document = "{\"errors\":[{\"code\":\"UNAVAILABLE\",\"message\":\"" + nasty + "\"}]}";
    for (String kind : List.of("HEAD manifest", "GET manifest", "GET blob", "HEAD blob")) {
      hub.on(kind).answer(503, java.util.Map.of("Content-Type", "application/json"), document);
    }
    try (TakenDown log = TakenDown.begin()) {
      HttpResponse<byte[]> held = proxy.get(target);
      assertThat(held.statusCode()).isEqualTo(200);
      assertThat(header(held, "Warning")).startsWith("299 - \"").matches("[\\x20-\\x7e]+");
      assertThat(proxy.get("/v2/docker.io/library/x/blobs/" + DIGEST).statusCode()).isEqualTo(503);
      assertThat(log.records()).isNotEmpty().allMatch(record -> record.matches("\\P{Cntrl}+"));
    }
  }
}
