package io.entrepot.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.auth.CredentialSources;
import io.entrepot.testing.Profile;
import io.entrepot.testing.Profile.Limit;
import io.entrepot.testing.Profile.Listing;
import io.entrepot.testing.RecordedRequest;
import io.entrepot.testing.RegistryLab;
import io.entrepot.testing.TestKeys;
import io.entrepot.testing.Wire;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The client against every kind of registry, over every kind of wire. */
@Timeout(60)
class ProfilesTest {

  private static final ClientSettings SETTINGS =
      ClientSettings.DEFAULTS.withBackoff(
          Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofSeconds(5));

  private static Vertx vertx;
  private static TestKeys keys;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    vertx = Vertx.vertx();
    keys = TestKeys.make(directory, "lab", "ip:127.0.0.1,dns:localhost");
  }

  @AfterAll
  static void stop() {
    vertx.close().await();
  }

  /** Every profile over every wire. */
  static Stream<Arguments> world() {
    return over(Wire.values());
  }

  /** Every profile, plain and over TLS, for what does not depend on the wire's details. */
  static Stream<Arguments> plainAndTls() {
    return over(Wire.PLAIN, Wire.TLS_HTTP2);
  }

  private static Stream<Arguments> over(Wire... wires) {
    return Arrays.stream(Profile.values())
        .flatMap(profile -> Arrays.stream(wires).map(wire -> Arguments.of(profile, wire)));
  }

  private static RegistryClient client(RegistryLab lab) {
    return new RegistryClient(
        vertx,
        SETTINGS,
        Network.DIRECT,
        CredentialSources.NONE,
        Upstreams.each(any -> lab.upstream()));
  }

  private static byte[] index(String more) {
    return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[]%s}"
        .formatted(MediaType.OCI_INDEX, more)
        .getBytes(UTF_8);
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private static Descriptor blob(byte[] bytes) {
    return Descriptor.of(MediaType.OCTET_STREAM, Digest.of(bytes), bytes.length);
  }

  @ParameterizedTest
  @MethodSource("world")
  void manifestsAndBlobs_pushedAndPulled(Profile profile, Wire wire) {
    byte[] bytes = random(300_000);
    RawManifest manifest = RawManifest.of(MediaType.OCI_INDEX, index(""));
    try (RegistryLab lab = new RegistryLab(vertx, profile, wire, keys);
        RegistryClient client = client(lab)) {
      Repository repository = lab.repository("acme/tool");
      client.pushBlob(repository, blob(bytes), bytes).await();
      client.pushManifest(repository.tagged(new Tag("1")), manifest).await();
      assertThat(client.resolve(repository.tagged(new Tag("1"))).await())
          .isEqualTo(manifest.descriptor());
      assertThat(client.fetchManifest(repository.at(manifest.digest())).await().bytes())
          .isEqualTo(manifest.bytes());
      assertThat(client.fetchBlobBytes(repository, blob(bytes), 300_000).await()).isEqualTo(bytes);
      assertThat(client.findBlob(repository, Digest.of(bytes)).await()).contains(300_000L);
    }
  }

  @ParameterizedTest
  @MethodSource("plainAndTls")
  void blobOfAnotherRepository_mountedOrSent(Profile profile, Wire wire) {
    byte[] bytes = random(1000);
    try (RegistryLab lab = new RegistryLab(vertx, profile, wire, keys);
        RegistryClient client = client(lab)) {
      Repository from = lab.repository("acme/base");
      Repository to = lab.repository("acme/tool");
      client.pushBlob(from, blob(bytes), bytes).await();
      BlobPush push =
          client
              .pushBlob(
                  to,
                  blob(bytes),
                  (offset, sink) ->
                      client.fetchBlob(from, blob(bytes), ByteRange.from(offset), sink),
                  from)
              .await();
      assertThat(push.outcome())
          .isEqualTo(profile.mounts() ? BlobPush.Outcome.MOUNTED : BlobPush.Outcome.UPLOADED);
      assertThat(lab.registry().hasBlob("acme/tool", Digest.of(bytes))).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("plainAndTls")
  void tags_allOfAllPages(Profile profile, Wire wire) {
    try (RegistryLab lab = new RegistryLab(vertx, profile, wire, keys);
        RegistryClient client = client(lab)) {
      for (int i = 0; i < 5; i++) {
        lab.registry().addManifest("acme/tool", "v" + i, MediaType.OCI_INDEX, index(""));
      }
      assertThat(client.tags(lab.repository("acme/tool")).await())
          .extracting(Tag::value)
          .containsExactly("v0", "v1", "v2", "v3", "v4");
    }
  }

  @ParameterizedTest
  @MethodSource("plainAndTls")
  void repositoryThatIsNotThere_isAbsentOnlyWhereTheRegistrySaysSo(Profile profile, Wire wire) {
    try (RegistryLab lab = new RegistryLab(vertx, profile, wire, keys);
        RegistryClient client = client(lab)) {
      Repository repository = lab.repository("nowhere/tool");
      boolean said =
          profile.absent() == Profile.Absent.NOT_FOUND
              || profile.challenge() == Profile.Challenge.NONE;
      if (said) {
        assertThat(client.find(repository.tagged(new Tag("1"))).await()).isEmpty();
      } else {
        RegistryException failure =
            catchThrowableOfType(
                RegistryException.class,
                () -> client.find(repository.tagged(new Tag("1"))).await());
        assertThat(failure.status()).isEqualTo(profile.absent().status());
        assertThat(failure.remedy()).isNotNull();
      }
      client.expectPushes(repository);
      assertThat(client.find(repository.tagged(new Tag("1"))).await()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("plainAndTls")
  void referrers_byTheApiOrByTheFallbackTag(Profile profile, Wire wire) {
    byte[] subject = index("");
    try (RegistryLab lab = new RegistryLab(vertx, profile, wire, keys);
        RegistryClient client = client(lab)) {
      lab.registry().addManifest("acme/tool", "1", MediaType.OCI_INDEX, subject);
      StringBuilder entries = new StringBuilder();
      for (int i = 0; i < 3; i++) {
        byte[] referrer =
            index(
                ",\"annotations\":{\"n\":\"%d\"},\"subject\":{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
                    .formatted(i, MediaType.OCI_INDEX, Digest.of(subject), subject.length));
        lab.registry().addManifest("acme/tool", null, MediaType.OCI_INDEX, referrer);
        entries.append(
            "%s{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
                .formatted(
                    i == 0 ? "" : ",", MediaType.OCI_INDEX, Digest.of(referrer), referrer.length));
      }
      byte[] list =
          "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
              .formatted(MediaType.OCI_INDEX, entries)
              .getBytes(UTF_8);
      lab.registry()
          .addManifest(
              "acme/tool", Tag.referrersOf(Digest.of(subject)).value(), MediaType.OCI_INDEX, list);
      Referrers found = client.referrers(lab.repository("acme/tool"), Digest.of(subject)).await();
      assertThat(found.descriptors()).hasSize(3);
      assertThat(found.api()).isEqualTo(profile.listing() == Listing.API);
    }
  }

  @ParameterizedTest
  @MethodSource("plainAndTls")
  void limits_quotasAreTold_requestsAMinuteAreWaitedFor(Profile profile, Wire wire) {
    try (RegistryLab lab = new RegistryLab(vertx, profile, wire, keys);
        RegistryClient client = client(lab)) {
      lab.registry().addManifest("acme/tool", "1", MediaType.OCI_INDEX, index(""));
      if (profile.limit() == Limit.PER_MINUTE) {
        lab.registry()
            .on(request -> request.kind().equals("HEAD manifest") && isProven(request))
            .once()
            .answer(
                429,
                Map.of("RateLimit-Limit", "60", "RateLimit-Remaining", "0", "Retry-After", "1"),
                "Retry later");
      }
      assertThat(client.resolve(lab.repository("acme/tool").tagged(new Tag("1"))).await().digest())
          .isEqualTo(Digest.of(index("")));
      assertThat(
              client.rateLimit(lab.upstream().name()).map(RateLimit::remaining).stream().toList())
          .isEqualTo(profile.limit() == Limit.QUOTA ? List.of(90) : List.of());
    }
  }

  private static boolean isProven(RecordedRequest request) {
    return request.authorization() != null;
  }

  @ParameterizedTest
  @MethodSource("world")
  void credentials_goToNoOtherOrigin(Profile profile, Wire wire) {
    byte[] bytes = random(1000);
    try (RegistryLab lab = new RegistryLab(vertx, profile, wire, keys);
        RegistryClient client = client(lab)) {
      lab.registry().addBlob("acme/tool", bytes);
      assertThat(client.fetchBlobBytes(lab.repository("acme/tool"), blob(bytes), 1000).await())
          .isEqualTo(bytes);
      assertThat(lab.registry().requests())
          .filteredOn(request -> !request.path().startsWith("/v2/") && !isToken(request))
          .allMatch(request -> request.authorization() == null);
    }
  }

  private static boolean isToken(RecordedRequest request) {
    return request.kind().endsWith("token");
  }
}
