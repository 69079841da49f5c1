package io.entrepot.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.Digest;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The local registry behind TLS, by both versions of HTTP. */
class SecureRegistryTest {

  @TempDir private static Path keys;
  private static TestCertificate certificate;
  private Path directory;
  private RunningProxy proxy;

  @BeforeAll
  static void makeCertificate() throws Exception {
    certificate = TestCertificate.in(keys);
  }

  @BeforeEach
  void start(@TempDir Path temporary) {
    directory = temporary;
    proxy = running();
  }

  @AfterEach
  void stop() {
    proxy.close();
  }

  private RunningProxy running() {
    return running(certificate.tls());
  }

  private RunningProxy running(ProxySettings.Tls tls) {
    return RunningProxy.start(
        directory,
        settings ->
            settings.with(new ProxySettings.Listening("127.0.0.1", 0, tls, Set.of(), false)),
        Duration.ofMinutes(5));
  }

  private static HttpClient client(HttpClient.Version version) {
    return HttpClient.newBuilder().version(version).sslContext(certificate.trusting()).build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v2/", "/livez"})
  void http10_asNginxSpeaksIt_isAnswered(String path) throws Exception {
    try (Socket socket =
        certificate.trusting().getSocketFactory().createSocket("127.0.0.1", proxy.port())) {
      socket.setSoTimeout((int) RunningProxy.PATIENCE.toMillis());
      socket
          .getOutputStream()
          .write("GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n".formatted(path).getBytes(UTF_8));
      assertThat(new String(socket.getInputStream().readNBytes(12), UTF_8)).endsWith(" 200");
    }
  }

  private HttpResponse<byte[]> send(
      HttpClient http, String method, String target, byte[] body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + proxy.port() + target))
            .timeout(RunningProxy.PATIENCE)
            .method(
                method,
                body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), BodyHandlers.ofByteArray());
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void largeBlob_isPulledWholeAndInRanges_alsoAfterRestart(HttpClient.Version version)
      throws Exception {
    byte[] blob = new byte[1_500_000];
    new Random(7).nextBytes(blob);
    Digest digest = Digest.of(blob);
    String target = "/v2/a/b/blobs/" + digest;
    try (HttpClient http = client(version)) {
      HttpResponse<byte[]> pushed =
          send(http, "POST", "/v2/a/b/blobs/uploads/?digest=" + digest, blob);
      assertThat(pushed.statusCode()).isEqualTo(201);
      assertThat(pushed.version()).isEqualTo(version);
      for (int round = 0; round < 2; round++) {
        for (int pull = 0; pull < 2; pull++) {
          assertThat(send(http, "GET", target, new byte[0]).body()).isEqualTo(blob);
        }
        HttpResponse<byte[]> part =
            send(http, "GET", target, new byte[0], "Range", "bytes=100000-1299999");
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(blob, 100_000, 1_300_000));
        proxy.close();
        proxy = running();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void bodyThatNobodyReads_doesNotHoldTheClientUp(HttpClient.Version version) throws Exception {
    try (HttpClient http = client(version)) {
      for (int round = 0; round < 3; round++) {
        HttpResponse<byte[]> begun =
            send(http, "POST", "/v2/a/b/blobs/uploads/", new byte[400_000]);
        assertThat(begun.statusCode()).isEqualTo(202);
        assertThat(send(http, "GET", "/v2/", new byte[0]).statusCode()).isEqualTo(200);
      }
    }
  }

  private boolean trusted(TestCertificate by, HttpClient.Version version) throws Exception {
    // A client of its own, so that no connection from before is used again.
    try (HttpClient http =
        HttpClient.newBuilder().version(version).sslContext(by.trusting()).build()) {
      HttpResponse<byte[]> answer = send(http, "GET", "/v2/", new byte[0]);
      return answer.statusCode() == 200 && answer.version() == version;
    } catch (SSLException distrust) {
      return false;
    }
  }

  private static void put(Path from, Path to) throws Exception {
    Path beside = to.resolveSibling("new");
    Files.copy(from, beside, StandardCopyOption.REPLACE_EXISTING);
    Files.move(beside, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void newCertificate_isShownWithoutRestart_oneThatCannotBeUsedIsNot(
      HttpClient.Version version, @TempDir Path first, @TempDir Path second) throws Exception {
    TestCertificate former = TestCertificate.in(first);
    TestCertificate later = TestCertificate.in(second);
    ProxySettings.Tls files = former.tls();
    proxy.close();
    proxy = running(files);
    assertThat(trusted(former, version)).isTrue();
    assertThat(trusted(later, version)).isFalse();

    try (Told told = new Told()) {
      // Half of the change: a certificate with another's key would fail every client.
      put(later.tls().certificate(), files.certificate());
      proxy.server().readAgain();
      proxy.server().readAgain();
      assertThat(told.lines())
          .singleElement()
          .asString()
          .startsWith("SEVERE the certificate changed; what it was before counts: ")
          .contains("key.pem is not the key of the certificate");
      assertThat(trusted(former, version)).isTrue();

      put(later.tls().key(), files.key());
      // Nobody is asked to look: the server does.
      RunningProxy.until(() -> trusted(later, version));
      assertThat(trusted(former, version)).isFalse();
      assertThat(told.lines()).hasSize(1);

      Files.writeString(files.key(), "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n");
      proxy.server().readAgain();
      Files.delete(files.certificate());
      proxy.server().readAgain();
      assertThat(told.lines())
          .hasSize(3)
          .noneSatisfy(line -> assertThat(line).contains("c2VjcmV0"))
          .last()
          .asString()
          .contains("certificate.pem: no such file");
      assertThat(trusted(later, version)).isTrue();
    }
  }

  @Test
  void certificateOfAnotherKey_isRefusedAtTheStart(@TempDir Path second) throws Exception {
    proxy.close();
    ProxySettings.Tls mixed =
        new ProxySettings.Tls(
            certificate.tls().certificate(), TestCertificate.in(second).tls().key());
    assertThatThrownBy(() -> running(mixed))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not the key of the certificate");
    proxy = running();
  }
}
