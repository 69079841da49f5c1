package io.entrepot.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import io.entrepot.oci.Tag;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredRepositoryTest {

  private static final byte[] BYTES = "some content".getBytes(UTF_8);
  private static final Digest DIGEST = Digest.of(BYTES);

  private static Path file(Path directory, Digest digest) {
    return directory.resolve("blobs/sha256").resolve(digest.shortHex(2)).resolve(digest.hex());
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
