package io.entrepot.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.testing.Gate;
import io.entrepot.testing.TestRegistry;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ranges of a blob that its fetch will not reach for long. */
class FarRangesTest {

  private static final byte[] BLOB = new byte[100 << 20];
  private static final int FAR = 66 << 20;

  private TestRegistry hub;
  private RunningProxy proxy;
  private String blob;
  private Gate fetch;
  private CompletableFuture<HttpResponse<byte[]>> whole;

  @BeforeAll
  static void fill() {
    new Random(14).nextBytes(BLOB);
  }

  @BeforeEach
  void begin(@TempDir Path directory) throws InterruptedException {
    hub = TestRegistry.start();
    blob = "/v2/docker.io/library/redis/blobs/" + hub.addBlob("library/redis", BLOB);
    proxy = RunningProxy.start(directory, hub);
    fetch = hub.on("GET blob").once().stallAfter(1000);
    whole = proxy.http().sendAsync(proxy.request(blob).build(), BodyHandlers.ofByteArray());
    fetch.awaitArrivals(1);
  }

  @AfterEach
  void stop() {
    fetch.open();
    proxy.close();
    hub.close();
  }

  @Test
  void moreRangesThanTurns_allComeWhileTheFetchStands() {
    List<CompletableFuture<HttpResponse<byte[]>>> ranges = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int from = FAR + 1000 * i;
      ranges.add(
          proxy
              .http()
              .sendAsync(
                  proxy
                      .request(blob)
                      .header("Range", "bytes=" + from + "-" + (from + 999_999))
                      .build(),
                  BodyHandlers.ofByteArray()));
    }
    for (int i = 0; i < ranges.size(); i++) {
      int from = FAR + 1000 * i;
      HttpResponse<byte[]> range = ranges.get(i).join();
      assertThat(range.statusCode()).isEqualTo(206);
      assertThat(range.body()).isEqualTo(Arrays.copyOfRange(BLOB, from, from + 1_000_000));
    }
    assertThat(hub.count("GET blob")).isEqualTo(21);
    fetch.open();
    assertThat(whole.join().body()).isEqualTo(BLOB);
  }

  @Test
  void clientsThatReadNothing_leaveTurnsToOthers_andStillGetTheirBytes() throws Exception {
    List<RawConnection> silent = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      silent.add(
          RawConnection.narrow(proxy)
              .send(
                  "GET %s HTTP/1.1\r\nHost: localhost\r\nRange: bytes=%d-\r\n\r\n"
                      .formatted(blob, FAR)));
    }
    HttpResponse<byte[]> honest =
        proxy.get(blob, "Range", "bytes=%d-%d".formatted(FAR + 7, FAR + 1_000_006));
    assertThat(honest.body()).isEqualTo(Arrays.copyOfRange(BLOB, FAR + 7, FAR + 1_000_007));
    fetch.open();
    RawConnection late = silent.getFirst();
    assertThat(RawConnection.status(late.head())).isEqualTo(206);
    assertThat(late.input().readNBytes(BLOB.length - FAR))
        .isEqualTo(Arrays.copyOfRange(BLOB, FAR, BLOB.length));
    for (RawConnection each : silent) {
      each.close();
    }
  }
}
