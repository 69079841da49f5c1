package io.entrepot.verify;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Repository;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryException;
import io.entrepot.testing.TestClients;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RegistryContentTest {

  private final Vertx vertx = Vertx.vertx();
  private final WireMockServer registry =
      new WireMockServer(WireMockConfiguration.options().dynamicPort());
  private final byte[] big = new byte[24 << 20];

  @BeforeEach
  void start() {
    registry.start();
    new Random(7).nextBytes(big);
  }

  @AfterEach
  void stop() {
    registry.stop();
    vertx.close().await();
  }

  private RegistryContent content() {
    return new RegistryContent(
        TestClients.impatient(vertx), Repository.parse("localhost:" + registry.port() + "/a/app"));
  }

  private Descriptor serve(byte[] stated, byte[] sent) {
    Descriptor blob = Descriptor.of(MediaType.OCTET_STREAM, Digest.of(stated), stated.length);
    registry.stubFor(
        get("/v2/a/app/blobs/" + blob.digest()).willReturn(aResponse().withBody(sent)));
    return blob;
  }

  @Test
  void layerLargerThanThePipe_arrivesWhole() throws IOException {
    Descriptor blob = serve(big, big);
    assertThat(content().<byte[]>read(blob, InputStream::readAllBytes)).isEqualTo(big);
  }

  @Test
  void readerThatStopsEarly_leavesTheClientUsable() throws IOException {
    Descriptor blob = serve(big, big);
    RegistryContent content = content();
    for (int i = 0; i < 5; i++) {
      assertThat(content.<byte[]>read(blob, in -> in.readNBytes(10))).hasSize(10);
    }
    assertThat(content.<byte[]>read(blob, InputStream::readAllBytes)).hasSize(big.length);
  }

  @Test
  void wrongBytes_endTheRead_withTheClientsOwnFailure() {
    byte[] other = big.clone();
    other[other.length - 1]++;
    Descriptor blob = serve(big, other);
    assertThatThrownBy(() -> content().<byte[]>read(blob, InputStream::readAllBytes))
        .isInstanceOfSatisfying(
            RegistryException.class,
            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.CORRUPT));
  }

  @Test
  void absentLayer_isAnAbsence() {
    Descriptor blob = Descriptor.of(MediaType.OCTET_STREAM, Digest.of(big), big.length);
    assertThatThrownBy(() -> content().<byte[]>read(blob, InputStream::readAllBytes))
        .isInstanceOfSatisfying(
            RegistryException.class, failure -> assertThat(failure.code().isAbsence()).isTrue());
  }

  @Test
  void manifestsAndSmallBlobs_areFetchedByDigest() {
    byte[] json = "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(StandardCharsets.UTF_8);
    RawManifest index = RawManifest.of(MediaType.OCI_INDEX, json);
    registry.stubFor(
        get("/v2/a/app/manifests/" + index.digest())
            .willReturn(
                aResponse()
                    .withHeader("Content-Type", MediaType.OCI_INDEX.value())
                    .withBody(json)));
    RegistryContent content = content();
    assertThat(content.manifest(index.descriptor()).digest()).isEqualTo(index.digest());
    byte[] small = {1, 2, 3};
    assertThat(content.blob(serve(small, small), 100)).isEqualTo(small);
  }
}
