package io.entrepot.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.testing.TestRegistry;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Floods of HTTP/2 frames (RFC 9113). */
class HostileHttp2Test {

  private static final byte[] BLOB = new byte[1 << 20];
  private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int CONTINUATION = 9;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;

  static {
    new Random(9).nextBytes(BLOB);
  }

  @TempDir private static Path keys;
  private static TestCertificate certificate;

  @BeforeAll
  static void makeCertificate() throws Exception {
    certificate = TestCertificate.in(keys);
  }

  private TestRegistry hub;
  private RunningProxy proxy;
  private String blob;

  @BeforeEach
  void start(@TempDir Path directory) {
    hub = TestRegistry.start();
    blob = "/v2/docker.io/library/redis/blobs/" + hub.addBlob("library/redis", BLOB);
    proxy =
        RunningProxy.start(
            directory,
            settings ->
                settings.with(
                    new ProxySettings.Listening(
                        "127.0.0.1", 0, certificate.tls(), Set.of(), false)),
            Duration.ofMinutes(5),
            hub);
  }

  @AfterEach
  void stop() {
    proxy.close();
    hub.close();
  }

  private static byte[] frame(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) (payload.length >> 16))
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  /** GET, http, the path and an authority, nothing of it in a table (RFC 7541). */
  private static byte[] get(String path) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    block.write(0x82);
    block.write(0x86);
    block.write(0x04);
    block.write(path.length() < 127 ? path.length() : 127);
    if (path.length() >= 127) {
      block.write(path.length() - 127);
    }
    block.writeBytes(path.getBytes(US_ASCII));
    block.write(0x01);
    block.write(1);
    block.write('x');
    return block.toByteArray();
  }

  private RawConnection open(byte[] settings) throws IOException {
    return RawConnection.overHttp2(proxy, certificate.trusting())
        .send(PREFACE)
        .send(frame(SETTINGS, 0, 0, settings));
  }

  /** Reads frames until one of that type came or the connection ended; false where it ended. */
  private static boolean comes(RawConnection connection, int type) throws IOException {
    DataInputStream input = new DataInputStream(connection.input());
    try {
      while (true) {
        int length = input.readUnsignedShort() << 8 | input.readUnsignedByte();
        int found = input.readUnsignedByte();
        input.skipNBytes(5L + length);
        if (found == type) {
          return true;
        }
      }
    } catch (IOException e) {
      // The end, in one way or another.
      return false;
    }
  }

  private byte[] pulled() throws Exception {
    URI address = URI.create("https://127.0.0.1:" + proxy.port() + blob);
    try (HttpClient http = HttpClient.newBuilder().sslContext(certificate.trusting()).build()) {
      return http.send(
              HttpRequest.newBuilder(address).timeout(RunningProxy.PATIENCE).build(),
              HttpResponse.BodyHandlers.ofByteArray())
          .body();
    }
  }

  private void othersAreServed(int upstreamGets) throws Exception {
    assertThat(pulled()).isEqualTo(BLOB);
    assertThat(hub.count("GET blob")).isEqualTo(upstreamGets);
  }

  @Test
  void requestsThatAreResetAtOnce_endTheConnection_oneUpstreamGet() throws Exception {
    try (RawConnection client = open(new byte[0])) {
      byte[] cancel = {0, 0, 0, 8};
      try {
        for (int stream = 1; stream < 20_000; stream += 2) {
          client.send(frame(HEADERS, END_STREAM | END_HEADERS, stream, get(blob)));
          client.send(frame(RST_STREAM, 0, stream, cancel));
        }
      } catch (IOException e) {
        // It was closed on the way: that is what is wanted.
        assertThat(e).isNotNull();
      }
      assertThat(comes(client, 99)).isFalse();
    }
    othersAreServed(1);
  }

  @Test
  void emptyContinuationsWithoutEnd_endTheConnection() throws Exception {
    try (RawConnection client = open(new byte[0])) {
      try {
        client.send(frame(HEADERS, END_STREAM, 1, get(blob)));
        for (int i = 0; i < 10_000; i++) {
          client.send(frame(CONTINUATION, 0, 1, new byte[0]));
        }
      } catch (IOException e) {
        assertThat(e).isNotNull();
      }
      assertThat(comes(client, 99)).isFalse();
    }
    assertThat(hub.requests()).isEmpty();
    othersAreServed(1);
  }

  @Test
  void clientThatTakesNoHeaders_costsUpstreamOneGet() throws Exception {
    // SETTINGS_MAX_HEADER_LIST_SIZE = 1
    byte[] settings = {0, 6, 0, 0, 0, 1};
    for (int round = 0; round < 5; round++) {
      try (RawConnection client = open(settings)) {
        for (int stream = 1; stream < 20; stream += 2) {
          client.send(frame(HEADERS, END_STREAM | END_HEADERS, stream, get(blob)));
        }
        client.send(frame(PING, 0, 0, new byte[8]));
        comes(client, PING);
      }
    }
    proxy.settle();
    othersAreServed(1);
  }

  @Test
  void ordinaryRequest_isAnswered() throws Exception {
    try (RawConnection client = open(new byte[0])) {
      client.send(frame(HEADERS, END_STREAM | END_HEADERS, 1, get(blob)));
      assertThat(comes(client, HEADERS)).isTrue();
    }
    othersAreServed(1);
  }
}
