package io.entrepot.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CollectorTest {

  private static final byte[] BYTES = "some content".getBytes(UTF_8);
  private static final Digest DIGEST = Digest.of(BYTES);

  private static Path file(Path directory, Digest digest) {
    return directory.resolve("blobs/sha256").resolve(digest.shortHex(2)).resolve(digest.hex());
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
}
