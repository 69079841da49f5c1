package io.entrepot.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Tag;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {

  private static final byte[] BYTES = "some content".getBytes(UTF_8);
  private static final Digest DIGEST = Digest.of(BYTES);

  private static Path file(Path directory, Digest digest) {
    return directory.resolve("blobs/sha256").resolve(digest.shortHex(2)).resolve(digest.hex());
  }

  @Test
  void content_isThereAfterRestart_unverifiedUntilRead(@TempDir Path directory) {
    try (Store store = Store.open(directory)) {
      store.contents().put(DIGEST, BYTES);
    }
    try (Store store = Store.open(directory)) {
      assertThat(store.contents().find(DIGEST)).get().matches(content -> !content.verified());
      assertThat(store.contents().readAll(DIGEST, 100)).contains(BYTES);
      assertThat(store.contents().find(DIGEST)).get().matches(StoredContent::verified);
      assertThat(store.contents().bytes()).isEqualTo(BYTES.length);
    }
  }

  @Test
  void wrongDigestOrSize_leavesNothing(@TempDir Path directory) throws IOException {
    try (Store store = Store.open(directory)) {
      Ingest wrong = store.contents().begin(Digest.Algorithm.SHA256);
      wrong.write(ByteBuffer.wrap("other".getBytes(UTF_8)));
      assertThatThrownBy(() -> wrong.commit(DIGEST, -1)).isInstanceOf(StoreException.class);
      Ingest tooShort = store.contents().begin(Digest.Algorithm.SHA256);
      tooShort.write(ByteBuffer.wrap(BYTES));
      assertThatThrownBy(() -> tooShort.commit(DIGEST, 99)).isInstanceOf(StoreException.class);
      assertThat(store.contents().find(DIGEST)).isEmpty();
      try (var files = Files.list(directory.resolve("ingest"))) {
        assertThat(files).isEmpty();
      }
    }
  }

  @Test
  void crashBeforeRename_leavesNothingPartial(@TempDir Path directory) throws IOException {
    try (Store store = Store.open(directory)) {
      Ingest ingest = store.contents().begin(Digest.Algorithm.SHA256);
      ingest.write(ByteBuffer.wrap(BYTES));
    }
    try (Store store = Store.open(directory);
        var files = Files.list(directory.resolve("ingest"))) {
      assertThat(files).isEmpty();
      assertThat(store.contents().count()).isZero();
    }
  }

  @Test
  void sha512_isContentToo(@TempDir Path directory) {
    Digest digest = Digest.of(Digest.Algorithm.SHA512, BYTES);
    try (Store store = Store.open(directory)) {
      Ingest ingest = store.contents().begin(Digest.Algorithm.SHA256);
      ingest.write(ByteBuffer.wrap(BYTES));
      assertThat(ingest.commit(digest, BYTES.length).digest()).isEqualTo(digest);
      assertThat(store.contents().readAll(digest, 100)).contains(BYTES);
    }
  }

  @Test
  void corruptContent_isSetAsideAndReplacedByGoodBytes(@TempDir Path directory) throws IOException {
    try (Store store = Store.open(directory)) {
      store.contents().put(DIGEST, BYTES);
      Files.write(file(directory, DIGEST), "some c0ntent".getBytes(UTF_8));
      assertThat(store.scrubber().verifyAll(digest -> {})).containsExactly(DIGEST);
      assertThat(store.contents().find(DIGEST)).isEmpty();
      store.contents().put(DIGEST, BYTES);
      Files.write(file(directory, DIGEST), new byte[0]);
      assertThat(store.contents().read(DIGEST)).isEmpty();
      store.contents().put(DIGEST, BYTES);
      Files.delete(file(directory, DIGEST));
      assertThat(store.contents().read(DIGEST)).isEmpty();
      assertThat(store.quarantine().corruptions()).isEqualTo(3);
      store.contents().put(DIGEST, BYTES);
      assertThat(store.contents().readAll(DIGEST, 100)).contains(BYTES);
    }
  }

  @Test
  void directoryInUse_orOfAnotherKind_isRefused(@TempDir Path directory) throws IOException {
    Path home = directory.resolve("home");
    Files.createDirectories(home);
    Files.writeString(home.resolve("letter.txt"), "hello");
    assertThatThrownBy(() -> Store.open(home)).hasMessageContaining("not a store");
    Path newer = directory.resolve("newer");
    try (Store store = Store.open(newer)) {
      assertThatThrownBy(() -> Store.open(newer))
          .isInstanceOfSatisfying(
              StoreException.class,
              failure -> assertThat(failure.reason()).isEqualTo(StoreException.Reason.LOCKED));
      assertThat(store.contents().count()).isZero();
    }
    Files.writeString(newer.resolve("VERSION"), "entrepot store 99\n");
    assertThatThrownBy(() -> Store.open(newer)).hasMessageContaining("store 99");
  }

  @Test
  void uploads_goOnInALaterProcess_forTheirRepositoryOnly(@TempDir Path directory) {
    UUID id = UUID.randomUUID();
    try (Store store = Store.open(directory)) {
      Ingest upload = store.uploads().create(id, "a/b");
      upload.write(ByteBuffer.wrap(BYTES, 0, 5));
      upload.suspend();
    }
    try (Store store = Store.open(directory)) {
      assertThat(store.uploads().resume(id, "c/d")).isEmpty();
      Ingest upload = store.uploads().resume(id, "a/b").orElseThrow();
      assertThat(upload.received()).isEqualTo(5);
      upload.write(ByteBuffer.wrap(BYTES, 5, BYTES.length - 5));
      assertThat(upload.commit(DIGEST, BYTES.length).size()).isEqualTo(BYTES.length);
      store.uploads().remove(id);
      assertThat(store.uploads().resume(id, "a/b")).isEmpty();
    }
  }

  @Test
  void eviction_takesOldAndLarge_neverWhatIsClaimedOrLocal(@TempDir Path directory)
      throws IOException {
    byte[] large = new byte[100_000];
    byte[] pushed = new byte[100_001];
    byte[] fresh = new byte[100_002];
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
  void bytesOfAWriteThatFailed_areNotKept(@TempDir Path directory) throws IOException {
    try (Store store = Store.open(directory)) {
      UUID id = UUID.randomUUID();
      Ingest ingest = store.uploads().create(id, "a/b");
      ingest.write(ByteBuffer.wrap(BYTES));
      Files.write(
          directory.resolve("uploads").resolve(id.toString()).resolve("data"),
          new byte[100],
          StandardOpenOption.APPEND);
      ingest.commit(DIGEST, BYTES.length);
      assertThat(file(directory, DIGEST)).hasBinaryContent(BYTES);
    }
  }

  @Test
  void uploadThatCannotBegin_leavesNothing(@TempDir Path directory) throws IOException {
    try (Store store = Store.open(directory)) {
      UUID id = UUID.randomUUID();
      assertThatThrownBy(() -> store.uploads().create(id, "\uD800"))
          .isInstanceOf(StoreException.class);
      assertThat(directory.resolve("uploads")).isEmptyDirectory();
    }
  }

  @Test
  void room_isAskedForWithSomeToSpare(@TempDir Path directory) {
    try (Store store = Store.open(directory)) {
      store.disk().requireRoom(1);
      assertThatThrownBy(() -> store.disk().requireRoom(Long.MAX_VALUE / 2))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("do not fit")
          .extracting("reason")
          .isEqualTo(StoreException.Reason.FULL);
    }
  }

  @Test
  void collection_leavesWhatWasJustPushedOrClaimed(@TempDir Path directory) {
    try (Store store = Store.open(directory)) {
      store.contents().put(DIGEST, BYTES);
      assertThat(store.collector().collectGarbage()).isZero();
    }
    try (Store store = Store.open(directory)) {
      assertThat(store.contents().claim(DIGEST)).isPresent();
      assertThat(store.collector().collectGarbage()).isZero();
    }
    try (Store store = Store.open(directory)) {
      assertThat(store.collector().collectGarbage()).isEqualTo(BYTES.length);
      assertThat(store.contents().find(DIGEST)).isEmpty();
    }
  }

  @Test
  void repository_isReadAgainAsItWas(@TempDir Path directory) {
    RawManifest index =
        RawManifest.of(
            MediaType.OCI_INDEX,
            "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[]}"
                .formatted(MediaType.OCI_INDEX)
                .getBytes(UTF_8));
    RepositoryId id = RepositoryId.local("a/b");
    try (Store store = Store.open(directory)) {
      StoredRepository repository = store.repositories().open(id);
      repository.put(index, index.parse(), List.of(new Tag("V1"), new Tag("v1")));
      repository.linkBlob(DIGEST);
    }
    try (Store store = Store.open(directory)) {
      StoredRepository repository = store.repositories().open(id);
      assertThat(repository.tags().keySet()).containsExactly("V1", "v1");
      assertThat(repository.manifest(index.digest())).isPresent();
      assertThat(repository.hasBlob(DIGEST)).isTrue();
      assertThat(store.repositories().names()).containsOnlyKeys("a/b");
      assertThat(store.uploads().removeOlderThan(Duration.ZERO, Set.of())).isZero();
    }
  }
}
