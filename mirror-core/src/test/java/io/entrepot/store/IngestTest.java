package io.entrepot.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IngestTest {

  private static final byte[] BYTES = "some content".getBytes(UTF_8);
  private static final Digest DIGEST = Digest.of(BYTES);

  private static Path file(Path directory, Digest digest) {
    return directory.resolve("blobs/sha256").resolve(digest.shortHex(2)).resolve(digest.hex());
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
}
