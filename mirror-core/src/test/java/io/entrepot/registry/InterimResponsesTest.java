package io.entrepot.registry;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.Repository;
import io.entrepot.testing.TestClients;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** CVE-2026-42584: an answer that comes after 1xx answers must stay with its own request. */
@Timeout(30)
class InterimResponsesTest {

  private static final String EARLY_HINTS = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
  private static final String PROCESSING = "HTTP/1.1 102 Processing\r\n\r\n";

  @Test
  void earlyHintsOnAKeptConnection_bodiesDoNotCross() throws Exception {
    AtomicInteger connections = new AtomicInteger();
    assertThat(fetchTwenty(EARLY_HINTS, connections)).isEqualTo(20);
    assertThat(connections).hasValueLessThan(20);
  }

  @Test
  void otherInterimAnswers_failRatherThanCross() throws Exception {
    assertThat(fetchTwenty(PROCESSING, new AtomicInteger())).isZero();
  }

  /** How many arrived; each that did is the one asked for. */
  private static int fetchTwenty(String interim, AtomicInteger connections) throws Exception {
    int arrived = 0;
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> accept(server, interim, connections));
      Vertx vertx = Vertx.vertx();
      try (RegistryClient client = TestClients.impatient(vertx)) {
        Repository repository = Repository.parse("127.0.0.1:" + server.getLocalPort() + "/app");
        for (int i = 0; i < 20; i++) {
          byte[] expected = body(i);
          Descriptor blob =
              Descriptor.of(MediaType.OCTET_STREAM, Digest.of(expected), expected.length);
          try {
            assertThat(client.fetchBlobBytes(repository, blob, 1000).await()).isEqualTo(expected);
            arrived++;
          } catch (RegistryException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT);
          }
        }
      } finally {
        vertx.close().await();
      }
    }
    return arrived;
  }

  private static byte[] body(int number) {
    return ("blob number " + number).getBytes(US_ASCII);
  }

  private static void accept(ServerSocket server, String interim, AtomicInteger connections) {
    try {
      while (true) {
        Socket socket = server.accept();
        connections.incrementAndGet();
        Thread.ofVirtual().start(() -> serve(socket, interim));
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  private static void serve(Socket socket, String interim) {
    try (socket) {
      BufferedReader in =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
      OutputStream out = socket.getOutputStream();
      String line;
      String request = "";
      while ((line = in.readLine()) != null) {
        if (line.startsWith("GET ")) {
          request = line;
        }
        if (line.isEmpty()) {
          byte[] answer = answer(request);
          out.write(
              (interim + "HTTP/1.1 200 OK\r\nContent-Length: " + answer.length + "\r\n\r\n")
                  .getBytes(US_ASCII));
          out.write(answer);
          out.flush();
        }
      }
    } catch (IOException e) {
      // The client hung up.
    }
  }

  private static byte[] answer(String request) {
    for (int i = 0; i < 20; i++) {
      if (request.contains(Digest.of(body(i)).hex())) {
        return body(i);
      }
    }
    return new byte[0];
  }
}
