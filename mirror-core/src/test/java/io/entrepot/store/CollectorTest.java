package io.entrepot.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CollectorTest {

  private static final byte[] BYTES = "some content".getBytes(UTF_8);
  private static final Digest DIGEST = Digest.of(BYTES);

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

  private static final RepositoryId APP = RepositoryId.local("team/app");
  private static final byte[] LAYER = Stored.bytes("a layer of some bytes");

  private static void push(Store store, byte[] layer, RawManifest manifest) {
    StoredRepository repository = store.repositories().open(APP);
    store.contents().put(Digest.of(layer), layer);
    repository.linkBlob(Digest.of(layer));
    repository.put(manifest, manifest.parse(), List.of(new Tag("v1")));
  }

  @Test
  void manifestThatCannotBeRead_keepsTheBlobsOfItsRepository_untilItIsPushedAgainOrDeleted(
      @TempDir Path directory) throws IOException {
    RawManifest manifest = Stored.image(LAYER);
    byte[] orphan = Stored.bytes("nobody needs this");
    try (Store store = Store.open(directory)) {
      push(store, LAYER, manifest);
      store.contents().put(Digest.of(orphan), orphan);
      store.repositories().open(APP).linkBlob(Digest.of(orphan));
    }
    byte[] rotten = manifest.bytes();
    rotten[5]++;
    Files.write(Stored.file(directory, manifest.digest()), rotten);
    Stored.age(directory, Duration.ofDays(2));
    for (int round = 0; round < 2; round++) {
      try (Store store = Store.open(directory)) {
        store.collector().collectGarbage();
        assertThat(store.contents().has(Digest.of(LAYER))).isTrue();
        assertThat(store.contents().has(Digest.of(orphan))).isTrue();
        assertThat(store.repositories().open(APP).tags()).containsOnlyKeys("v1");
      }
      Stored.age(directory, Duration.ofDays(2));
    }
    try (Store store = Store.open(directory)) {
      StoredRepository repository = store.repositories().open(APP);
      repository.put(manifest, manifest.parse(), List.of());
      store.collector().collectGarbage();
      assertThat(store.contents().has(Digest.of(LAYER))).isTrue();
      assertThat(store.contents().has(Digest.of(orphan))).isFalse();
    }
  }

  @Test
  void manifestThatCannotBeRead_canBeDeleted_andItsBlobsGoThen(@TempDir Path directory)
      throws IOException {
    RawManifest manifest = Stored.image(LAYER);
    try (Store store = Store.open(directory)) {
      push(store, LAYER, manifest);
    }
    Files.delete(Stored.file(directory, manifest.digest()));
    Stored.age(directory, Duration.ofDays(2));
    try (Store store = Store.open(directory)) {
      StoredRepository repository = store.repositories().open(APP);
      assertThat(repository.removeManifest(manifest.digest())).isTrue();
      assertThat(repository.tags()).isEmpty();
      store.collector().collectGarbage();
      assertThat(store.contents().count()).isZero();
      assertThat(store.repositories().names()).isEmpty();
      assertThat(directory.resolve("local")).isEmptyDirectory();
    }
  }

  @Test
  void contentThatIsNoManifestForUs_butLinkedAsOne_stays(@TempDir Path directory)
      throws IOException {
    RawManifest manifest = Stored.image(LAYER);
    try (Store store = Store.open(directory)) {
      push(store, LAYER, manifest);
    }
    // As a version that knows more types may have written it.
    Files.writeString(
        directory.resolve("local/team/app/_manifests/sha256").resolve(manifest.digest().hex()),
        "application/vnd.oci.image.index.v1+json\n");
    Stored.age(directory, Duration.ofDays(2));
    try (Store store = Store.open(directory)) {
      store.collector().collectGarbage();
      assertThat(store.contents().has(manifest.digest())).isTrue();
      assertThat(store.contents().has(Digest.of(LAYER))).isTrue();
    }
  }

  @Test
  void pushOfHours_losesNothing_alsoWhenTheServerIsStartedAnew(@TempDir Path directory) {
    TestClock time = new TestClock();
    try (Store store = Store.open(directory, time.clock())) {
      store.contents().put(DIGEST, BYTES);
      store.repositories().open(APP).linkBlob(DIGEST);
      time.pass(IndexEntry.GRACE.dividedBy(2));
      assertThat(store.collector().collectGarbage()).isZero();
    }
    try (Store store = Store.open(directory, time.clock())) {
      assertThat(store.collector().collectGarbage()).isZero();
      assertThat(store.repositories().open(APP).hasBlob(DIGEST)).isTrue();
      time.pass(IndexEntry.GRACE);
      assertThat(store.collector().collectGarbage()).isEqualTo(BYTES.length);
      assertThat(store.repositories().open(APP).isEmpty()).isTrue();
    }
  }

  @Test
  void uploadThatIsOpen_keepsEverythingOfItsRepository_howeverLongItTakes(@TempDir Path directory) {
    TestClock time = new TestClock();
    UUID upload = UUID.randomUUID();
    RepositoryId other = RepositoryId.local("team/other");
    byte[] left = Stored.bytes("of a push that was given up");
    try (Store store = Store.open(directory, time.clock())) {
      store.contents().put(DIGEST, BYTES);
      store.repositories().open(APP).linkBlob(DIGEST);
      store.contents().put(Digest.of(left), left);
      store.repositories().open(other).linkBlob(Digest.of(left));
      store.uploads().create(upload, APP.path()).suspend();
    }
    time.pass(IndexEntry.GRACE.multipliedBy(3));
    try (Store store = Store.open(directory, time.clock())) {
      assertThat(store.collector().collectGarbage()).isEqualTo(left.length);
      assertThat(store.repositories().open(APP).hasBlob(DIGEST)).isTrue();
      store.uploads().remove(upload);
      assertThat(store.collector().collectGarbage()).isEqualTo(BYTES.length);
    }
  }

  @Test
  void blobPushedAgain_isAsRecentAsANewOne(@TempDir Path directory) throws IOException {
    try (Store store = Store.open(directory)) {
      store.contents().put(DIGEST, BYTES);
      store.repositories().open(APP).linkBlob(DIGEST);
    }
    Stored.age(directory, Duration.ofDays(2));
    try (Store store = Store.open(directory)) {
      store.repositories().open(APP).linkBlob(DIGEST);
    }
    try (Store store = Store.open(directory)) {
      assertThat(store.collector().collectGarbage()).isZero();
      assertThat(store.repositories().open(APP).hasBlob(DIGEST)).isTrue();
    }
  }

  @Test
  void whatWasEvicted_isForgottenEverywhere(@TempDir Path directory) throws IOException {
    RawManifest manifest = Stored.image(LAYER);
    RepositoryId hub = RepositoryId.of(Repository.parse("redis"));
    try (Store store = Store.open(directory)) {
      Stored.fetch(store, LAYER);
      StoredRepository repository = store.repositories().open(hub);
      repository.put(manifest, manifest.parse(), List.of(new Tag("7")));
      repository.linkBlob(Digest.of(LAYER));
      assertThat(store.repositories().names()).containsOnlyKeys("docker.io/library/redis");
    }
    for (boolean loaded : List.of(false, true)) {
      try (Store store = Store.open(directory)) {
        if (loaded) {
          store.repositories().open(hub);
        }
        new Eviction(store, 0).evictTo(0);
        store.collector().collectGarbage();
        assertThat(store.repositories().names()).isEmpty();
        assertThat(store.repositories().open(hub).isEmpty()).isTrue();
        assertThat(directory.resolve("upstream")).isEmptyDirectory();
        Stored.fetch(store, LAYER);
        store.repositories().open(hub).put(manifest, manifest.parse(), List.of(new Tag("7")));
        assertThat(store.repositories().names()).containsOnlyKeys("docker.io/library/redis");
      }
    }
  }
}
