package io.entrepot.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.testing.TestRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections that are reset by clients: everyday life, of which no log needs to tell. */
class LeavingClientsTest {

  private static final byte[] LAYER = new byte[8 << 20];

  static {
    new Random(3).nextBytes(LAYER);
  }

  private Told told;
  private TestRegistry hub;
  private RunningProxy proxy;
  private String blob;

  @BeforeEach
  void start(@TempDir Path directory) {
    hub = TestRegistry.start();
    blob = "/v2/docker.io/library/redis/blobs/" + hub.addBlob("library/redis", LAYER);
    proxy = RunningProxy.start(directory, hub);
    told = new Told();
  }

  @AfterEach
  void stop() {
    told.close();
    proxy.close();
    hub.close();
  }

  private void askAndLeave(String head, byte[] body) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
      socket.setSoLinger(true, 0);
      socket.getOutputStream().write((head + "\r\nHost: localhost\r\n").getBytes(US_ASCII));
      if (body.length == 0) {
        socket.getOutputStream().write("\r\n".getBytes(US_ASCII));
        assertThat(socket.getInputStream().readNBytes(1000)).hasSize(1000);
      } else {
        socket
            .getOutputStream()
            .write(("Content-Length: " + body.length * 2 + "\r\n\r\n").getBytes(US_ASCII));
        socket.getOutputStream().write(body);
        socket.getOutputStream().flush();
      }
    }
  }

  @Test
  void whilePulling_coldAndWarm_nothingIsLogged() throws Exception {
    for (int round = 0; round < 2; round++) {
      for (int client = 0; client < 4; client++) {
        askAndLeave("GET " + blob + " HTTP/1.1", new byte[0]);
      }
      assertThat(proxy.get(blob).body()).isEqualTo(LAYER);
      proxy.settle();
    }
    assertThat(hub.count("GET blob")).isEqualTo(1);
    assertThat(told.lines()).isEmpty();
  }

  @Test
  void whilePushing_nothingIsLoggedAndNothingIsKept() throws Exception {
    byte[] part = new byte[200_000];
    String uploads = "POST /v2/team/app/blobs/uploads/?digest=" + Digest.of(part) + " HTTP/1.1";
    String manifest =
        "PUT /v2/team/app/manifests/1 HTTP/1.1\r\nContent-Type: application/vnd.oci.image.index.v1+json";
    for (int client = 0; client < 4; client++) {
      askAndLeave(uploads, part);
      askAndLeave(manifest, part);
    }
    byte[] whole = {1, 2, 3};
    HttpResponse<byte[]> pushed =
        proxy.send("POST", "/v2/team/app/blobs/uploads/?digest=" + Digest.of(whole), whole);
    assertThat(pushed.statusCode()).isEqualTo(201);
    assertThat(told.lines()).isEmpty();
    assertThat(proxy.server().store().contents().count()).isEqualTo(1);
  }
}
