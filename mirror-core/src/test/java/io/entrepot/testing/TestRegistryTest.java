package io.entrepot.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TestRegistryTest {

  private static final String OCI_MANIFEST = MediaType.OCI_MANIFEST.value();

  private final TestRegistry registry = TestRegistry.start();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @AfterEach
  void close() {
    client.close();
    registry.close();
  }

  // Manifests

  @Test
  void manifest_byTagAndDigest_hasItsBytesTypeAndDigest() throws Exception {
    byte[] bytes = "{ \"schemaVersion\": 2,\n \"manifests\": [] }".getBytes(UTF_8);
    Digest digest = registry.addManifest("a/b", "1.0", MediaType.OCI_INDEX, bytes);

    for (String reference : List.of("1.0", digest.toString())) {
      HttpResponse<byte[]> got = send("GET", "/v2/a/b/manifests/" + reference);
      assertThat(got.statusCode()).isEqualTo(200);
      assertThat(got.body()).isEqualTo(bytes);
      assertThat(header(got, "Content-Type")).isEqualTo(MediaType.OCI_INDEX.value());
      assertThat(header(got, "Docker-Content-Digest")).isEqualTo(digest.toString());
      HttpResponse<byte[]> head = send("HEAD", "/v2/a/b/manifests/" + reference);
      assertThat(head.body()).isEmpty();
      assertThat(header(head, "Content-Length")).isEqualTo(Integer.toString(bytes.length));
      assertThat(header(head, "Docker-Content-Digest")).isEqualTo(digest.toString());
    }
    assertThat(registry.counts()).isEqualTo(Map.of("GET manifest", 2, "HEAD manifest", 2));
  }

  @Test
  void manifest_pushed_isServedAsPushed() throws Exception {
    byte[] manifest = emptyImage(registry.addBlob("a", "{}".getBytes(UTF_8)));

    HttpResponse<byte[]> put = put("/v2/a/manifests/x", manifest, "Content-Type", OCI_MANIFEST);

    assertThat(put.statusCode()).isEqualTo(201);
    assertThat(header(put, "Docker-Content-Digest")).isEqualTo(Digest.of(manifest).toString());
    assertThat(registry.manifest("a", "x").bytes()).isEqualTo(manifest);
    assertThat(registry.manifest("a", "x").mediaType()).isEqualTo(MediaType.OCI_MANIFEST);
    assertThat(registry.digestOf("a", "x")).isEqualTo(Digest.of(manifest));
  }

  @Test
  void manifest_childrenMissing_isRefusedUnlessUnchecked() throws Exception {
    byte[] manifest = emptyImage(Digest.of("{}".getBytes(UTF_8)));

    HttpResponse<byte[]> put = put("/v2/a/manifests/x", manifest, "Content-Type", OCI_MANIFEST);
    assertThat(put.statusCode()).isEqualTo(400);
    assertThat(text(put)).contains("MANIFEST_BLOB_UNKNOWN");
    assertThat(registry.hasManifest("a", "x")).isFalse();

    registry.checksChildren(false);
    assertThat(put("/v2/a/manifests/x", manifest, "Content-Type", OCI_MANIFEST).statusCode())
        .isEqualTo(201);
  }

  @Test
  void manifest_otherDigestOrType_isRefused() throws Exception {
    registry.checksChildren(false);
    byte[] manifest = emptyImage(Digest.of("{}".getBytes(UTF_8)));
    String wrong = Digest.of("other".getBytes(UTF_8)).toString();

    assertThat(text(put("/v2/a/manifests/" + wrong, manifest, "Content-Type", OCI_MANIFEST)))
        .contains("DIGEST_INVALID");
    assertThat(
            text(
                put(
                    "/v2/a/manifests/x",
                    manifest,
                    "Content-Type",
                    MediaType.DOCKER_MANIFEST.value())))
        .contains("MANIFEST_INVALID");
    assertThat(text(put("/v2/a/manifests/x", manifest))).contains("MANIFEST_INVALID");
  }

  @Test
  void manifest_deletedByTagKeepsDigest_deletedByDigestIsGone() throws Exception {
    byte[] bytes = "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(UTF_8);
    Digest digest = registry.addManifest("a", "1", MediaType.OCI_INDEX, bytes);
    registry.addManifest("a", "2", MediaType.OCI_INDEX, bytes);

    assertThat(send("DELETE", "/v2/a/manifests/1").statusCode()).isEqualTo(202);
    assertThat(registry.tags("a")).containsExactly("2");
    assertThat(send("DELETE", "/v2/a/manifests/" + digest).statusCode()).isEqualTo(202);
    assertThat(registry.tags("a")).isEmpty();
    assertThat(send("GET", "/v2/a/manifests/" + digest).statusCode()).isEqualTo(404);
    registry.deletes(false);
    assertThat(send("DELETE", "/v2/a/manifests/" + digest).statusCode()).isEqualTo(405);
  }

  @Test
  void manifest_typeNotAccepted_isUnknownWhereStrict() throws Exception {
    registry.strictAccept(true);
    byte[] bytes = "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(UTF_8);
    registry.addManifest("a", "1", MediaType.OCI_INDEX, bytes);

    assertThat(send("GET", "/v2/a/manifests/1", "Accept", OCI_MANIFEST).statusCode())
        .isEqualTo(404);
    String both = OCI_MANIFEST + ", " + MediaType.OCI_INDEX.value() + ";q=0.5";
    assertThat(send("GET", "/v2/a/manifests/1", "Accept", both).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/a/manifests/-x, 400, TAG_INVALID",
    "/v2/a/manifests/sha256:12, 400, DIGEST_INVALID",
    "/v2/a/blobs/x, 400, DIGEST_INVALID",
    "/v2/A/tags/list, 400, NAME_INVALID",
    "/v2/a/tags/list, 404, NAME_UNKNOWN",
    "/v2/a/tags, 404, not found",
    "/v2/a/manifests/x, 404, NAME_UNKNOWN",
    "/v2/, 200, {}"
  })
  void badOrUnknownNames_areAnsweredAsTheSpecificationSays(String path, int status, String text)
      throws Exception {
    HttpResponse<byte[]> got = send("GET", path);
    assertThat(got.statusCode()).isEqualTo(status);
    assertThat(text(got)).contains(text);
  }

  // Blobs

  @ParameterizedTest
  @CsvSource({
    "bytes=0-9, 206, 0, 10, bytes 0-9/1000",
    "bytes=990-, 206, 990, 1000, bytes 990-999/1000",
    "bytes=-10, 206, 990, 1000, bytes 990-999/1000",
    "bytes=990-5000, 206, 990, 1000, bytes 990-999/1000",
    "bytes=-5000, 206, 0, 1000, bytes 0-999/1000",
    "'bytes=0-1,3-4', 200, 0, 1000, ",
    "bytes=-, 200, 0, 1000, ",
  })
  void blob_range_isThatPart(String range, int status, int from, int to, String contentRange)
      throws Exception {
    byte[] bytes = random(1000);
    Digest digest = registry.addBlob("a", bytes);

    HttpResponse<byte[]> got = send("GET", "/v2/a/blobs/" + digest, "Range", range);

    assertThat(got.statusCode()).isEqualTo(status);
    assertThat(got.body()).isEqualTo(Arrays.copyOfRange(bytes, from, to));
    assertThat(got.headers().firstValue("Content-Range").orElse(null)).isEqualTo(contentRange);
  }

  @Test
  void blob_rangeBeyondTheEnd_is416() throws Exception {
    Digest digest = registry.addBlob("a", random(1000));

    HttpResponse<byte[]> got = send("GET", "/v2/a/blobs/" + digest, "Range", "bytes=1000-");
    assertThat(got.statusCode()).isEqualTo(416);
    assertThat(header(got, "Content-Range")).isEqualTo("bytes */1000");

    registry.ranges(false);
    got = send("GET", "/v2/a/blobs/" + digest, "Range", "bytes=10-");
    assertThat(got.statusCode()).isEqualTo(200);
    assertThat(got.body()).hasSize(1000);
  }

  @Test
  void blob_headAndDelete() throws Exception {
    Digest digest = registry.addBlob("a", random(1000));
    String path = "/v2/a/blobs/" + digest;

    assertThat(header(send("HEAD", path), "Content-Length")).isEqualTo("1000");
    assertThat(send("HEAD", "/v2/b/blobs/" + digest).statusCode()).isEqualTo(404);
    assertThat(send("DELETE", path).statusCode()).isEqualTo(202);
    assertThat(registry.hasBlob("a", digest)).isFalse();
    assertThat(send("DELETE", path).statusCode()).isEqualTo(404);
  }

  @Test
  void hugeBlob_isTheSameEveryTimeAndInParts() throws Exception {
    long size = 3_000_001;
    Digest digest = registry.addHugeBlob("a", size);
    byte[] whole = send("GET", "/v2/a/blobs/" + digest).body();

    assertThat(Digest.of(whole)).isEqualTo(digest);
    assertThat(registry.addHugeBlob("b", size)).isEqualTo(digest);
    for (int from : List.of(1, 5, 65_535, 65_536, 65_539, 1_000_000, 3_000_000)) {
      byte[] part = send("GET", "/v2/a/blobs/" + digest, "Range", "bytes=" + from + "-").body();
      assertThat(Arrays.equals(part, Arrays.copyOfRange(whole, from, whole.length)))
          .as("from %d", from)
          .isTrue();
    }
    assertThat(Arrays.equals(whole, 0, 65_536, whole, 65_536, 131_072)).isFalse();
  }

  @Test
  void blobsFromCdn_redirectToAnOriginThatRefusesCredentialsAndOtherQueries() throws Exception {
    byte[] bytes = random(1000);
    Digest digest = registry.addBlob("a/b", bytes);
    registry.blobsFromCdn(true);

    HttpResponse<byte[]> redirect = send("GET", "/v2/a/b/blobs/" + digest);
    assertThat(redirect.statusCode()).isEqualTo(307);
    String location = header(redirect, "Location");
    assertThat(location).startsWith(registry.cdnOrigin()).contains("%3D%3d");

    assertThat(send("GET", location).body()).isEqualTo(bytes);
    assertThat(send("GET", location, "Authorization", "Basic eDp5").statusCode()).isEqualTo(400);
    assertThat(send("GET", location.replace("%3d", "%3D")).statusCode()).isEqualTo(403);
    assertThat(send("GET", location, "Range", "bytes=990-").statusCode()).isEqualTo(206);
    assertThat(registry.count("GET cdn")).isEqualTo(4);
    assertThat(registry.requests("GET cdn").getFirst().port()).isNotEqualTo(registry.port());
  }

  // Uploads

  @Test
  void upload_postThenPut_isThere() throws Exception {
    byte[] bytes = random(200_000);
    String location = header(send("POST", "/v2/a/blobs/uploads/"), "Location");

    HttpResponse<byte[]> put = put(location + "&digest=" + Digest.of(bytes), bytes);

    assertThat(put.statusCode()).isEqualTo(201);
    assertThat(registry.blob("a", Digest.of(bytes))).isEqualTo(bytes);
    assertThat(registry.openUploads()).isZero();
    assertThat(registry.counts()).isEqualTo(Map.of("POST upload", 1, "PUT upload", 1));
  }

  @Test
  void upload_singlePost_isThere() throws Exception {
    byte[] bytes = random(2000);
    HttpResponse<byte[]> post =
        exchange("POST", "/v2/a/blobs/uploads/?digest=" + Digest.of(bytes), bytes);
    assertThat(post.statusCode()).isEqualTo(201);
    assertThat(registry.blob("a", Digest.of(bytes))).isEqualTo(bytes);
  }

  @Test
  void upload_wrongDigest_isRefusedAndOver() throws Exception {
    byte[] bytes = random(2000);
    String location = header(send("POST", "/v2/a/blobs/uploads/"), "Location");
    Digest other = Digest.of(random(3));

    assertThat(text(put(location + "&digest=" + other, bytes))).contains("DIGEST_INVALID");
    assertThat(registry.hasBlob("a", other)).isFalse();
    assertThat(put(location + "&digest=" + Digest.of(bytes), bytes).statusCode()).isEqualTo(404);
  }

  @Test
  void upload_inChunks_mustComeInOrder() throws Exception {
    byte[] bytes = random(3000);
    String location = header(send("POST", "/v2/a/blobs/uploads/"), "Location");

    HttpResponse<byte[]> first =
        exchange("PATCH", location, Arrays.copyOf(bytes, 1000), "Content-Range", "0-999");
    assertThat(first.statusCode()).isEqualTo(202);
    assertThat(header(first, "Range")).isEqualTo("0-999");

    byte[] second = Arrays.copyOfRange(bytes, 1000, 2000);
    HttpResponse<byte[]> gap = exchange("PATCH", location, second, "Content-Range", "1001-2000");
    assertThat(gap.statusCode()).isEqualTo(416);
    assertThat(header(gap, "Range")).isEqualTo("0-999");
    HttpResponse<byte[]> right = exchange("PATCH", location, second, "Content-Range", "1000-1999");
    assertThat(right.statusCode()).isEqualTo(202);

    HttpResponse<byte[]> status = send("GET", location);
    assertThat(status.statusCode()).isEqualTo(204);
    assertThat(header(status, "Range")).isEqualTo("0-1999");
    HttpResponse<byte[]> put =
        exchange(
            "PUT",
            location + "&digest=" + Digest.of(bytes),
            Arrays.copyOfRange(bytes, 2000, 3000),
            "Content-Range",
            "2000-2999");
    assertThat(put.statusCode()).isEqualTo(201);
    assertThat(registry.blob("a", Digest.of(bytes))).isEqualTo(bytes);
  }

  @Test
  void upload_bodyOfUnknownLength_isTaken() throws Exception {
    byte[] bytes = random(300_000);
    String location = header(send("POST", "/v2/a/blobs/uploads/"), "Location");
    HttpRequest patch =
        HttpRequest.newBuilder(uri(location))
            .method("PATCH", BodyPublishers.ofByteArrays(List.of(bytes)))
            .build();

    assertThat(client.send(patch, BodyHandlers.ofByteArray()).statusCode()).isEqualTo(202);
    assertThat(registry.requests("PATCH upload").getFirst().header("Transfer-Encoding"))
        .isEqualTo("chunked");
    assertThat(put(location + "&digest=" + Digest.of(bytes), new byte[0]).statusCode())
        .isEqualTo(201);
    assertThat(registry.blob("a", Digest.of(bytes))).isEqualTo(bytes);
  }

  @Test
  void upload_expectContinue_isAskedToGoOn() throws Exception {
    byte[] bytes = random(2000);
    HttpRequest post =
        HttpRequest.newBuilder(uri("/v2/a/blobs/uploads/?digest=" + Digest.of(bytes)))
            .POST(BodyPublishers.ofByteArray(bytes))
            .expectContinue(true)
            .build();
    assertThat(client.send(post, BodyHandlers.ofByteArray()).statusCode()).isEqualTo(201);
  }

  @Test
  void upload_cancelledOrWithoutItsState_isUnknown() throws Exception {
    String location = header(send("POST", "/v2/a/blobs/uploads/"), "Location");

    String path = location.substring(0, location.indexOf('?'));
    assertThat(send("GET", path).statusCode()).isEqualTo(404);
    assertThat(send("GET", location.replace("/v2/a/", "/v2/b/")).statusCode()).isEqualTo(404);
    assertThat(send("DELETE", location).statusCode()).isEqualTo(204);
    assertThat(send("GET", location).statusCode()).isEqualTo(404);
  }

  @Test
  void upload_mount_givesTheBlobOrAnUpload() throws Exception {
    Digest digest = registry.addBlob("a", random(100));

    String mount = "/v2/b/blobs/uploads/?mount=" + digest + "&from=a";
    assertThat(send("POST", mount).statusCode()).isEqualTo(201);
    assertThat(registry.hasBlob("b", digest)).isTrue();

    assertThat(send("POST", mount.replace("from=a", "from=x")).statusCode()).isEqualTo(202);
    registry.mounts(false);
    HttpResponse<byte[]> refused = send("POST", mount.replace("/b/", "/c/"));
    assertThat(refused.statusCode()).isEqualTo(202);
    assertThat(header(refused, "Location")).startsWith("/v2/c/blobs/uploads/");
    assertThat(registry.hasBlob("c", digest)).isFalse();
  }

  @Test
  void upload_aboveTheSinkSize_isHashedAndNotKept() throws Exception {
    registry.sinkAbove(1000);
    byte[] large = random(5000);
    byte[] small = random(1000);
    for (byte[] bytes : List.of(large, small)) {
      exchange("POST", "/v2/a/blobs/uploads/?digest=" + Digest.of(bytes), bytes);
    }
    assertThat(header(send("HEAD", "/v2/a/blobs/" + Digest.of(large)), "Content-Length"))
        .isEqualTo("5000");
    assertThat(registry.blob("a", Digest.of(small))).isEqualTo(small);
    assertThatThrownBy(() -> registry.blob("a", Digest.of(large))).hasMessageContaining("sink");
    HttpResponse<byte[]> wrong =
        exchange("POST", "/v2/a/blobs/uploads/?digest=" + Digest.of(random(7)), large);
    assertThat(wrong.statusCode()).isEqualTo(400);
  }

  // Lists

  @Test
  void tags_comeInPages() throws Exception {
    byte[] index = "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(UTF_8);
    for (int i = 0; i < 5; i++) {
      registry.addManifest("a", "t" + i, MediaType.OCI_INDEX, index);
    }
    registry.pageSize(2);

    List<String> pages = new ArrayList<>();
    String next = "/v2/a/tags/list?n=100";
    while (next != null) {
      HttpResponse<byte[]> page = send("GET", next);
      pages.add(text(page));
      next =
          page.headers()
              .firstValue("Link")
              .map(link -> link.substring(1, link.indexOf('>')))
              .orElse(null);
    }
    assertThat(pages)
        .containsExactly(
            "{\"name\":\"a\",\"tags\":[\"t0\",\"t1\"]}",
            "{\"name\":\"a\",\"tags\":[\"t2\",\"t3\"]}",
            "{\"name\":\"a\",\"tags\":[\"t4\"]}");
    assertThat(text(send("GET", "/v2/a/tags/list?n=1&last=t3"))).contains("[\"t4\"]");
    assertThat(text(send("GET", "/v2/a/tags/list?n=0"))).contains("[]");
    assertThat(send("GET", "/v2/a/tags/list?n=x").statusCode()).isEqualTo(400);
  }

  @Test
  void referrers_areListedFilteredAndCanBeAbsent() throws Exception {
    registry.checksChildren(false);
    Digest subject = Digest.of("subject".getBytes(UTF_8));
    byte[] signature = referrer(subject, "application/x-signature");
    byte[] sbom = referrer(subject, "application/x-sbom");
    HttpResponse<byte[]> put = put("/v2/a/manifests/s", signature, "Content-Type", OCI_MANIFEST);
    registry.addManifest("a", null, MediaType.OCI_MANIFEST, sbom);
    String path = "/v2/a/referrers/" + subject;

    assertThat(header(put, "OCI-Subject")).isEqualTo(subject.toString());
    HttpResponse<byte[]> all = send("GET", path);
    assertThat(header(all, "Content-Type")).isEqualTo(MediaType.OCI_INDEX.value());
    assertThat(text(all))
        .contains(Digest.of(signature).toString())
        .contains(Digest.of(sbom).toString());
    HttpResponse<byte[]> some = send("GET", path + "?artifactType=application/x-sbom");
    assertThat(header(some, "OCI-Filters-Applied")).isEqualTo("artifactType");
    assertThat(text(some))
        .contains(Digest.of(sbom).toString())
        .doesNotContain(Digest.of(signature).toString());
    registry.pageSize(1);
    assertThat(header(send("GET", path), "Link")).contains("?last=sha256:");
    assertThat(text(send("GET", "/v2/none/referrers/" + subject))).contains("\"manifests\":[]");
    registry.referrersApi(false);
    assertThat(send("GET", path).statusCode()).isEqualTo(404);
    assertThat(
            put("/v2/a/manifests/s", signature, "Content-Type", OCI_MANIFEST)
                .headers()
                .firstValue("OCI-Subject"))
        .isEmpty();
  }

  // Limits

  @Test
  void rateLimit_countsGetsOfManifestsOnly() throws Exception {
    Digest blob = registry.addBlob("a", random(5));
    byte[] index = "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(UTF_8);
    registry.addManifest("a", "1", MediaType.OCI_INDEX, index);
    registry.rateLimit(100, 2);

    assertThat(header(send("HEAD", "/v2/a/manifests/1"), "ratelimit-remaining"))
        .isEqualTo("2;w=21600");
    HttpResponse<byte[]> got = send("GET", "/v2/a/manifests/1");
    assertThat(header(got, "ratelimit-limit")).isEqualTo("100;w=21600");
    assertThat(header(got, "ratelimit-remaining")).isEqualTo("1;w=21600");
    assertThat(send("GET", "/v2/a/blobs/" + blob).statusCode()).isEqualTo(200);
    assertThat(send("GET", "/v2/a/manifests/1").statusCode()).isEqualTo(200);
    HttpResponse<byte[]> refused = send("GET", "/v2/a/manifests/1");
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(text(refused)).contains("TOOMANYREQUESTS").contains("pull rate limit");
    assertThat(send("HEAD", "/v2/a/manifests/1").statusCode()).isEqualTo(200);
    assertThat(registry.remainingPulls()).isZero();
    registry.noRateLimit();
    assertThat(send("GET", "/v2/a/manifests/1").headers().firstValue("ratelimit-limit")).isEmpty();
  }

  // Who may

  @Test
  void bearer_tokenOfTheChallengesScope_opens() throws Exception {
    Digest blob = registry.addBlob("a/b", random(5));
    registry.bearerAuth();

    HttpResponse<byte[]> refused = send("GET", "/v2/a/b/blobs/" + blob);
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(header(refused, "WWW-Authenticate"))
        .isEqualTo(
            "Bearer realm=\"%s/token\",service=\"test-registry\",scope=\"repository:a/b:pull\""
                .formatted(registry.origin()));

    String token = token("repository:a/b:pull");
    String bearer = "Bearer " + token;
    assertThat(send("GET", "/v2/a/b/blobs/" + blob, "Authorization", bearer).statusCode())
        .isEqualTo(200);
    HttpResponse<byte[]> other = send("GET", "/v2/c/tags/list", "Authorization", bearer);
    assertThat(other.statusCode()).isEqualTo(401);
    assertThat(header(other, "WWW-Authenticate")).contains("insufficient_scope");
    registry.revokeTokens();
    HttpResponse<byte[]> expired = send("GET", "/v2/a/b/blobs/" + blob, "Authorization", bearer);
    assertThat(header(expired, "WWW-Authenticate")).contains("invalid_token");
    assertThat(registry.count("GET token")).isEqualTo(1);
    assertThat(registry.requests("GET blob").get(1).authorization()).isEqualTo(bearer);
  }

  @Test
  void bearer_token_expiresByTheClock() throws Exception {
    Instant[] now = {Instant.parse("2026-01-01T00:00:00Z")};
    Clock clock =
        new Clock() {
          @Override
          public Instant instant() {
            return now[0];
          }

          @Override
          public ZoneOffset getZone() {
            return ZoneOffset.UTC;
          }

          @Override
          public Clock withZone(java.time.ZoneId zone) {
            return this;
          }
        };
    try (TestRegistry timed = TestRegistry.start(clock)) {
      timed.bearerAuth().tokenLifetime(Duration.ofSeconds(60));
      Digest blob = timed.addBlob("a", random(5));
      String answer = text(send("GET", timed.origin() + "/token?scope=repository:a:pull"));
      assertThat(answer).contains("\"expires_in\":60").contains("2026-01-01T00:00:00Z");
      String bearer = "Bearer " + field(answer, "token");
      String address = timed.origin() + "/v2/a/blobs/" + blob;
      assertThat(send("GET", address, "Authorization", bearer).statusCode()).isEqualTo(200);
      now[0] = now[0].plusSeconds(60);
      assertThat(send("GET", address, "Authorization", bearer).statusCode()).isEqualTo(401);
    }
  }

  @Test
  void bearer_account_isNeededForPushOnly() throws Exception {
    registry.addBlob("a", random(5));
    registry.bearerAuth().account("ann", "secret");

    String anonymous = "Bearer " + token("repository:a:pull,push");
    HttpResponse<byte[]> refused = send("POST", "/v2/a/blobs/uploads/", "Authorization", anonymous);
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(header(refused, "WWW-Authenticate")).contains("scope=\"repository:a:pull,push\"");
    assertThat(send("GET", "/v2/a/tags/list", "Authorization", anonymous).statusCode())
        .isEqualTo(200);

    String known = "Bearer " + token("repository:a:pull,push", "Authorization", basic("secret"));
    assertThat(send("POST", "/v2/a/blobs/uploads/", "Authorization", known).statusCode())
        .isEqualTo(202);
    assertThat(send("GET", "/token?scope=x", "Authorization", basic("wrong")).statusCode())
        .isEqualTo(401);
    registry.anonymousPull(false);
    String nothing = "Bearer " + token("repository:a:pull");
    assertThat(send("GET", "/v2/a/tags/list", "Authorization", nothing).statusCode())
        .isEqualTo(401);
  }

  @Test
  void bearer_oauthForm_givesAnAccessToken() throws Exception {
    registry.bearerAuth().account("ann", "secret").addBlob("a", random(5));
    String form = "grant_type=%s&username=ann&password=%s&scope=repository%%3Aa%%3Apush%%2Cpull";
    HttpResponse<byte[]> got =
        exchange("POST", "/token", form.formatted("password", "secret").getBytes(UTF_8));
    String bearer = "Bearer " + field(text(got), "access_token");
    assertThat(send("POST", "/v2/a/blobs/uploads/", "Authorization", bearer).statusCode())
        .isEqualTo(202);
    HttpResponse<byte[]> wrong =
        exchange("POST", "/token", form.formatted("password", "x").getBytes(UTF_8));
    assertThat(wrong.statusCode()).isEqualTo(401);
  }

  @Test
  void bearer_mount_wantsBothRepositories() throws Exception {
    Digest blob = registry.addBlob("a", random(5));
    registry.bearerAuth();
    HttpResponse<byte[]> refused = send("POST", "/v2/b/blobs/uploads/?mount=" + blob + "&from=a");
    assertThat(header(refused, "WWW-Authenticate"))
        .contains("scope=\"repository:a:pull repository:b:pull,push\"");
  }

  @Test
  void basic_isForPushAndOptionalForPull() throws Exception {
    Digest blob = registry.addBlob("a", random(5));
    registry.basicAuth("ann", "secret");

    assertThat(send("GET", "/v2/a/blobs/" + blob).statusCode()).isEqualTo(200);
    HttpResponse<byte[]> refused = send("POST", "/v2/a/blobs/uploads/");
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(header(refused, "WWW-Authenticate")).startsWith("Basic realm=");
    assertThat(send("POST", "/v2/a/blobs/uploads/", "Authorization", basic("secret")).statusCode())
        .isEqualTo(202);
    assertThat(send("GET", "/v2/", "Authorization", basic("wrong")).statusCode()).isEqualTo(401);
  }

  // Faults

  @Test
  void fault_answer_isCountedDown() throws Exception {
    Digest blob = registry.addBlob("a", random(5));
    registry
        .on("GET", "/blobs/")
        .after(1)
        .times(2)
        .answer(503, Map.of("Retry-After", "7"), "come again");
    List<Integer> statuses = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      statuses.add(send("GET", "/v2/a/blobs/" + blob).statusCode());
    }
    assertThat(statuses).containsExactly(200, 503, 503, 200, 200);
    registry.on("GET blob").once().tooFast(60);
    HttpResponse<byte[]> fast = send("GET", "/v2/a/blobs/" + blob);
    assertThat(fast.statusCode()).isEqualTo(429);
    assertThat(header(fast, "Retry-After")).isEqualTo("60");
    assertThat(header(fast, "Content-Type")).isEqualTo("text/plain");
    registry.on("*", "tags").redirect(308, "https://example.org/x?y=%2F");
    assertThat(header(send("GET", "/v2/a/tags/list"), "Location"))
        .isEqualTo("https://example.org/x?y=%2F");
    registry.clearFaults();
    assertThat(send("GET", "/v2/a/tags/list").statusCode()).isEqualTo(200);
  }

  @Test
  void fault_resetAfter_givesThoseBytesAndAReset() throws Exception {
    byte[] bytes = random(100_000);
    Digest blob = registry.addBlob("a", bytes);
    registry.on("GET blob").once().resetAfter(40_000);

    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), registry.port())) {
      request(socket, "GET /v2/a/blobs/" + blob);
      assertThat(head(socket)).contains("HTTP/1.1 200").contains("Content-Length: 100000\r\n");
      assertThat(socket.getInputStream().readNBytes(40_000))
          .isEqualTo(Arrays.copyOf(bytes, 40_000));
      assertThatThrownBy(() -> socket.getInputStream().read())
          .isInstanceOf(SocketException.class)
          .hasMessageContaining("reset");
    }
    registry.on("GET blob").once().resetAt(0.5);
    assertThatThrownBy(() -> send("GET", "/v2/a/blobs/" + blob)).isInstanceOf(IOException.class);
    assertThat(send("GET", "/v2/a/blobs/" + blob).body()).isEqualTo(bytes);
  }

  @Test
  void fault_closeAfter_endsShortOfTheLength() throws Exception {
    byte[] bytes = random(100_000);
    Digest blob = registry.addBlob("a", bytes);
    registry.on("GET blob").once().closeAfter(40_000);

    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), registry.port())) {
      request(socket, "GET /v2/a/blobs/" + blob);
      assertThat(head(socket)).contains("Content-Length: 100000\r\n");
      assertThat(socket.getInputStream().readAllBytes()).isEqualTo(Arrays.copyOf(bytes, 40_000));
    }
  }

  @Test
  void fault_dropAndReset_giveNoAnswer() throws Exception {
    registry.addBlob("a", random(5));
    registry.on("GET tags").once().drop();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), registry.port())) {
      request(socket, "GET /v2/a/tags/list");
      assertThat(socket.getInputStream().readAllBytes()).isEmpty();
    }
    registry.on("GET tags").once().reset();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), registry.port())) {
      request(socket, "GET /v2/a/tags/list");
      assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
    }
    assertThat(registry.count("GET tags")).isEqualTo(2);
  }

  @Test
  void fault_dropAnswer_hasTheEffect() {
    byte[] bytes = random(50);
    registry.on("POST upload").once().dropAnswer();
    assertThatThrownBy(
            () -> exchange("POST", "/v2/a/blobs/uploads/?digest=" + Digest.of(bytes), bytes))
        .isInstanceOf(IOException.class);
    assertThat(registry.hasBlob("a", Digest.of(bytes))).isTrue();
  }

  @Test
  void fault_resetWhileReading_keepsWhatWasRead() throws Exception {
    byte[] bytes = random(100_000);
    String location = header(send("POST", "/v2/a/blobs/uploads/"), "Location");
    registry.on("PATCH upload").once().resetWhileReading(30_000);

    assertThatThrownBy(() -> exchange("PATCH", location, bytes)).isInstanceOf(IOException.class);

    assertThat(header(send("GET", location), "Range")).isEqualTo("0-29999");
    byte[] rest = Arrays.copyOfRange(bytes, 30_000, bytes.length);
    assertThat(exchange("PATCH", location, rest, "Content-Range", "30000-99999").statusCode())
        .isEqualTo(202);
    assertThat(put(location + "&digest=" + Digest.of(bytes), new byte[0]).statusCode())
        .isEqualTo(201);
  }

  @Test
  void fault_truncated_endsWell() throws Exception {
    byte[] bytes = random(1000);
    Digest blob = registry.addBlob("a", bytes);
    String path = "/v2/a/blobs/" + blob;
    registry.on("GET blob").once().truncateChunked(600);
    HttpResponse<byte[]> chunked = send("GET", path);
    assertThat(chunked.body()).isEqualTo(Arrays.copyOf(bytes, 600));
    assertThat(header(chunked, "Transfer-Encoding")).isEqualTo("chunked");
    registry.on("GET blob").once().truncate(600);
    HttpResponse<byte[]> counted = send("GET", path);
    assertThat(counted.body()).isEqualTo(Arrays.copyOf(bytes, 600));
    assertThat(header(counted, "Content-Length")).isEqualTo("600");
    registry.on("GET blob").once().chunked();
    assertThat(send("GET", path).body()).isEqualTo(bytes);
    registry.on("GET blob").once().append(10);
    assertThat(send("GET", path).body()).hasSize(1010).startsWith(bytes);
    registry.on("GET blob").once().appendChunked(10);
    assertThat(send("GET", path).body()).hasSize(1010).startsWith(bytes);
  }

  @Test
  void fault_corrupt_changesOneByte() throws Exception {
    for (int size : List.of(1, 1000, 300_001)) {
      byte[] bytes = random(size);
      Digest blob = registry.addBlob("a", bytes);
      registry.on("GET blob").once().corrupt();
      byte[] got = send("GET", "/v2/a/blobs/" + blob).body();
      assertThat(got).hasSameSizeAs(bytes);
      int different = 0;
      for (int i = 0; i < size; i++) {
        different += got[i] == bytes[i] ? 0 : 1;
      }
      assertThat(different).isEqualTo(1);
    }
  }

  @Test
  void fault_headers_areSetAndLeftOut() throws Exception {
    byte[] index = "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(UTF_8);
    Digest digest = registry.addManifest("a", "1", MediaType.OCI_INDEX, index);
    registry.on("GET manifest").lieAboutDigest();
    registry.on("GET manifest").header("Content-Encoding", "gzip");
    HttpResponse<byte[]> got = send("GET", "/v2/a/manifests/1");
    assertThat(header(got, "Docker-Content-Digest")).isNotEqualTo(digest.toString());
    assertThat(header(got, "Content-Encoding")).isEqualTo("gzip");
    assertThat(got.body()).isEqualTo(index);
    registry.on("HEAD manifest").withoutHeader("docker-content-digest");
    registry.on("HEAD manifest").withoutHeader("Content-Length");
    HttpResponse<byte[]> head = send("HEAD", "/v2/a/manifests/1");
    assertThat(head.headers().firstValue("Docker-Content-Digest")).isEmpty();
    assertThat(head.headers().firstValue("Content-Length")).isEmpty();
    assertThat(head.headers().firstValue("Content-Type")).isPresent();
  }

  @Test
  void fault_stallAndHold_waitForTheGate() throws Exception {
    byte[] bytes = random(100_000);
    Digest blob = registry.addBlob("a", bytes);
    Gate stall = registry.on("GET blob").once().stallAfter(10);
    Gate hold = registry.on("HEAD blob").hold();

    CompletableFuture<HttpResponse<InputStream>> get =
        client.sendAsync(
            HttpRequest.newBuilder(uri("/v2/a/blobs/" + blob)).build(),
            BodyHandlers.ofInputStream());
    List<CompletableFuture<HttpResponse<Void>>> heads = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      heads.add(
          client.sendAsync(
              HttpRequest.newBuilder(uri("/v2/a/blobs/" + blob)).HEAD().build(),
              BodyHandlers.discarding()));
    }
    registry.awaitRequests("HEAD blob", 3);
    hold.awaitArrivals(3);
    stall.awaitArrivals(1);
    try (InputStream in = get.get().body()) {
      assertThat(in.readNBytes(10)).isEqualTo(Arrays.copyOf(bytes, 10));
      assertThat(heads).noneMatch(CompletableFuture::isDone);
      stall.open();
      assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(bytes, 10, bytes.length));
    }
    hold.open();
    for (CompletableFuture<HttpResponse<Void>> head : heads) {
      assertThat(head.get().statusCode()).isEqualTo(200);
    }
  }

  // The wire

  @Test
  void connection_isKeptForManyRequests() throws Exception {
    byte[] bytes = random(10);
    Digest blob = registry.addBlob("a", bytes);
    for (int i = 0; i < 20; i++) {
      assertThat(send("GET", "/v2/a/blobs/" + blob).body()).isEqualTo(bytes);
      assertThat(put("/v2/a/manifests/-", random(1000)).statusCode()).isEqualTo(400);
    }
    assertThat(registry.connections()).isEqualTo(1);
  }

  @Test
  void manyClientsAtOnce_areAllServed() throws Exception {
    byte[] bytes = random(200_000);
    Digest blob = registry.addBlob("a", bytes);
    List<CompletableFuture<HttpResponse<byte[]>>> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.add(
          client.sendAsync(
              HttpRequest.newBuilder(uri("/v2/a/blobs/" + blob)).build(),
              BodyHandlers.ofByteArray()));
    }
    for (CompletableFuture<HttpResponse<byte[]>> one : all) {
      assertThat(Arrays.equals(one.get().body(), bytes)).isTrue();
    }
    assertThat(registry.count("GET blob")).isEqualTo(100);
  }

  @Test
  void request_isRecordedAsSent() throws Exception {
    HttpResponse<byte[]> ignored =
        send("GET", "/v2/a/manifests/x?ns=docker.io&y=%2F%2f", "X-Thing", "v");
    RecordedRequest request = registry.requests().getFirst();
    assertThat(ignored.statusCode()).isEqualTo(404);
    assertThat(request.kind()).isEqualTo("GET manifest");
    assertThat(request.path()).isEqualTo("/v2/a/manifests/x");
    assertThat(request.query()).isEqualTo("ns=docker.io&y=%2F%2f");
    assertThat(request.header("x-thing")).isEqualTo("v");
    assertThat(request.host()).isEqualTo("127.0.0.1:" + registry.port());
    assertThat(request.authorization()).isNull();
    registry.clear();
    assertThat(registry.requests()).isEmpty();
  }

  private HttpResponse<byte[]> send(String method, String target, String... headers)
      throws Exception {
    return exchange(method, target, new byte[0], headers);
  }

  private HttpResponse<byte[]> put(String target, byte[] body, String... headers) throws Exception {
    return exchange("PUT", target, body, headers);
  }

  private HttpResponse<byte[]> exchange(
      String method, String target, byte[] body, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(target))
            .method(
                method,
                body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofByteArray());
  }

  private URI uri(String target) {
    return URI.create(target.startsWith("http") ? target : registry.origin() + target);
  }

  private String token(String scope, String... headers) throws Exception {
    HttpResponse<byte[]> got = send("GET", "/token?service=x&scope=" + scope, headers);
    assertThat(got.statusCode()).isEqualTo(200);
    return field(text(got), "token");
  }

  private static String field(String json, String name) {
    String start = "\"" + name + "\":\"";
    int from = json.indexOf(start) + start.length();
    return json.substring(from, json.indexOf('"', from));
  }

  private static String basic(String password) {
    return "Basic " + Base64.getEncoder().encodeToString(("ann:" + password).getBytes(UTF_8));
  }

  private static void request(Socket socket, String line) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write((line + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(UTF_8));
    out.flush();
  }

  private static String head(Socket socket) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) socket.getInputStream().read());
    }
    return head.toString();
  }

  private static byte[] emptyImage(Digest config) {
    return """
        {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"%s","digest":"%s","size":2},\
        "layers":[]}"""
        .formatted(OCI_MANIFEST, MediaType.OCI_CONFIG, config)
        .getBytes(UTF_8);
  }

  private static byte[] referrer(Digest subject, String type) {
    return """
        {"schemaVersion":2,"mediaType":"%s","artifactType":"%s",\
        "config":{"mediaType":"%s","digest":"%s","size":2},"layers":[],\
        "subject":{"mediaType":"%s","digest":"%s","size":7}}"""
        .formatted(
            OCI_MANIFEST,
            type,
            MediaType.OCI_EMPTY,
            Digest.of("{}".getBytes(UTF_8)),
            OCI_MANIFEST,
            subject)
        .getBytes(UTF_8);
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), UTF_8);
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElseThrow();
  }
}
