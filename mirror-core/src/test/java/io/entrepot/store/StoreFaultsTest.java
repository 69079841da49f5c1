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
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Disks that fail. Directories in the place of files and files in the place of directories fail for
 * every user, root too, where permissions would not.
 */
class StoreFaultsTest {

  private static final byte[] BYTES = "some content".getBytes(UTF_8);
  private static final Digest DIGEST = Digest.of(BYTES);
  private static final RepositoryId APP = RepositoryId.local("team/app");

  private static Path file(Path directory, Digest digest) {
    return directory.resolve("blobs/sha256").resolve(digest.shortHex(2)).resolve(digest.hex());
  }

  private static Path shard(Path directory, Digest digest) {
    return directory.resolve("blobs/sha256").resolve(digest.shortHex(2));
  }

  private static byte[] content(int number) {
    return ("content " + number).getBytes(UTF_8);
  }

  private static RawManifest index(String mark) {
    return RawManifest.of(
        MediaType.OCI_INDEX,
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[],\"annotations\":{\"a\":\"%s\"}}"
            .formatted(MediaType.OCI_INDEX, mark)
            .getBytes(UTF_8));
  }

  private static void noTemporaryFiles(Path directory) throws IOException {
    try (var files = Files.list(directory.resolve("ingest"))) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void contentThatCannotBePutInPlace_isNotThere_andNothingIsLeftOver(@TempDir Path directory)
      throws IOException {
    try (Store store = Store.open(directory)) {
      byte[] other = content(1);
      store.contents().put(Digest.of(other), other);
      Files.writeString(shard(directory, DIGEST), "no directory");
      for (int round = 0; round < 2; round++) {
        Ingest ingest = store.contents().begin(Digest.Algorithm.SHA256);
        ingest.write(ByteBuffer.wrap(BYTES));
        assertThatThrownBy(() -> ingest.commit(DIGEST, BYTES.length))
            .isInstanceOf(StoreException.class);
        // Trying again with what was told to be lost is no success either.
        assertThatThrownBy(() -> ingest.commit(DIGEST, BYTES.length))
            .isInstanceOf(IllegalStateException.class);
        assertThat(store.contents().find(DIGEST)).isEmpty();
        assertThat(store.disk().trouble()).isPresent();
      }
      noTemporaryFiles(directory);
      assertThat(store.contents().readAll(Digest.of(other), 100)).contains(other);
      Files.delete(shard(directory, DIGEST));
      store.contents().put(DIGEST, BYTES);
      assertThat(store.disk().trouble()).isEmpty();
      assertThat(store.contents().readAll(DIGEST, 100)).contains(BYTES);
    }
  }

  @Test
  void contentThatCannotBeOpened_isAnError_othersAreRead(@TempDir Path directory)
      throws IOException {
    try (Store store = Store.open(directory)) {
      byte[] other = content(1);
      store.contents().put(DIGEST, BYTES);
      store.contents().put(Digest.of(other), other);
      Files.delete(file(directory, DIGEST));
      Files.createDirectory(file(directory, DIGEST));
      try {
        assertThat(store.contents().readAll(DIGEST, 100)).isEmpty();
      } catch (StoreException e) {
        assertThat(e.reason()).isEqualTo(StoreException.Reason.IO);
      }
      assertThat(store.contents().readAll(Digest.of(other), 100)).contains(other);
    }
  }

  @Test
  void tagThatCannotBeWritten_staysWhatItWas(@TempDir Path directory) throws IOException {
    RawManifest first = index("1");
    RawManifest second = index("2");
    Path tags = directory.resolve("local/team/app/_tags");
    try (Store store = Store.open(directory)) {
      StoredRepository repository = store.repositories().open(APP);
      repository.put(first, first.parse(), List.of(new Tag("v1")));
      Path aside = tags.resolveSibling("aside");
      Files.move(tags, aside);
      Files.writeString(tags, "no directory");
      assertThatThrownBy(() -> repository.put(second, second.parse(), List.of(new Tag("v1"))))
          .isInstanceOf(StoreException.class);
      assertThat(repository.tag("v1")).contains(first.digest());
      Files.delete(tags);
      Files.move(aside, tags);
    }
    try (Store store = Store.open(directory)) {
      assertThat(store.repositories().open(APP).tag("v1")).contains(first.digest());
    }
  }

  @Test
  void tagsMovedByTwoAtOnce_areWholeAndTheSameAfterRestart(@TempDir Path directory) {
    List<RawManifest> both = List.of(index("1"), index("2"));
    List<Digest> seen = new ArrayList<>();
    try (Store store = Store.open(directory)) {
      StoredRepository repository = store.repositories().open(APP);
      for (int i = 0; i < 50; i++) {
        Tag tag = new Tag("t" + i);
        CompletableFuture.allOf(
                both.stream()
                    .map(
                        raw ->
                            CompletableFuture.runAsync(
                                () -> repository.put(raw, raw.parse(), List.of(tag))))
                    .toArray(CompletableFuture[]::new))
            .join();
        seen.add(repository.tag(tag.value()).orElseThrow());
      }
    }
    try (Store store = Store.open(directory)) {
      StoredRepository repository = store.repositories().open(APP);
      for (int i = 0; i < 50; i++) {
        assertThat(repository.tag("t" + i)).contains(seen.get(i));
        assertThat(seen.get(i)).isIn(both.get(0).digest(), both.get(1).digest());
      }
    }
  }

  @Test
  void collectionThatFailsInTheMiddle_losesNothingNeeded_andConvergesWhenRunAgain(
      @TempDir Path directory) throws IOException {
    byte[] kept = "kept".getBytes(UTF_8);
    try (Store store = Store.open(directory)) {
      for (int i = 0; i < 40; i++) {
        store.contents().put(Digest.of(content(i)), content(i));
      }
      store.contents().put(Digest.of(kept), kept);
      store.repositories().open(APP).linkBlob(Digest.of(kept));
    }
    Path obstacle = file(directory, Digest.of(content(20)));
    try (Store store = Store.open(directory)) {
      assertThat(store.contents().count()).isEqualTo(41);
      Files.delete(obstacle);
      Files.createDirectories(obstacle.resolve("inside"));
      assertThatThrownBy(store.collector()::collectGarbage).isInstanceOf(StoreException.class);
      assertThat(store.contents().readAll(Digest.of(kept), 100)).contains(kept);
    }
    Files.delete(obstacle.resolve("inside"));
    Files.delete(obstacle);
    try (Store store = Store.open(directory)) {
      store.collector().collectGarbage();
      assertThat(store.contents().list())
          .extracting(StoredContent::digest)
          .containsExactly(Digest.of(kept));
    }
  }

  @Test
  void linksThatWereRemovedBeforeACrash_leaveContentForTheNextCollection(@TempDir Path directory) {
    try (Store store = Store.open(directory)) {
      store.contents().put(DIGEST, BYTES);
      store.repositories().open(APP).linkBlob(DIGEST);
      store.repositories().open(RepositoryId.local("team/other")).linkBlob(DIGEST);
    }
    try (Store store = Store.open(directory)) {
      store.repositories().open(APP).unlinkBlob(DIGEST);
      // Another repository shares it.
      assertThat(store.collector().collectGarbage()).isZero();
      store.repositories().open(RepositoryId.local("team/other")).unlinkBlob(DIGEST);
    }
    try (Store store = Store.open(directory)) {
      assertThat(store.collector().collectGarbage()).isEqualTo(BYTES.length);
      assertThat(store.collector().collectGarbage()).isZero();
    }
  }

  private static void age(Path file, Duration age) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
  }

  @Test
  void clockThatJumps_evictsNoMoreThanIsNeeded(@TempDir Path directory) throws IOException {
    try (Store store = Store.open(directory)) {
      for (int i = 0; i < 30; i++) {
        store.contents().put(Digest.of(content(i)), content(i));
        // As written before the clock was set back, or forward, by a year.
        age(file(directory, Digest.of(content(i))), Duration.ofDays(i % 2 == 0 ? -365 : 365));
      }
    }
    try (Store store = Store.open(directory)) {
      long before = store.contents().bytes();
      Eviction eviction = new Eviction(store, before);
      long freed = eviction.evictTo(before - 10);
      assertThat(freed).isBetween(10L, 10L + content(29).length);
      assertThat(eviction.evictions()).isEqualTo(1 + (freed > content(29).length ? 1 : 0));
    }
  }

  @Test
  void clockThatJumpsForward_collectsNothingThatWasJustPushed(@TempDir Path directory)
      throws IOException {
    try (Store store = Store.open(directory)) {
      store.contents().put(DIGEST, BYTES);
      StoredRepository repository = store.repositories().open(APP);
      repository.linkBlob(DIGEST);
      age(
          directory.resolve("local/team/app/_blobs/sha256").resolve(DIGEST.hex()),
          Duration.ofDays(1));
      assertThat(repository.unlinkUnreferenced(IndexEntry.GRACE)).isZero();
      assertThat(store.collector().collectGarbage()).isZero();
      assertThat(repository.hasBlob(DIGEST)).isTrue();
    }
  }

  @Test
  void clockThatJumps_endsNoUploadThatIsOpen(@TempDir Path directory) throws IOException {
    try (Store store = Store.open(directory)) {
      UUID open = UUID.randomUUID();
      UUID left = UUID.randomUUID();
      UUID fromTheFuture = UUID.randomUUID();
      for (UUID id : List.of(open, left, fromTheFuture)) {
        store.uploads().create(id, "team/app").suspend();
        age(
            directory.resolve("uploads").resolve(id.toString()).resolve("data"),
            Duration.ofDays(id.equals(fromTheFuture) ? -2 : 2));
      }
      assertThat(store.uploads().removeOlderThan(Duration.ofDays(1), Set.of(open))).isEqualTo(1);
      assertThat(store.uploads().resume(left, "team/app")).isEmpty();
      for (UUID id : List.of(open, fromTheFuture)) {
        Ingest kept = store.uploads().resume(id, "team/app").orElseThrow();
        kept.abort();
      }
    }
  }

  @Test
  void directoryThatIsNone_isToldAtTheStart(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "x");
    for (Path bad : List.of(file, file.resolve("below"))) {
      assertThatThrownBy(() -> Store.open(bad))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining(directory.toString());
    }
    Path store = directory.resolve("store");
    Store.open(store).close();
    Files.delete(store.resolve("quarantine"));
    Files.writeString(store.resolve("quarantine"), "x");
    assertThatThrownBy(() -> Store.open(store))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("quarantine");
    Files.delete(store.resolve("quarantine"));
    Store.open(store).close();
  }

  @Test
  void strangeFilesInTheStore_areLeftAlone(@TempDir Path directory) throws IOException {
    try (Store store = Store.open(directory)) {
      store.contents().put(DIGEST, BYTES);
      RawManifest index = index("1");
      store.repositories().open(APP).put(index, index.parse(), List.of(new Tag("v1")));
    }
    Path odd = shard(directory, DIGEST).resolve("notes.txt");
    Files.writeString(odd, "hello");
    Files.writeString(directory.resolve("local/team/app/_tags/.swp"), "x");
    Files.writeString(directory.resolve("local/team/app/_tags/v2"), "");
    Files.writeString(directory.resolve("local/team/app/_manifests/sha256/notes.txt"), "x");
    Files.writeString(directory.resolve("blobs/sha256/README"), "x");
    try (Store store = Store.open(directory)) {
      assertThat(store.repositories().open(APP).tags()).containsOnlyKeys("v1");
      assertThat(store.contents().readAll(DIGEST, 100)).contains(BYTES);
      assertThat(odd).exists();
    }
  }

  @Test
  void start_looksAtNoContent(@TempDir Path directory) throws IOException {
    try (Store store = Store.open(directory)) {
      for (int i = 0; i < 200; i++) {
        store.contents().put(Digest.of(content(i)), content(i));
      }
    }
    for (int i = 0; i < 200; i++) {
      Files.write(file(directory, Digest.of(content(i))), new byte[content(i).length]);
    }
    try (Store store = Store.open(directory)) {
      // Wrong bytes are noticed by whoever reads them first, not by reading a million files.
      assertThat(store.contents().count()).isEqualTo(200);
      assertThat(store.contents().list()).noneMatch(StoredContent::verified);
      assertThat(store.contents().readAll(Digest.of(content(7)), 100)).isEmpty();
      assertThat(store.quarantine().corruptions()).isEqualTo(1);
    }
  }
}
