package io.entrepot.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.testing.TestRegistry;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients see of a disk that fails: {@code store.StoreFaultsTest} as they come to know it. */
class DiskFaultsTest {

  private static final byte[] INDEX = "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(UTF_8);

  private Path directory;
  private TestRegistry hub;
  private RunningProxy proxy;

  @BeforeEach
  void start(@TempDir Path temporary) {
    directory = temporary;
    hub = TestRegistry.start();
    proxy = RunningProxy.start(directory, hub);
  }

  @AfterEach
  void stop() {
    proxy.close();
    hub.close();
  }

  private static byte[] blob(int seed) {
    byte[] bytes = new byte[100_000];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private Path file(Digest digest) {
    return directory
        .resolve("blobs/sha256")
        .resolve(digest.hex().substring(0, 2))
        .resolve(digest.hex());
  }

  private int push(byte[] bytes) throws Exception {
    return proxy
        .send("POST", "/v2/team/app/blobs/uploads/?digest=" + Digest.of(bytes), bytes)
        .statusCode();
  }

  private HttpResponse<byte[]> pull(byte[] bytes) throws Exception {
    return proxy.get("/v2/team/app/blobs/" + Digest.of(bytes));
  }

  private long count(String folder) throws IOException {
    try (var files = Files.list(directory.resolve(folder))) {
      return files.count();
    }
  }

  @Test
  void pushThatCannotBePutInPlace_is503_readinessTells_andItHeals() throws Exception {
    byte[] held = blob(1);
    byte[] failing = blob(2);
    assertThat(push(held)).isEqualTo(201);
    Path shard = file(Digest.of(failing)).getParent();
    Files.writeString(shard, "no directory");
    for (int round = 0; round < 3; round++) {
      assertThat(push(failing)).isEqualTo(503);
    }
    assertThat(pull(failing).statusCode()).isEqualTo(404);
    assertThat(
            proxy
                .send("HEAD", "/v2/team/app/blobs/" + Digest.of(failing), new byte[0])
                .statusCode())
        .isEqualTo(404);
    assertThat(pull(held).body()).isEqualTo(held);
    assertThat(count("uploads")).isZero();
    assertThat(count("ingest")).isZero();
    Files.delete(shard);
    assertThat(push(failing)).isEqualTo(201);
    assertThat(pull(failing).body()).isEqualTo(failing);
  }

  @Test
  void pullThatCannotBePutInPlace_isPassedOn() throws Exception {
    byte[] bytes = blob(3);
    Digest digest = hub.addBlob("library/redis", bytes);
    Path shard = file(digest).getParent();
    Files.writeString(shard, "no directory");
    String target = "/v2/docker.io/library/redis/blobs/" + digest;
    assertThat(proxy.get(target).body()).isEqualTo(bytes);
    proxy.settle();
    assertThat(proxy.server().store().contents().find(digest)).isEmpty();
    assertThat(count("ingest")).isZero();
    Files.delete(shard);
    assertThat(proxy.get(target).body()).isEqualTo(bytes);
    proxy.settle();
    assertThat(proxy.server().store().contents().find(digest)).isPresent();
    assertThat(hub.count("GET blob")).isEqualTo(2);
  }

  @Test
  void manifestWhoseTagCannotBeWritten_isNoSuccess_theOldTagStays() throws Exception {
    String target = "/v2/team/app/manifests/v1";
    String type = MediaType.OCI_INDEX.value();
    assertThat(proxy.send("PUT", target, INDEX, "Content-Type", type).statusCode()).isEqualTo(201);
    Path tags = directory.resolve("local/team/app/_tags");
    Path aside = tags.resolveSibling("_aside");
    Files.move(tags, aside);
    Files.writeString(tags, "no directory");
    byte[] other =
        "{\"schemaVersion\":2,\"manifests\":[],\"annotations\":{\"a\":\"b\"}}".getBytes(UTF_8);
    assertThat(proxy.send("PUT", target, other, "Content-Type", type).statusCode()).isEqualTo(503);
    assertThat(proxy.get(target).body()).isEqualTo(INDEX);
    Files.delete(tags);
    Files.move(aside, tags);
    assertThat(proxy.send("PUT", target, other, "Content-Type", type).statusCode()).isEqualTo(201);
    assertThat(proxy.get(target).body()).isEqualTo(other);
  }

  @Test
  void blobThatBecameADirectory_isAnErrorForItself_othersAreServed() throws Exception {
    byte[] bad = blob(4);
    byte[] good = blob(5);
    assertThat(push(bad)).isEqualTo(201);
    assertThat(push(good)).isEqualTo(201);
    Files.delete(file(Digest.of(bad)));
    Files.createDirectory(file(Digest.of(bad)));
    assertThat(pull(bad).statusCode()).isIn(404, 503);
    assertThat(pull(good).body()).isEqualTo(good);
  }

  @Test
  void readsThatHang_holdUpNobodyElse() throws Exception {
    List<byte[]> hanging = new ArrayList<>();
    byte[] good = blob(6);
    assertThat(push(good)).isEqualTo(201);
    for (int i = 0; i < 12; i++) {
      byte[] bytes = blob(100 + i);
      assertThat(push(bytes)).isEqualTo(201);
      hanging.add(bytes);
    }
    // Opening a pipe waits for somebody at its other end, as opening a file of a dead server does.
    for (byte[] each : hanging) {
      Path file = file(Digest.of(each));
      Files.delete(file);
      assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();
    }
    List<CompletableFuture<?>> clients = new ArrayList<>();
    for (byte[] each : hanging) {
      clients.add(
          proxy
              .http()
              .sendAsync(
                  proxy.request("/v2/team/app/blobs/" + Digest.of(each)).build(),
                  HttpResponse.BodyHandlers.discarding()));
    }
    try {
      assertThat(proxy.get("/v2/").statusCode()).isEqualTo(200);
      assertThat(pull(good).body()).isEqualTo(good);
      assertThat(push(blob(7))).isEqualTo(201);
    } finally {
      for (byte[] each : hanging) {
        // For reading and writing, so that this does not wait in its turn.
        FileChannel.open(file(Digest.of(each)), StandardOpenOption.READ, StandardOpenOption.WRITE)
            .close();
      }
      for (CompletableFuture<?> client : clients) {
        client.handle((answer, cut) -> true).get();
      }
    }
  }
}
