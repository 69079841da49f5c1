package io.entrepot.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Long answers in memory, and clients that do not read them. */
class SilentReadersTest {

  /** A socket's buffers take a part of it. */
  private static final int LENGTH = 4_000_000;

  private RunningProxy proxy;
  private String manifest;
  private byte[] bytes;

  @BeforeEach
  void push(@TempDir Path directory) throws Exception {
    proxy = RunningProxy.start(directory);
    bytes =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[],\"annotations\":{\"a\":\"%s\"}}"
            .formatted(MediaType.OCI_INDEX, "a".repeat(LENGTH))
            .getBytes(UTF_8);
    manifest = "/v2/team/app/manifests/" + Digest.of(bytes);
    assertThat(
            proxy
                .send("PUT", manifest, bytes, "Content-Type", MediaType.OCI_INDEX.value())
                .statusCode())
        .isEqualTo(201);
  }

  @AfterEach
  void stop() {
    proxy.close();
  }

  @Test
  void longManifest_arrivesWhole_andInParts() throws Exception {
    HttpResponse<byte[]> whole = proxy.get(manifest);
    assertThat(whole.statusCode()).isEqualTo(200);
    assertThat(whole.body()).isEqualTo(bytes);
    try (RawConnection slow = RawConnection.narrow(proxy)) {
      slow.send("GET " + manifest + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(RawConnection.status(slow.head())).isEqualTo(200);
      assertThat(slow.input().readNBytes(bytes.length)).isEqualTo(bytes);
      slow.send("GET /v2/ HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(RawConnection.status(slow.head())).isEqualTo(200);
    }
  }

  @Test
  void clientsThatReadNothingOfIt_areNotWithoutBound_andOthersAreServed() throws Exception {
    List<RawConnection> silent = new ArrayList<>();
    List<Integer> answers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      RawConnection each = RawConnection.narrow(proxy);
      silent.add(each);
      each.send("GET " + manifest + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
      answers.add(RawConnection.status(each.head()));
    }
    assertThat(answers).containsOnly(200, 503).startsWith(200).endsWith(503);
    assertThat(proxy.get("/v2/team/app/tags/list").statusCode()).isEqualTo(200);
    for (RawConnection each : silent) {
      each.reset();
    }
    RunningProxy.until(() -> proxy.get(manifest).statusCode() == 200);
  }
}
