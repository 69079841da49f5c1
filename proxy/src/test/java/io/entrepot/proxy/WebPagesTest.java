package io.entrepot.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.RegistryName;
import io.entrepot.testing.TestRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Web pages that a browser on the same machine shows: they neither push nor read. */
class WebPagesTest {

  private RunningProxy proxy;

  @BeforeEach
  void start(@TempDir Path directory) {
    proxy =
        RunningProxy.start(
            directory,
            settings ->
                settings.with(
                    new ProxySettings.Listening(
                        "127.0.0.1", 0, null, Set.of(new RegistryName("cache.test:80")), false)),
            java.time.Duration.ofMinutes(5),
            new TestRegistry[0]);
  }

  @AfterEach
  void stop() {
    proxy.close();
  }

  private int status(String request, String... headers) throws Exception {
    try (RawConnection client = RawConnection.to(proxy)) {
      client.send(
          request
              + " HTTP/1.1\r\nContent-Length: 0\r\nConnection: close\r\n"
              + String.join("", List.of(headers).stream().map(each -> each + "\r\n").toList())
              + "\r\n");
      return RawConnection.status(client.everything());
    }
  }

  @Test
  void nameThatPointsHere_isNotThisRegistry() throws Exception {
    for (String host :
        List.of(
            "evil.example",
            "evil.example:5000",
            "localhost.evil.example",
            "cafe.ad",
            "1.2.3.be:5000")) {
      for (String request :
          List.of("GET /v2/", "GET /v2/_catalog", "POST /v2/a/b/blobs/uploads/", "GET /metrics")) {
        assertThat(status(request, "Host: " + host)).as("%s of %s", request, host).isEqualTo(421);
      }
    }
  }

  @Test
  void namesOfThisMachine_areServed() throws Exception {
    for (String host :
        List.of(
            "localhost",
            "LOCALHOST:5000",
            "k3d-entrepot.localhost:5000",
            "host.k3d.internal",
            "127.0.0.1:1",
            "[::1]:5000",
            "[fe80::ad:cafe]",
            "cache.test:80",
            "cache.test")) {
      assertThat(status("GET /v2/", "Host: " + host)).as(host).isEqualTo(200);
    }
  }

  @Test
  void requestOfAnotherSite_isRefused() throws Exception {
    String post = "POST /v2/a/b/blobs/uploads/";
    assertThat(status(post, "Host: localhost", "Sec-Fetch-Site: cross-site")).isEqualTo(403);
    assertThat(status(post, "Host: localhost", "Origin: http://evil.example")).isEqualTo(403);
    assertThat(status(post, "Host: localhost", "Origin: null")).isEqualTo(403);
    assertThat(status(post, "Host: localhost", "Origin: ")).isEqualTo(403);
    assertThat(status(post, "Host: localhost", "Origin: http://localhost:5000")).isEqualTo(202);
    assertThat(status(post, "Host: localhost", "Sec-Fetch-Site: none")).isEqualTo(202);
    assertThat(status(post, "Host: localhost")).isEqualTo(202);
  }
}
