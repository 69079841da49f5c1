package io.entrepot.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvictionTest {

  private static Path file(Path directory, Digest digest) {
    return directory.resolve("blobs/sha256").resolve(digest.shortHex(2)).resolve(digest.hex());
  }

  @Test
  void eviction_takesOldAndLarge_neverWhatIsClaimedOrLocal(@TempDir Path directory)
      throws IOException {
    byte[] large = new byte[100_000];
    byte[] pushed = new byte[100_001];
    byte[] fresh = new byte[99_000];
    byte[] small = new byte[10];
    try (Store store = Store.open(directory)) {
      for (byte[] content : List.of(large, pushed, fresh, small)) {
        store.contents().put(Digest.of(content), content);
        Files.setLastModifiedTime(
            file(directory, Digest.of(content)),
            FileTime.from(Instant.now().minus(Duration.ofDays(30))));
      }
      store.repositories().open(RepositoryId.local("a/b")).linkBlob(Digest.of(pushed));
    }
    try (Store store = Store.open(directory)) {
      Eviction eviction = new Eviction(store, 0);
      assertThat(store.contents().claim(Digest.of(fresh))).isPresent();
      eviction.evictTo(200_100);
      assertThat(store.contents().claim(Digest.of(small))).isPresent();
      assertThat(store.contents().find(Digest.of(large))).isEmpty();
      eviction.evictTo(0);
      assertThat(store.contents().find(Digest.of(pushed))).isPresent();
      assertThat(store.contents().find(Digest.of(fresh))).isPresent();
      assertThat(eviction.evictions()).isEqualTo(1);
    }
  }

  @Test
  void eviction_ofWhatWasJustFetched_leastRecentFirst_neverWhatIsBeingRead(@TempDir Path directory)
      throws IOException {
    try (Store store = Store.open(directory)) {
      Eviction eviction = new Eviction(store, 0);
      List<Digest> fetched = new ArrayList<>();
      for (byte each = 0; each < 5; each++) {
        byte[] content = new byte[1000];
        content[0] = each;
        Digest digest = Digest.of(content);
        Ingest ingest = store.contents().begin(Digest.Algorithm.SHA256);
        ingest.write(ByteBuffer.wrap(content));
        ingest.commit(digest, content.length);
        fetched.add(digest);
      }
      try (Reading first = store.contents().read(fetched.getFirst()).orElseThrow()) {
        assertThat(eviction.evictTo(1500)).isEqualTo(4000);
        assertThat(first.channel().size()).isEqualTo(1000);
        assertThat(store.contents().list())
            .extracting(StoredContent::digest)
            .containsExactly(fetched.getFirst());
      }
      assertThat(eviction.evictTo(0)).isEqualTo(1000);
    }
  }

  @Test
  void fileFromTheFuture_isAsOldAsTheStart(@TempDir Path directory) throws IOException {
    byte[] future = new byte[1000];
    byte[] now = new byte[1001];
    TestClock time = new TestClock();
    try (Store store = Store.open(directory, time.clock())) {
      Stored.fetch(store, future);
    }
    Stored.age(directory.resolve("blobs"), Duration.ofDays(-365));
    try (Store store = Store.open(directory, time.clock())) {
      time.pass(Duration.ofDays(1));
      Stored.fetch(store, now);
      new Eviction(store, 0).evictTo(1500);
      assertThat(store.contents().has(Digest.of(now))).isTrue();
      assertThat(store.contents().has(Digest.of(future))).isFalse();
    }
  }

  @Test
  void whatIsFetched_keepsAPartOfTheLimit_whenWhatWasPushedFillsIt(@TempDir Path directory) {
    byte[] pushed = new byte[1_200_000];
    byte[] first = new byte[100_000];
    byte[] second = new byte[100_001];
    byte[] third = new byte[99_000];
    TestClock time = new TestClock();
    try (Store store = Store.open(directory, time.clock())) {
      Eviction eviction = new Eviction(store, 1_000_000);
      store.contents().put(Digest.of(pushed), pushed);
      store.repositories().open(RepositoryId.local("a/b")).linkBlob(Digest.of(pushed));
      for (byte[] each : List.of(first, second)) {
        time.pass(Duration.ofMinutes(1));
        Stored.fetch(store, each);
        eviction.makeRoom();
      }
      assertThat(eviction.evictions()).isZero();
      assertThat(eviction.pushedBytes()).isEqualTo(pushed.length);
      time.pass(Duration.ofMinutes(1));
      Stored.fetch(store, third);
      eviction.makeRoom();
      // A quarter of the limit, and a twentieth of it to spare.
      assertThat(store.contents().has(Digest.of(first))).isFalse();
      assertThat(store.contents().has(Digest.of(second))).isTrue();
      assertThat(store.contents().has(Digest.of(third))).isTrue();
      assertThat(store.contents().has(Digest.of(pushed))).isTrue();
    }
  }
}
