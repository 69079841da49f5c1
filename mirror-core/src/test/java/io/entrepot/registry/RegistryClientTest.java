package io.entrepot.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.BlobPush.Outcome;
import io.entrepot.registry.auth.Credentials;
import io.entrepot.registry.auth.Origin;
import io.entrepot.testing.Gate;
import io.entrepot.testing.RecordedRequest;
import io.vertx.core.Future;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client against a real registry on loopback, well behaved and not. */
@Timeout(60)
class RegistryClientTest extends RegistryScene {

  // Manifests

  @Test
  void resolve_tag_oneHeadAndNoGet() {
    Digest digest = registry.addManifest("app", "1", MediaType.OCI_INDEX, index());

    Descriptor resolved = client.resolve(registry.reference("app", "1")).await();

    assertThat(resolved).isEqualTo(Descriptor.of(MediaType.OCI_INDEX, digest, index().length));
    assertThat(registry.counts()).isEqualTo(Map.of("HEAD manifest", 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Docker-Content-Digest", "Content-Type"})
  void resolve_headLacksHeader_asksByGet(String header) {
    Digest digest = registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    registry.on("HEAD manifest").withoutHeader(header);

    assertThat(client.resolve(registry.reference("app", "1")).await().digest()).isEqualTo(digest);
    assertThat(registry.count("GET manifest")).isEqualTo(1);
  }

  @Test
  void resolve_headNotAllowed_asksByGet() {
    Digest digest = registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    registry.on("HEAD manifest").answer(405);

    assertThat(client.resolve(registry.reference("app", "1")).await().digest()).isEqualTo(digest);
  }

  @Test
  void find_absent_isEmpty() {
    assertThat(client.find(registry.reference("app", "1")).await()).isEmpty();
    assertThat(client.findManifest(registry.reference("app", "1")).await()).isEmpty();
    assertThat(client.findBlob(registry.repository("app"), Digest.of(index())).await()).isEmpty();
  }

  @Test
  void fetchManifest_bytesAndTypeAsStored() {
    byte[] spaced = ("  " + new String(index(), UTF_8) + "\n").getBytes(UTF_8);
    registry.addManifest("app", "1", MediaType.DOCKER_LIST, spaced);

    RawManifest manifest = client.fetchManifest(registry.reference("app", "1")).await();

    assertThat(manifest.bytes()).isEqualTo(spaced);
    assertThat(manifest.mediaType()).isEqualTo(MediaType.DOCKER_LIST);
  }

  @Test
  void fetchManifest_tagWhoseDigestHeaderLies_ownHashCounts() {
    Digest digest = registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    registry.on("GET manifest").lieAboutDigest();

    assertThat(client.fetchManifest(registry.reference("app", "1")).await().digest())
        .isEqualTo(digest);
  }

  @Test
  void fetchManifest_byDigestOtherBytes_refused() {
    Digest digest = registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    registry.on("GET manifest").corrupt();

    assertThat(failure(client.fetchManifest(registry.reference("app", digest.toString()))).code())
        .isEqualTo(ErrorCode.CORRUPT);
  }

  @Test
  void fetchManifest_overFourMebibytes_refusedUnread() {
    registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    registry.on("GET manifest").body(new byte[RawManifest.MAX_BYTES + 1]);

    RegistryException failure = failure(client.fetchManifest(registry.reference("app", "1")));

    assertThat(failure.code()).isEqualTo(ErrorCode.SIZE_INVALID);
    assertThat(registry.count("GET manifest")).isEqualTo(1);
  }

  @Test
  void fetchManifest_endlessChunks_stopsAtTheLimit() {
    registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    registry.on("GET manifest").appendChunked(64 * 1024 * 1024);

    assertThat(failure(client.fetchManifest(registry.reference("app", "1"))).code())
        .isEqualTo(ErrorCode.SIZE_INVALID);
  }

  @Test
  void fetchManifest_captivePortal_isNoManifest() {
    registry
        .on("GET manifest")
        .answer(200, Map.of("Content-Type", "text/html"), "<html>log in here</html>");

    assertThat(failure(client.fetchManifest(registry.reference("app", "1"))))
        .hasMessageContaining("web page");
  }

  @Test
  void pushManifest_underTagAndDigest_sameBytes() {
    RawManifest manifest = RawManifest.of(MediaType.OCI_INDEX, index());
    Repository app = registry.repository("app");

    client.pushManifest(app.at(manifest.digest()), manifest).await();
    client.pushManifest(app.tagged(new Tag("1")), manifest).await();

    assertThat(registry.manifest("app", "1").bytes()).isEqualTo(index());
    assertThat(registry.count("PUT manifest")).isEqualTo(2);
  }

  @Test
  void pushManifest_registryStoresOtherBytes_fails() {
    registry.on("PUT manifest").lieAboutDigest();

    RawManifest manifest = RawManifest.of(MediaType.OCI_INDEX, index());
    assertThat(failure(client.pushManifest(registry.reference("app", "1"), manifest)))
        .hasMessageContaining("stored");
  }

  // Retry and limits of rate

  @Test
  void serverErrors_areRetried() {
    registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    registry.on("HEAD manifest").times(3).answer(503);

    client.resolve(registry.reference("app", "1")).await();

    assertThat(registry.count("HEAD manifest")).isEqualTo(4);
  }

  @Test
  void serverErrors_forEver_endAfterFiveTries() {
    registry.on("HEAD manifest").answer(500);

    RegistryException failure = failure(client.resolve(registry.reference("app", "1")));

    assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(failure.request()).startsWith("HEAD http://127.0.0.1:");
    assertThat(registry.count("HEAD manifest")).isEqualTo(5);
  }

  @Test
  void clientErrors_areNotRetried() {
    registry.on("HEAD manifest").answer(403);

    assertThat(failure(client.resolve(registry.reference("app", "1"))).code())
        .isEqualTo(ErrorCode.DENIED);
    assertThat(registry.count("HEAD manifest")).isEqualTo(1);
  }

  @Test
  void droppedConnections_areRetried() {
    registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    registry.on("HEAD manifest").times(2).reset();

    client.resolve(registry.reference("app", "1")).await();

    assertThat(registry.count("HEAD manifest")).isEqualTo(3);
  }

  @Test
  void pullLimit_isNotWaitedFor() {
    registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    registry.rateLimit(100, 0);

    RegistryException failure = failure(client.fetchManifest(registry.reference("app", "1")));

    assertThat(failure.code()).isEqualTo(ErrorCode.PULL_LIMIT);
    assertThat(failure.remedy()).contains("docker login");
    assertThat(registry.count("GET manifest")).isEqualTo(1);
  }

  @Test
  void abuseLimit_waitsAsAskedThenGoesOn() {
    registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    registry.on("GET manifest").once().tooFast(1);

    client.fetchManifest(registry.reference("app", "1")).await();

    assertThat(registry.count("GET manifest")).isEqualTo(2);
  }

  @Test
  void abuseLimit_longerThanAnyoneWaits_failsAtOnceAndSaysHowLong() {
    registry.on("GET manifest").tooFast(3600);

    RegistryException failure = failure(client.fetchManifest(registry.reference("app", "1")));

    assertThat(failure.code()).isEqualTo(ErrorCode.TOOMANYREQUESTS);
    assertThat(failure.retryAfter()).isEqualTo(Duration.ofHours(1));
    assertThat(registry.count("GET manifest")).isEqualTo(1);
  }

  @Test
  void rateLimit_isReadFromHeads() {
    registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    registry.rateLimit(100, 42);

    client.resolve(registry.reference("app", "1")).await();

    assertThat(client.rateLimit(registry.name()))
        .hasValueSatisfying(limit -> assertThat(limit.remaining()).isEqualTo(42));
    assertThat(client.rateLimit(other.name())).isEmpty();
  }

  @Test
  void silence_endsInATimeout() {
    registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    var gate = registry.on("HEAD manifest").hold();

    RegistryException failure = failure(client.resolve(registry.reference("app", "1")));
    gate.open();

    assertThat(failure.code()).isEqualTo(ErrorCode.TIMEOUT);
  }

  @Test
  void nobodyListens_isUnreachable() {
    String name = "127.0.0.1:" + other.port();
    other.close();

    RegistryException failure = failure(client.resolve(ImageReference.parse(name + "/app:1")));

    assertThat(failure.code()).isEqualTo(ErrorCode.UNREACHABLE);
    assertThat(failure).hasMessageContaining("HEAD http://" + name + "/v2/app/manifests/1");
  }

  // Blobs

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4096, 3_000_000})
  void fetchBlob_anySize_arrivesWhole(int size) {
    byte[] bytes = random(size);
    registry.addBlob("app", bytes);

    assertThat(client.fetchBlobBytes(registry.repository("app"), blob(bytes), size).await())
        .isEqualTo(bytes);
    assertThat(registry.counts()).isEqualTo(Map.of("GET blob", 1));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.0, 0.5, 0.99})
  void fetchBlob_resetOnTheWay_fetchesOnlyTheRest(double fraction) {
    byte[] bytes = random(2_000_000);
    registry.addBlob("app", bytes);
    registry.on("GET blob").once().resetAt(fraction);

    assertThat(client.fetchBlobBytes(registry.repository("app"), blob(bytes), 2_000_000).await())
        .isEqualTo(bytes);

    List<RecordedRequest> requests = registry.requests("GET blob");
    assertThat(requests).hasSize(2);
    if (fraction > 0) {
      assertThat(requests.getLast().header("Range")).matches("bytes=[1-9][0-9]*-");
    }
  }

  @Test
  void fetchBlob_endsEarlyTwice_resumesTwice() {
    byte[] bytes = random(900_000);
    registry.addBlob("app", bytes);
    registry.on("GET blob").times(2).truncateChunked(300_000);

    assertThat(client.fetchBlobBytes(registry.repository("app"), blob(bytes), 900_000).await())
        .isEqualTo(bytes);
  }

  @Test
  void fetchBlob_registryIgnoresRange_discardsToTheOffset() {
    byte[] bytes = random(800_000);
    registry.addBlob("app", bytes);
    registry.ranges(false);
    registry.on("GET blob").once().resetAt(0.5);

    assertThat(client.fetchBlobBytes(registry.repository("app"), blob(bytes), 800_000).await())
        .isEqualTo(bytes);
  }

  @Test
  void fetchBlob_wrongContentRange_isNotAppended() {
    byte[] bytes = random(800_000);
    registry.addBlob("app", bytes);
    registry.on("GET blob").once().resetAt(0.5);
    registry.on("GET blob").after(1).header("Content-Range", "bytes 0-799999/800000");

    assertThat(
            failure(client.fetchBlobBytes(registry.repository("app"), blob(bytes), 800_000)).code())
        .isEqualTo(ErrorCode.CORRUPT);
  }

  @Test
  void fetchBlob_wrongBytes_lastBytesAreWithheld() {
    byte[] bytes = random(500_000);
    registry.addBlob("app", bytes);
    registry.on("GET blob").corrupt();
    MemorySink sink = new MemorySink();

    RegistryException failure =
        failure(
            client.fetchBlob(
                registry.repository("app"), blob(bytes), ByteRange.ALL, start -> sink));

    assertThat(failure.code()).isEqualTo(ErrorCode.CORRUPT);
    assertThat(sink.bytes().length).isLessThan(bytes.length);
  }

  @Test
  void fetchBlob_longerThanStated_refusedBeforeTheFirstByte() {
    byte[] bytes = random(10_000);
    registry.addBlob("app", bytes);
    registry.on("GET blob").append(1);
    List<BlobSink.BlobStart> starts = new ArrayList<>();
    MemorySink sink = new MemorySink();

    failure(
        client.fetchBlob(
            registry.repository("app"),
            blob(bytes),
            ByteRange.ALL,
            start -> {
              starts.add(start);
              return sink;
            }));

    assertThat(starts).isEmpty();
  }

  @Test
  void fetchBlob_overlongChunked_isCut() {
    byte[] bytes = random(300_000);
    registry.addBlob("app", bytes);
    registry.on("GET blob").appendChunked(1_000_000);
    MemorySink sink = new MemorySink();

    failure(
        client.fetchBlob(registry.repository("app"), blob(bytes), ByteRange.ALL, start -> sink));

    assertThat(sink.bytes().length).isLessThanOrEqualTo(bytes.length);
  }

  @Test
  void fetchBlob_stalledBody_isGivenUpAndResumed() {
    byte[] bytes = random(400_000);
    registry.addBlob("app", bytes);
    var gate = registry.on("GET blob").once().stallAfter(100_000);

    assertThat(client.fetchBlobBytes(registry.repository("app"), blob(bytes), 400_000).await())
        .isEqualTo(bytes);
    gate.open();
  }

  @Test
  void fetchBlob_range_onlyThat() {
    byte[] bytes = random(100_000);
    registry.addBlob("app", bytes);
    MemorySink sink = new MemorySink();
    List<BlobSink.BlobStart> starts = new ArrayList<>();

    client
        .fetchBlob(
            registry.repository("app"),
            blob(bytes),
            new ByteRange(500, 1499),
            start -> {
              starts.add(start);
              return sink;
            })
        .await();

    assertThat(sink.bytes()).isEqualTo(Arrays.copyOfRange(bytes, 500, 1500));
    assertThat(starts).containsExactly(new BlobSink.BlobStart(1000, 100_000));
  }

  @Test
  void fetchBlob_sizeUnknown_sinkIsTold() {
    byte[] bytes = random(5000);
    Digest digest = registry.addBlob("app", bytes);
    MemorySink sink = new MemorySink();
    List<BlobSink.BlobStart> starts = new ArrayList<>();

    client
        .fetchBlob(
            registry.repository("app"),
            digest,
            ByteRange.ALL,
            start -> {
              starts.add(start);
              return sink;
            })
        .await();

    assertThat(starts).containsExactly(new BlobSink.BlobStart(5000, 5000));
    assertThat(sink.bytes()).isEqualTo(bytes);
  }

  @Test
  void fetchBlobBytes_beyondTheLimit_asksNothing() {
    byte[] bytes = random(5000);
    registry.addBlob("app", bytes);

    failure(client.fetchBlobBytes(registry.repository("app"), blob(bytes), 4999));

    assertThat(registry.requests()).isEmpty();
  }

  @Test
  void fetchBlob_contentEncodingClaimed_bytesAreNotDecoded() {
    byte[] bytes = random(5000);
    registry.addBlob("app", bytes);
    registry.on("GET blob").header("Content-Encoding", "gzip");

    assertThat(client.fetchBlobBytes(registry.repository("app"), blob(bytes), 5000).await())
        .isEqualTo(bytes);
  }

  @Test
  void fetchBlob_fiftyAtOnce_allArrive() {
    List<byte[]> all = IntStream.range(0, 50).mapToObj(i -> random(50_000 + i)).toList();
    all.forEach(bytes -> registry.addBlob("app", bytes));

    List<Future<byte[]>> fetched =
        all.stream()
            .map(bytes -> client.fetchBlobBytes(registry.repository("app"), blob(bytes), 100_000))
            .toList();

    for (int i = 0; i < all.size(); i++) {
      assertThat(fetched.get(i).await()).isEqualTo(all.get(i));
    }
  }

  // Uploads

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 6_000_000})
  void pushBlob_onePostOnePut(int size) {
    byte[] bytes = random(size);

    BlobPush push = client.pushBlob(registry.repository("app"), blob(bytes), bytes).await();

    assertThat(push).isEqualTo(new BlobPush(Outcome.UPLOADED, size));
    assertThat(registry.blob("app", Digest.of(bytes))).isEqualTo(bytes);
    assertThat(registry.counts()).isEqualTo(Map.of("POST upload", 1, "PUT upload", 1));
  }

  @Test
  void pushBlob_fromAnotherRegistry_streams() {
    byte[] bytes = random(3_000_000);
    registry.addBlob("app", bytes);

    copy(bytes);

    assertThat(other.blob("copy", Digest.of(bytes))).isEqualTo(bytes);
    assertThat(registry.counts()).isEqualTo(Map.of("GET blob", 1));
  }

  @Test
  void pushBlob_sourceBreaks_uploadGoesOn() {
    byte[] bytes = random(3_000_000);
    registry.addBlob("app", bytes);
    registry.on("GET blob").times(2).resetAt(0.4);

    copy(bytes);

    assertThat(other.blob("copy", Digest.of(bytes))).isEqualTo(bytes);
    assertThat(other.counts()).isEqualTo(Map.of("POST upload", 1, "PUT upload", 1));
  }

  @Test
  void pushBlob_sourceSendsWrongBytes_nothingIsStored() {
    byte[] bytes = random(1_000_000);
    registry.addBlob("app", bytes);
    registry.on("GET blob").corrupt();

    RegistryException failure =
        failure(
            client.pushBlob(
                other.repository("copy"),
                blob(bytes),
                (offset, sink) ->
                    client.fetchBlob(
                        registry.repository("app"), blob(bytes), ByteRange.from(offset), sink),
                null));

    assertThat(failure.code()).isEqualTo(ErrorCode.CORRUPT);
    assertThat(failure.request()).contains("GET");
    assertThat(other.hasBlob("copy", Digest.of(bytes))).isFalse();
  }

  @Test
  void pushBlob_mount_noBytes() {
    byte[] bytes = random(1000);
    registry.addBlob("first", bytes);

    BlobPush push =
        client
            .pushBlob(
                registry.repository("second"),
                blob(bytes),
                (offset, sink) -> Future.failedFuture("not to be asked"),
                registry.repository("first"))
            .await();

    assertThat(push).isEqualTo(new BlobPush(Outcome.MOUNTED, 0));
    assertThat(registry.hasBlob("second", Digest.of(bytes))).isTrue();
    assertThat(registry.counts()).isEqualTo(Map.of("POST upload", 1));
  }

  @Test
  void pushBlob_mountNotOffered_bytesGoIntoTheSameSession() {
    byte[] bytes = random(1000);
    registry.addBlob("first", bytes);
    registry.mounts(false);

    BlobPush push =
        client
            .pushBlob(
                registry.repository("second"),
                blob(bytes),
                (offset, sink) ->
                    client.fetchBlob(
                        registry.repository("first"), blob(bytes), ByteRange.from(offset), sink),
                registry.repository("first"))
            .await();

    assertThat(push.outcome()).isEqualTo(Outcome.UPLOADED);
    assertThat(registry.count("POST upload")).isEqualTo(1);
  }

  @Test
  void pushBlob_mountRefusedWithAnError_uploadsInstead() {
    byte[] bytes = random(1000);
    registry
        .on(request -> request.query() != null && request.query().contains("mount="))
        .answer(403);

    client
        .pushBlob(
            registry.repository("second"),
            blob(bytes),
            (offset, sink) ->
                sink.open(new BlobSink.BlobStart(1000, 1000))
                    .write(io.vertx.core.buffer.Buffer.buffer(bytes)),
            registry.repository("first"))
        .await();

    assertThat(registry.hasBlob("second", Digest.of(bytes))).isTrue();
  }

  @Test
  void pushBlob_resetInTheMiddle_restIsSentOrStartedAnew() {
    byte[] bytes = random(6_000_000);
    registry.addBlob("app", bytes);
    other.on("PUT upload").once().resetWhileReading(3_000_000);

    copy(bytes);

    assertThat(other.blob("copy", Digest.of(bytes))).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(ints = {413, 416})
  void pushBlob_tooMuchAtOnce_goesInChunks(int status) {
    byte[] bytes = random(9_000_000);
    registry.addBlob("app", bytes);
    other.on("PUT upload").once().answer(status);

    copy(bytes);

    assertThat(other.blob("copy", Digest.of(bytes))).isEqualTo(bytes);
    assertThat(other.count("PATCH upload")).isEqualTo(3);
    assertThat(other.requests("PATCH upload").getFirst().header("Content-Range"))
        .isEqualTo("0-" + (4 * 1024 * 1024 - 1));
  }

  @Test
  void pushBlob_chunkLost_isSentAgain() {
    byte[] bytes = random(9_000_000);
    registry.addBlob("app", bytes);
    other.on("PUT upload").once().answer(413);
    other.on("PATCH upload").after(1).once().dropAnswer();

    copy(bytes);

    assertThat(other.blob("copy", Digest.of(bytes))).isEqualTo(bytes);
  }

  @Test
  void pushBlob_commitAnsweredLate404ThoughTheBlobIsThere_isDone() {
    byte[] bytes = random(100_000);
    registry.addBlob("app", bytes);
    other.on("PUT upload").once().dropAnswer();

    copy(bytes);

    assertThat(other.hasBlob("copy", Digest.of(bytes))).isTrue();
    assertThat(other.count("PUT upload")).isEqualTo(1);
  }

  @Test
  void pushBlob_commitAnswers404AndBlobIsLost_startsAgain() {
    byte[] bytes = random(100_000);
    registry.addBlob("app", bytes);
    other.on("PUT upload").once().error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown");

    copy(bytes);

    assertThat(other.hasBlob("copy", Digest.of(bytes))).isTrue();
    assertThat(other.count("POST upload")).isEqualTo(2);
  }

  @Test
  void pushBlob_notAllowed_saysSoOnce() {
    byte[] bytes = random(100_000);
    registry.addBlob("app", bytes);
    other.on("POST upload").error(403, "DENIED", "permission_denied: write_package");

    RegistryException failure = failure(startCopy(bytes));

    assertThat(failure.code()).isEqualTo(ErrorCode.DENIED);
    assertThat(failure.remedy()).contains("write:packages").contains("Manage Actions access");
    assertThat(other.count("POST upload")).isEqualTo(1);
  }

  // Credentials, redirects, origins

  @Test
  void redirect_toAnotherOrigin_withoutAuthorizationAndQueryUntouched() {
    byte[] bytes = random(1000);
    registry.addBlob("app", bytes);
    other.addBlob("app", bytes);
    registry.account("me", "secret").bearerAuth();
    registry.anonymousPull(false);
    configure(registry, Credentials.basic("me", "secret"));
    String query = "X-Amz-Signature=a%2Fb%2B%253D&response=%20";
    registry
        .on("GET blob")
        .redirect(307, other.origin() + "/v2/app/blobs/" + Digest.of(bytes) + "?" + query);

    byte[] fetched = client.fetchBlobBytes(registry.repository("app"), blob(bytes), 1000).await();

    assertThat(fetched).isEqualTo(bytes);
    RecordedRequest landed = other.requests("GET blob").getFirst();
    assertThat(landed.authorization()).isNull();
    assertThat(landed.query()).isEqualTo(query);
  }

  @Test
  void redirect_otherOriginAnswers401_itsRealmGetsNothing() {
    byte[] bytes = random(1000);
    registry.basicAuth("me", "secret");
    registry.anonymousPull(false);
    configure(registry, Credentials.basic("me", "secret"));
    other.basicAuth("me", "secret");
    other.anonymousPull(false);
    registry.on("GET blob").redirect(302, other.origin() + "/v2/app/blobs/" + Digest.of(bytes));

    failure(client.fetchBlobBytes(registry.repository("app"), blob(bytes), 1000));

    assertThat(other.requests()).allMatch(request -> request.authorization() == null);
  }

  @Test
  void redirect_toAnotherRegistry_anonymousTokenOfItsOwnRealm_andNoCredentialOfTheFirst() {
    byte[] bytes = random(1000);
    other.addBlob("app", bytes);
    other.addManifest("app", "1", MediaType.OCI_INDEX, index());
    other.bearerAuth();
    registry.account("me", "secret").bearerAuth();
    configure(registry, Credentials.basic("me", "secret"));
    configure(other, Credentials.basic("you", "hidden"));
    registry.on("GET blob").redirect(307, other.origin() + "/v2/app/blobs/" + Digest.of(bytes));
    registry.on("HEAD manifest").redirect(307, other.origin() + "/v2/app/manifests/1");

    assertThat(client.fetchBlobBytes(registry.repository("app"), blob(bytes), 1000).await())
        .isEqualTo(bytes);
    assertThat(client.resolve(registry.reference("app", "1")).await().digest())
        .isEqualTo(Digest.of(index()));

    assertThat(other.requests("GET token"))
        .hasSize(1)
        .allMatch(request -> request.authorization() == null);
    assertThat(registry.requests()).isNotEmpty();
    assertThat(other.requests())
        .extracting(RecordedRequest::authorization)
        .allMatch(value -> value == null || value.startsWith("Bearer "));
  }

  @Test
  void redirect_endless_stops() {
    byte[] bytes = random(10);
    registry.on("GET blob").redirect(302, "?again=1");

    RegistryException failure =
        failure(client.fetchBlobBytes(registry.repository("app"), blob(bytes), 10));

    assertThat(failure.code()).isEqualTo(ErrorCode.REFUSED);
    assertThat(registry.count("GET blob")).isLessThanOrEqualTo(11);
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void redirect_everyStatusWithinTheHost_isFollowed(int status) {
    byte[] bytes = random(1000);
    registry.addBlob("app", bytes);
    registry.on("GET blob").once().redirect(status, "/v2/app/blobs/" + Digest.of(bytes));

    assertThat(client.fetchBlobBytes(registry.repository("app"), blob(bytes), 1000).await())
        .isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"file:///etc/passwd", "gopher://127.0.0.1/1", "http://me:pw@127.0.0.1/x"})
  void redirect_toWhatIsNoRegistry_refused(String location) {
    byte[] bytes = random(10);
    registry.on("GET blob").redirect(302, location);

    assertThat(failure(client.fetchBlobBytes(registry.repository("app"), blob(bytes), 10)).code())
        .isEqualTo(ErrorCode.REFUSED);
  }

  @Test
  void tokenRealm_ofAnotherOrigin_getsNothing() {
    registry.account("me", "secret").bearerAuth();
    registry.tokenRealm(other.origin() + "/token");
    configure(registry, Credentials.basic("me", "secret"));

    RegistryException failure = failure(client.resolve(registry.reference("app", "1")));

    assertThat(failure.code()).isEqualTo(ErrorCode.REFUSED);
    assertThat(failure).hasMessageContaining("127.0.0.1:" + other.port());
    assertThat(other.requests()).isEmpty();
  }

  @Test
  void tokenRealm_ofAnotherOriginThatTheConfigurationNames_works() {
    registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    registry.account("me", "secret").bearerAuth();
    registry.tokenRealm(other.origin() + "/token");
    upstreams.put(
        registry.name(),
        new Upstream(
            registry.name(),
            Upstream.of(registry.name()).endpoints(),
            Credentials.basic("me", "secret"),
            Set.of(Origin.of(URI.create(other.origin()))),
            0,
            null));

    failure(client.resolve(registry.reference("app", "1")));

    assertThat(other.requests()).isNotEmpty();
  }

  @Test
  void uploadLocation_ofAnotherOrigin_getsNoAuthorization() {
    byte[] bytes = random(1000);
    registry.account("me", "secret").bearerAuth();
    configure(registry, Credentials.basic("me", "secret"));
    registry
        .on("POST upload")
        .answer(202, Map.of("Location", other.origin() + "/v2/app/blobs/uploads/x?sig=1"), "");

    failure(client.pushBlob(registry.repository("app"), blob(bytes), bytes));

    assertThat(other.requests()).isNotEmpty();
    assertThat(other.requests()).allMatch(request -> request.authorization() == null);
  }

  @Test
  void token_isFetchedOncePerScopeAndReused() {
    registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    registry.bearerAuth();

    for (int i = 0; i < 5; i++) {
      client.resolve(registry.reference("app", "1")).await();
    }

    assertThat(registry.count("GET token")).isEqualTo(1);
    assertThat(registry.count("HEAD manifest")).isEqualTo(6);
  }

  @Test
  void token_expiresMidRun_isRenewedOnceAndTheRequestGoesOn() {
    registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    registry.bearerAuth();
    client.resolve(registry.reference("app", "1")).await();
    registry.revokeTokens();

    client.resolve(registry.reference("app", "1")).await();

    assertThat(registry.count("GET token")).isEqualTo(2);
  }

  @Test
  void unauthorizedForEver_oneRenewalThenAnError() {
    registry.bearerAuth();
    registry
        .on("HEAD manifest")
        .answer(
            401,
            Map.of(
                "WWW-Authenticate",
                "Bearer realm=\"" + registry.origin() + "/token\",service=\"x\""),
            "");

    RegistryException failure = failure(client.resolve(registry.reference("app", "1")));

    assertThat(failure.code()).isEqualTo(ErrorCode.UNAUTHORIZED);
    assertThat(failure.remedy()).contains("docker login");
    assertThat(registry.count("HEAD manifest")).isEqualTo(2);
  }

  @Test
  void credentialsOfOneRegistry_areNotOfferedToAnother() {
    other.basicAuth("me", "secret");
    other.anonymousPull(false);
    configure(registry, Credentials.basic("me", "secret"));

    failure(client.resolve(other.reference("app", "1")));

    assertThat(other.requests()).allMatch(request -> request.authorization() == null);
  }

  // Endpoints

  @ParameterizedTest
  @ValueSource(ints = {404, 429, 500, 503, 403})
  void endpoints_firstFails_secondAnswers(int status) {
    Digest digest = other.addManifest("app", "1", MediaType.OCI_INDEX, index());
    registry.on("GET manifest").answer(status);
    RegistryName hub = endpoints(registry, other);

    RawManifest manifest = client.fetchManifest(ImageReference.parse(hub + "/app:1")).await();

    assertThat(manifest.digest()).isEqualTo(digest);
  }

  @Test
  void endpoints_firstDown_secondAnswers() {
    other.addManifest("app", "1", MediaType.OCI_INDEX, index());
    RegistryName hub = endpoints(registry, other);
    registry.close();

    assertThat(client.find(ImageReference.parse(hub + "/app:1")).await()).isPresent();
  }

  @Test
  void endpoints_firstSilent_secondAnswers_firstIsAskedOnce() {
    Digest digest = other.addManifest("app", "1", MediaType.OCI_INDEX, index());
    RegistryName hub = endpoints(registry, other);
    Gate silence = registry.on("HEAD manifest").hold();
    assertThat(client.resolve(new Repository(hub, "app").tagged(new Tag("1"))).await().digest())
        .isEqualTo(digest);
    assertThat(registry.count("HEAD manifest")).isEqualTo(1);
    silence.open();
  }

  @Test
  void endpoints_oneAbsentOneInTrouble_isNotAbsence() {
    RegistryName hub = endpoints(registry, other);
    other.on("HEAD manifest").answer(503);

    RegistryException failure = failure(client.find(ImageReference.parse(hub + "/app:1")));

    assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(failure).hasMessageContaining("none of 2 endpoints");
  }

  @Test
  void endpoints_blobBreaksAtTheFirst_restComesFromTheSecond() {
    byte[] bytes = random(1_000_000);
    registry.addBlob("app", bytes);
    other.addBlob("app", bytes);
    registry.on("GET blob").resetAt(0.5);
    RegistryName hub = endpoints(registry, other);

    byte[] fetched =
        client.fetchBlobBytes(new Repository(hub, "app"), blob(bytes), 1_000_000).await();

    assertThat(fetched).isEqualTo(bytes);
    assertThat(other.requests("GET blob").getFirst().header("Range")).isNotNull();
  }

  // Lists

  @Test
  void tags_severalPages_allInOrder() {
    IntStream.range(0, 25)
        .forEach(
            i -> registry.addManifest("app", "t%02d".formatted(i), MediaType.OCI_INDEX, index()));
    registry.pageSize(10);

    List<Tag> tags = client.tags(registry.repository("app")).await();

    assertThat(tags).hasSize(25).isSorted();
    assertThat(registry.count("GET tags")).isEqualTo(3);
  }

  @Test
  void tags_nextPageAtAnotherOrigin_refused() {
    registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    registry
        .on("GET tags")
        .header("Link", "<" + other.origin() + "/v2/app/tags/list?last=1>; rel=\"next\"");

    assertThat(failure(client.tags(registry.repository("app"))).code())
        .isEqualTo(ErrorCode.REFUSED);
    assertThat(other.requests()).isEmpty();
  }

  @Test
  void tags_endlessPages_stop() {
    registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    registry.on("GET tags").header("Link", "</v2/app/tags/list?n=1000&last=1>; rel=\"next\"");

    assertThat(failure(client.tags(registry.repository("app"))).code())
        .isEqualTo(ErrorCode.CORRUPT);
  }

  @Test
  void referrers_apiAndFallbackTag_sameAnswer() {
    Digest subject = Digest.of(index());
    byte[] list =
        ("{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[{\"mediaType\":\"%s\","
                + "\"digest\":\"%s\",\"size\":2,\"artifactType\":\"application/x.sbom\"}]}")
            .formatted(MediaType.OCI_INDEX, MediaType.OCI_MANIFEST, Digest.of("{}".getBytes(UTF_8)))
            .getBytes(UTF_8);
    registry.referrersApi(false);
    registry.addManifest("app", Tag.referrersOf(subject).value(), MediaType.OCI_INDEX, list);

    Referrers referrers = client.referrers(registry.repository("app"), subject).await();

    assertThat(referrers.api()).isFalse();
    assertThat(referrers.descriptors())
        .singleElement()
        .satisfies(each -> assertThat(each.artifactType()).isEqualTo("application/x.sbom"));
    assertThat(client.hasReferrersApi(registry.name())).hasValue(false);
    client.referrers(registry.repository("app"), subject).await();
    assertThat(registry.count("GET referrers")).isEqualTo(1);
  }

  @Test
  void referrers_redirectToAWebPage_isNoApi() {
    registry.on("GET referrers").redirect(303, other.origin() + "/-/v2/x");

    Referrers referrers = client.referrers(registry.repository("app"), Digest.of(index())).await();

    assertThat(referrers.api()).isFalse();
    assertThat(other.requests()).isEmpty();
  }

  @Test
  void delete_manifestAndBlob() {
    Digest digest = registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    byte[] bytes = random(10);
    registry.addBlob("app", bytes);

    client.deleteManifest(registry.reference("app", digest.toString())).await();
    client.deleteBlob(registry.repository("app"), Digest.of(bytes)).await();

    assertThat(registry.hasManifest("app", digest.toString())).isFalse();
    assertThat(registry.hasBlob("app", Digest.of(bytes))).isFalse();
  }

  @Test
  void requestCounts_agreeWithTheRegistrysOwn() {
    registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    registry.on("HEAD manifest").once().answer(503);

    client.resolve(registry.reference("app", "1")).await();
    client.fetchManifest(registry.reference("app", "1")).await();

    assertThat(client.requestCounts().get("127.0.0.1:" + registry.port()))
        .isEqualTo(Map.of("HEAD manifest", 2L, "GET manifest", 1L));
  }

  private void copy(byte[] bytes) {
    startCopy(bytes).await();
  }

  private Future<BlobPush> startCopy(byte[] bytes) {
    return client.pushBlob(
        other.repository("copy"),
        blob(bytes),
        (offset, sink) ->
            client.fetchBlob(registry.repository("app"), blob(bytes), ByteRange.from(offset), sink),
        null);
  }
}
