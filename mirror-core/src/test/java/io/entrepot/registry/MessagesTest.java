package io.entrepot.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MediaType;
import io.entrepot.registry.auth.Credentials;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Failures that are right to fail say why, and what to do. */
@Timeout(60)
class MessagesTest extends RegistryScene {

  @Test
  void nameThatDoesNotExist_saysSo() {
    RegistryException failure =
        failure(client.resolve(ImageReference.parse("registry.does-not-exist.invalid/app:1")));
    assertThat(failure.code()).isEqualTo(ErrorCode.UNREACHABLE);
    assertThat(failure).hasMessageContaining("no such host");
    assertThat(failure.remedy()).contains("DNS");
  }

  @Test
  void portWhereNothingListens_saysSo() throws Exception {
    int port;
    try (java.net.ServerSocket taken =
        new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      port = taken.getLocalPort();
    }
    RegistryException failure =
        failure(client.resolve(ImageReference.parse("127.0.0.1:%d/app:1".formatted(port))));
    assertThat(failure.code()).isEqualTo(ErrorCode.UNREACHABLE);
    assertThat(failure)
        .hasMessageContaining("connection refused: nothing listens at")
        .hasMessageContaining("127.0.0.1:" + port)
        .hasMessageNotContaining("finishConnect");
    assertThat(failure.remedy()).contains("port");
  }

  @Test
  void tagsOfARepositoryThatDoesNotExist_adviceIsNotToListItsTags() {
    RegistryException failure = failure(client.tags(registry.repository("none")));
    assertThat(failure.status()).isEqualTo(404);
    assertThat(failure.remedy())
        .contains("spelling", "docker login")
        .doesNotContain("entrepot tags");
  }

  @Test
  void bodyTooLargeForAProxy_namesItsSetting() {
    byte[] bytes = random(2_000_000);
    registry.on("PUT upload").answer(413);
    registry.on("PATCH upload").answer(413);
    RegistryException failure =
        failure(client.pushBlob(registry.repository("app"), blob(bytes), bytes));
    assertThat(failure.status()).isEqualTo(413);
    assertThat(failure.remedy()).contains("client_max_body_size", "1 MiB");
  }

  @Test
  void uploadAtAnotherOriginThatWantsCredentials_saysThatNoneWentThere() {
    byte[] bytes = random(10);
    registry.account("me", "secret").bearerAuth();
    configure(registry, Credentials.basic("me", "secret"));
    other.basicAuth("me", "secret");
    other.anonymousPull(false);
    registry
        .on("POST upload")
        .answer(
            202,
            java.util.Map.of("Location", other.origin() + "/v2/app/blobs/uploads/1"),
            new byte[0]);
    RegistryException failure =
        failure(client.pushBlob(registry.repository("app"), blob(bytes), bytes));
    assertThat(failure.code()).isEqualTo(ErrorCode.UNAUTHORIZED);
    assertThat(failure.remedy()).contains("another origin", "no credential", other.origin());
    assertThat(other.requests()).allMatch(request -> request.authorization() == null);
  }

  @Test
  void manifestThatIsCutJson_noWordOfTheParsersInsides() {
    registry.addManifest("app", "1", MediaType.OCI_INDEX, "{\"schemaVersion\":2".getBytes(UTF_8));
    try {
      client.fetchManifest(registry.reference("app", "1")).await().parse();
    } catch (io.entrepot.oci.MalformedException e) {
      assertThat(e).hasMessageContaining("not a manifest").hasMessageNotContaining("Source");
      return;
    }
    throw new AssertionError("cut JSON was read");
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403})
  void repositoryAboutToBeWritten_thatTheRegistryRefusesToShow_isNotThere(int status) {
    ImageReference image = registry.reference("new", "1");
    registry.on("HEAD manifest").answer(status);
    registry.on("GET manifest").answer(status);
    registry.on("HEAD blob").answer(status);
    assertThat(failure(client.find(image)).status()).isEqualTo(status);
    client.expectPushes(image.repository());
    assertThat(client.find(image).await()).isEmpty();
    assertThat(client.findManifest(image).await()).isEmpty();
    assertThat(client.hasBlob(image.repository(), blob(random(1))).await()).isFalse();
    assertThat(failure(client.find(registry.reference("other", "1"))).status()).isEqualTo(status);
    assertThat(failure(client.resolve(image)).status()).isEqualTo(status);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403})
  void signedAddressThatExpired_isAskedForAgain(int status) {
    byte[] bytes = random(1000);
    Digest digest = registry.addBlob("app", bytes);
    registry.blobsFromCdn(true);
    registry.on("GET cdn").once().answer(status);
    assertThat(client.fetchBlobBytes(registry.repository("app"), blob(bytes), 1000).await())
        .isEqualTo(bytes);
    assertThat(registry.count("GET blob")).as("asked for " + digest).isEqualTo(2);
    assertThat(registry.count("GET cdn")).isEqualTo(2);
  }

  @Test
  void addressThatStaysRefused_isAskedForTwice_andTheMessageSaysWhoRefuses() {
    byte[] bytes = random(1000);
    registry.addBlob("app", bytes);
    registry.blobsFromCdn(true);
    registry.on("GET cdn").answer(403);
    RegistryException failure =
        failure(client.fetchBlobBytes(registry.repository("app"), blob(bytes), 1000));
    assertThat(failure.status()).isEqualTo(403);
    assertThat(failure).hasMessageContaining("said by " + registry.cdnOrigin());
    assertThat(failure.remedy()).contains("clock").doesNotContain("account");
    assertThat(registry.count("GET blob")).isEqualTo(2);
  }
}
