package io.entrepot.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Tag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredRepositoryTest {

  private static final byte[] BYTES = "some content".getBytes(UTF_8);
  private static final Digest DIGEST = Digest.of(BYTES);

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

  private static final RepositoryId APP = RepositoryId.local("team/app");
  private static final byte[] LAYER = Stored.bytes("a layer of some bytes");

  private static void push(Store store, byte[] layer, RawManifest manifest, String tag) {
    StoredRepository repository = store.repositories().open(APP);
    store.contents().put(Digest.of(layer), layer);
    repository.linkBlob(Digest.of(layer));
    repository.put(manifest, manifest.parse(), List.of(new Tag(tag)));
  }

  private static void shorten(Path directory, byte[] content) throws IOException {
    Files.write(Stored.file(directory, Digest.of(content)), Arrays.copyOf(content, 5));
  }

  @Test
  void blobThatBecameShort_isSetAside_whenARepositoryKnowsItsSizeFromAManifest(
      @TempDir Path directory) throws IOException {
    try (Store store = Store.open(directory)) {
      push(store, LAYER, Stored.image(LAYER), "v1");
    }
    shorten(directory, LAYER);
    try (Store store = Store.open(directory)) {
      store.repositories().open(APP);
      assertThat(store.contents().find(Digest.of(LAYER))).isEmpty();
      assertThat(store.quarantine().corruptions()).isEqualTo(1);
    }
  }

  @Test
  void blobThatBecameShort_isSetAside_whenItsLinkSaysItsSize(@TempDir Path directory)
      throws IOException {
    try (Store store = Store.open(directory)) {
      store.contents().put(Digest.of(LAYER), LAYER);
      store.repositories().open(APP).linkBlob(Digest.of(LAYER));
    }
    shorten(directory, LAYER);
    try (Store store = Store.open(directory)) {
      store.repositories().open(APP);
      assertThat(store.contents().find(Digest.of(LAYER))).isEmpty();
    }
  }

  @Test
  void linksOfAnEarlierVersion_sayNoSize_andAreTaken(@TempDir Path directory) throws IOException {
    try (Store store = Store.open(directory)) {
      store.contents().put(Digest.of(LAYER), LAYER);
      store.repositories().open(APP).linkBlob(Digest.of(LAYER));
    }
    Path link = directory.resolve("local/team/app/_blobs/sha256").resolve(Digest.of(LAYER).hex());
    assertThat(link).hasContent("" + LAYER.length);
    Files.writeString(link, "");
    try (Store store = Store.open(directory)) {
      assertThat(store.repositories().open(APP).hasBlob(Digest.of(LAYER))).isTrue();
      assertThat(store.contents().find(Digest.of(LAYER))).isPresent();
    }
  }

  @Test
  void manifestThatStatesAWrongSize_costsNoGoodBlob(@TempDir Path directory) {
    RawManifest lying = Stored.image(LAYER, 7, "");
    try (Store store = Store.open(directory)) {
      push(store, LAYER, lying, "v1");
    }
    try (Store store = Store.open(directory)) {
      store.repositories().open(APP);
      assertThat(store.contents().find(Digest.of(LAYER)))
          .contains(new StoredContent(Digest.of(LAYER), LAYER.length, true));
    }
  }

  @Test
  void manifestPutAgain_healsItsFile_andIsKnownAgain(@TempDir Path directory) throws IOException {
    RawManifest manifest = Stored.image(LAYER);
    try (Store store = Store.open(directory)) {
      push(store, LAYER, manifest, "v1");
    }
    Files.writeString(Stored.file(directory, manifest.digest()), "rotten");
    try (Store store = Store.open(directory)) {
      StoredRepository repository = store.repositories().open(APP);
      assertThat(repository.manifest(manifest.digest())).isEmpty();
      assertThat(repository.tag("v1")).contains(manifest.digest());
      repository.put(manifest, manifest.parse(), List.of());
      assertThat(repository.manifest(manifest.digest())).isPresent();
    }
    try (Store store = Store.open(directory)) {
      assertThat(store.repositories().open(APP).manifest(manifest.digest())).isPresent();
    }
  }

  @Test
  void referrers_tellAnnotationsFromTheFile_notThoseThatFillAList(@TempDir Path directory) {
    RawManifest subject = Stored.image(LAYER);
    String about =
        ",\"artifactType\":\"application/x-note\",\"subject\":{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d},\"annotations\":{\"%s\":\"v\"}";
    RawManifest small =
        Stored.image(
            LAYER,
            LAYER.length,
            about.formatted(subject.mediaType(), subject.digest(), subject.size(), "k"));
    RawManifest large =
        Stored.image(
            LAYER,
            LAYER.length,
            about.formatted(
                subject.mediaType(), subject.digest(), subject.size(), "k".repeat(40_000)));
    try (Store store = Store.open(directory)) {
      for (RawManifest each : List.of(subject, small, large)) {
        push(store, LAYER, each, "t");
      }
    }
    try (Store store = Store.open(directory)) {
      List<Descriptor> found = store.repositories().open(APP).referrers(subject.digest());
      assertThat(found)
          .extracting(Descriptor::digest)
          .containsExactlyInAnyOrder(small.digest(), large.digest());
      assertThat(found).extracting(Descriptor::artifactType).containsOnly("application/x-note");
      for (Descriptor each : found) {
        assertThat(each.annotations())
            .isEqualTo(each.digest().equals(small.digest()) ? Map.of("k", "v") : Map.of());
      }
    }
  }

  @Test
  void childrenOfAManifest_areForgottenWithTheLastThatNeedsThem(@TempDir Path directory) {
    RawManifest one = Stored.image(LAYER);
    RawManifest other = Stored.image(LAYER, LAYER.length, ",\"annotations\":{\"a\":\"b\"}");
    try (Store store = Store.open(directory)) {
      push(store, LAYER, one, "v1");
      push(store, LAYER, one, "v1");
      push(store, LAYER, other, "v2");
      StoredRepository repository = store.repositories().open(APP);
      repository.removeManifest(one.digest());
      assertThat(repository.described(Digest.of(LAYER)))
          .get()
          .matches(described -> described.size() == LAYER.length);
      repository.removeManifest(other.digest());
      assertThat(repository.described(Digest.of(LAYER))).isEmpty();
    }
  }
}
