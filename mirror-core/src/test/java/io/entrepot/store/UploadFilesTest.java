package io.entrepot.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UploadFilesTest {

  private static final byte[] BYTES = "some content".getBytes(UTF_8);
  private static final Digest DIGEST = Digest.of(BYTES);

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
  void uploadThatCannotBegin_leavesNothing(@TempDir Path directory) throws IOException {
    try (Store store = Store.open(directory)) {
      UUID id = UUID.randomUUID();
      assertThatThrownBy(() -> store.uploads().create(id, "\uD800"))
          .isInstanceOf(StoreException.class);
      assertThat(directory.resolve("uploads")).isEmptyDirectory();
    }
  }
}
