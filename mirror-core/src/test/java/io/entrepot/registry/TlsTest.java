package io.entrepot.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.RegistryName;
import io.entrepot.registry.auth.CredentialSources;
import io.entrepot.registry.auth.Credentials;
import io.entrepot.testing.TestKeys;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PfxOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Registries behind TLS and forward proxies. */
@Timeout(60)
class TlsTest {

  private static final String INDEX = "{\"schemaVersion\":2,\"manifests\":[]}";
  private static final ClientSettings SETTINGS =
      ClientSettings.DEFAULTS.withBackoff(
          Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofSeconds(1));

  private static Vertx vertx;
  private static Path keys;
  private static volatile @Nullable String redirect;
  private static HttpServer good;
  private static HttpServer wrongName;
  private static Path authority;
  private static Path otherAuthority;
  private static final List<HttpVersion> VERSIONS = new CopyOnWriteArrayList<>();
  private static final List<String> PATHS = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    vertx = Vertx.vertx();
    TestKeys good = TestKeys.make(directory, "good", "ip:127.0.0.1,dns:localhost");
    TestKeys other = TestKeys.make(directory, "other", "dns:other.example");
    authority = good.certificate();
    otherAuthority = other.certificate();
    keys = good.store();
    TlsTest.good = server(keys, Offer.HTTP_2_AND_1);
    wrongName = server(other.store(), Offer.HTTP_2_AND_1);
  }

  @AfterAll
  static void stop() {
    vertx.close().await();
  }

  @BeforeEach
  void clear() {
    VERSIONS.clear();
    PATHS.clear();
  }

  @Test
  void ownAuthority_overHttp2() {
    try (RegistryClient client = client(good, authority, Network.DIRECT)) {
      assertThat(client.fetchManifest(image(good, "1")).await().digest())
          .isEqualTo(Digest.of(INDEX.getBytes(UTF_8)));
      assertThat(VERSIONS).containsOnly(HttpVersion.HTTP_2);
    }
  }

  /** The same loopback by a literal of IPv6, which is no name that a handshake could send. */
  @Test
  void addressOfIpv6_isReached() {
    RegistryName name = new RegistryName("[::ffff:7f00:1]:" + good.actualPort());
    try (RegistryClient client = client(name, authority, Network.DIRECT)) {
      assertThat(client.fetchManifest(ImageReference.parse(name + "/app:1")).await().digest())
          .isEqualTo(Digest.of(INDEX.getBytes(UTF_8)));
      assertThat(VERSIONS).containsOnly(HttpVersion.HTTP_2);
    }
  }

  /** What a server says of HTTP/2 during the handshake. */
  private enum Offer {
    HTTP_2_AND_1,
    HTTP_1_ONLY,
    NO_ALPN
  }

  @ParameterizedTest
  @EnumSource
  void everyProtocol_manifestsBlobsAndPushes(Offer offer) {
    HttpServer server = server(keys, offer);
    try (RegistryClient client = client(server, authority, Network.DIRECT)) {
      ImageReference image = image(server, "1");
      Digest digest = Digest.of(INDEX.getBytes(UTF_8));
      Descriptor blob = Descriptor.of(MediaType.OCTET_STREAM, digest, INDEX.length());
      assertThat(client.fetchManifest(image).await().digest()).isEqualTo(digest);
      assertThat(client.fetchBlobBytes(image.repository(), blob, 100).await())
          .isEqualTo(INDEX.getBytes(UTF_8));
      client
          .pushManifest(image, RawManifest.of(MediaType.OCI_INDEX, INDEX.getBytes(UTF_8)))
          .await();
      assertThat(VERSIONS)
          .hasSize(3)
          .containsOnly(offer == Offer.HTTP_2_AND_1 ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1_1);
    } finally {
      server.close().await();
    }
  }

  @ParameterizedTest
  @EnumSource
  void redirectTarget_ofEveryProtocol_isReached(Offer offer) {
    HttpServer store = server(keys, offer);
    try (RegistryClient client = client(good, authority, Network.DIRECT)) {
      redirect = "https://localhost:" + store.actualPort() + "/blob";
      Digest digest = Digest.of(INDEX.getBytes(UTF_8));
      Descriptor blob = Descriptor.of(MediaType.OCTET_STREAM, digest, INDEX.length());
      assertThat(client.fetchBlobBytes(image(good, "redirected").repository(), blob, 100).await())
          .isEqualTo(INDEX.getBytes(UTF_8));
      assertThat(PATHS).contains("/blob");
    } finally {
      redirect = null;
      store.close().await();
    }
  }

  @Test
  void unknownAuthority_failsWithTheRemedy_andNeverInPlainText() {
    try (RegistryClient client = client(good, null, Network.DIRECT)) {
      RegistryException failure = failure(client, image(good, "1"));

      assertThat(failure.code()).isEqualTo(ErrorCode.REFUSED);
      assertThat(failure.remedy()).contains("ca:");
      assertThat(PATHS).isEmpty();
    }
  }

  @Test
  void authorityOfTheMachine_isTrusted_onlyForItsOwnNames() {
    Network network = Network.fromEnvironment(Map.of("SSL_CERT_FILE", authority.toString()));
    try (RegistryClient client = client(good, null, network)) {
      assertThat(client.fetchManifest(image(good, "1")).await().digest())
          .isEqualTo(Digest.of(INDEX.getBytes(UTF_8)));
    }
    Network other = Network.fromEnvironment(Map.of("SSL_CERT_FILE", otherAuthority.toString()));
    try (RegistryClient client = client(good, null, other)) {
      assertThat(failure(client, image(good, "1")).code()).isEqualTo(ErrorCode.REFUSED);
    }
    try (RegistryClient client = client(wrongName, null, other)) {
      assertThat(failure(client, image(wrongName, "1")).code()).isEqualTo(ErrorCode.REFUSED);
    }
  }

  @Test
  void authorityOfTheMachine_besideARegistrysOwn() {
    Network network = Network.fromEnvironment(Map.of("SSL_CERT_FILE", authority.toString()));
    try (RegistryClient client = client(good, otherAuthority, network)) {
      assertThat(client.fetchManifest(image(good, "1")).await().digest())
          .isEqualTo(Digest.of(INDEX.getBytes(UTF_8)));
    }
  }

  @Test
  void missingFileOfTheMachine_isNamed() {
    Network network = Network.fromEnvironment(Map.of("SSL_CERT_FILE", "/nowhere/bundle.pem"));
    try (RegistryClient client = client(good, null, network)) {
      assertThat(failure(client, image(good, "1"))).hasMessageContaining("/nowhere/bundle.pem");
    }
  }

  @Test
  void certificateOfAnotherHost_fails() {
    try (RegistryClient client = client(wrongName, otherAuthority, Network.DIRECT)) {
      assertThat(failure(client, image(wrongName, "1")).code()).isEqualTo(ErrorCode.REFUSED);
      assertThat(PATHS).isEmpty();
    }
  }

  @Test
  void redirectFromHttpsToHttp_isRefused() {
    try (RegistryClient client = client(good, authority, Network.DIRECT)) {
      RegistryException failure = failure(client, image(good, "downgrade"));

      assertThat(failure.code()).isEqualTo(ErrorCode.REFUSED);
      assertThat(failure).hasMessageContaining("from https to http://127.0.0.1:9");
    }
  }

  @Test
  void uploadLocationFromHttpsToHttp_isRefused() {
    try (RegistryClient client = client(good, authority, Network.DIRECT)) {
      byte[] bytes = {1};
      RegistryException failure =
          catchThrowableOfType(
              RegistryException.class,
              () ->
                  client
                      .pushBlob(
                          image(good, "1").repository(),
                          Descriptor.of(MediaType.OCTET_STREAM, Digest.of(bytes), 1),
                          bytes)
                      .await());

      assertThat(failure.code()).isEqualTo(ErrorCode.REFUSED);
    }
  }

  @Test
  void missingAuthorityFile_saysWhichFile() {
    try (RegistryClient client = client(good, Path.of("/nowhere/ca.pem"), Network.DIRECT)) {
      assertThat(failure(client, image(good, "1"))).hasMessageContaining("/nowhere/ca.pem");
    }
  }

  @Test
  void httpsProxy_tunnelsByConnect() throws Exception {
    try (ConnectProxy proxy = new ConnectProxy(good.actualPort())) {
      // Loopback never goes to a proxy, so the registry has a name that only the proxy knows.
      Network proxies =
          Network.fromEnvironment(Map.of("HTTPS_PROXY", "http://127.0.0.1:" + proxy.port()));
      RegistryName name = new RegistryName("registry.invalid");
      try (RegistryClient client =
          new RegistryClient(
              vertx, SETTINGS, proxies, CredentialSources.NONE, Upstreams.standard())) {
        assertThat(
                catchThrowableOfType(
                    RegistryException.class,
                    () -> client.resolve(ImageReference.parse(name + "/app:1")).await()))
            .isNotNull();
      }
      assertThat(proxy.lines())
          .isNotEmpty()
          .allMatch(line -> line.startsWith("CONNECT registry.invalid:443"));
    }
  }

  private static RegistryException failure(RegistryClient client, ImageReference image) {
    RegistryException failure =
        catchThrowableOfType(RegistryException.class, () -> client.fetchManifest(image).await());
    assertThat(failure).as("a failure").isNotNull();
    return failure;
  }

  private static ImageReference image(HttpServer server, String tag) {
    return ImageReference.parse("127.0.0.1:" + server.actualPort() + "/app:" + tag);
  }

  private static RegistryClient client(HttpServer server, @Nullable Path ca, Network network) {
    return client(new RegistryName("127.0.0.1:" + server.actualPort()), ca, network);
  }

  private static RegistryClient client(RegistryName name, @Nullable Path ca, Network network) {
    Upstream upstream =
        new Upstream(
            name,
            List.of(Endpoint.parse("https://" + name)),
            Credentials.basic("me", "secret"),
            Set.of(),
            0,
            ca);
    return new RegistryClient(
        vertx, SETTINGS, network, CredentialSources.NONE, Upstreams.each(any -> upstream));
  }

  private static HttpServer server(Path keys, Offer offer) {
    HttpServerOptions options =
        new HttpServerOptions()
            .setSsl(true)
            .setUseAlpn(offer != Offer.NO_ALPN)
            .setAlpnVersions(
                offer == Offer.HTTP_2_AND_1
                    ? List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1)
                    : List.of(HttpVersion.HTTP_1_1))
            .setKeyCertOptions(
                new PfxOptions().setPath(keys.toString()).setPassword(TestKeys.PASSWORD));
    return vertx
        .createHttpServer(options)
        .requestHandler(
            request -> {
              VERSIONS.add(request.version());
              String path = String.valueOf(request.path());
              PATHS.add(path);
              if (path.endsWith("/downgrade")) {
                request
                    .response()
                    .setStatusCode(302)
                    .putHeader("Location", "http://127.0.0.1:9/x")
                    .end();
              } else if (redirect != null && path.contains("/blobs/")) {
                request.response().setStatusCode(307).putHeader("Location", redirect).end();
              } else if (request.method().equals(HttpMethod.PUT)) {
                request.endHandler(end -> request.response().setStatusCode(201).end());
              } else if (path.endsWith("/uploads/")) {
                request
                    .response()
                    .setStatusCode(202)
                    .putHeader("Location", "http://127.0.0.1:9/x")
                    .end();
              } else {
                request
                    .response()
                    .putHeader("Content-Type", MediaType.OCI_INDEX.value())
                    .end(INDEX);
              }
            })
        .listen(0, "127.0.0.1")
        .await();
  }

  /** Takes CONNECT for any host and hangs up: enough to see who asked for what. */
  private static final class ConnectProxy implements AutoCloseable {

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<String> lines = new CopyOnWriteArrayList<>();

    ConnectProxy(int behind) throws IOException {
      Thread.ofVirtual().start(() -> accept(behind));
    }

    int port() {
      return listener.getLocalPort();
    }

    List<String> lines() {
      return lines;
    }

    private void accept(int behind) {
      while (!listener.isClosed()) {
        try (Socket client = listener.accept()) {
          lines.add(firstLine(client.getInputStream()));
          try (Socket server = new Socket(InetAddress.getLoopbackAddress(), behind)) {
            OutputStream out = client.getOutputStream();
            out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(UTF_8));
            out.flush();
            Thread back = Thread.ofVirtual().start(() -> pump(server, client));
            pump(client, server);
            back.join(1000);
          }
        } catch (IOException e) {
          // The client hung up, or the test is over.
        } catch (InterruptedException e) {
          return;
        }
      }
    }

    private static String firstLine(InputStream in) throws IOException {
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int c = in.read();
        if (c < 0) {
          break;
        }
        head.append((char) c);
      }
      return head.substring(0, Math.max(0, head.indexOf("\r\n")));
    }

    private static void pump(Socket from, Socket to) {
      try {
        from.getInputStream().transferTo(to.getOutputStream());
        to.shutdownOutput();
      } catch (IOException e) {
        // One side hung up.
      }
    }

    @Override
    public void close() throws IOException {
      listener.close();
    }
  }
}
