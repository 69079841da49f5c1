package io.entrepot.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContentsTest {

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
  void fileThatLostItsBytes_isSetAsideAtTheStart_theEmptyContentStays(@TempDir Path directory)
      throws IOException {
    byte[] nothing = {};
    try (Store store = Store.open(directory)) {
      store.contents().put(DIGEST, BYTES);
      store.contents().put(Digest.of(nothing), nothing);
    }
    Files.write(file(directory, DIGEST), nothing);
    try (Store store = Store.open(directory)) {
      assertThat(store.contents().find(DIGEST)).isEmpty();
      assertThat(store.contents().find(Digest.of(nothing))).isPresent();
      assertThat(store.contents().count()).isEqualTo(1);
      assertThat(store.quarantine().corruptions()).isEqualTo(1);
      store.contents().put(DIGEST, BYTES);
      assertThat(store.contents().readAll(DIGEST, 100)).contains(BYTES);
    }
  }

  @Test
  void contentPutAgain_healsAFileThatWentBadSinceItWasVerified(@TempDir Path directory)
      throws IOException {
    try (Store store = Store.open(directory)) {
      store.contents().put(DIGEST, BYTES);
      Files.write(file(directory, DIGEST), Stored.bytes("some c0ntent"));
      assertThat(store.contents().put(DIGEST, BYTES).verified()).isTrue();
      assertThat(file(directory, DIGEST)).hasBinaryContent(BYTES);
      Files.delete(file(directory, DIGEST));
      store.contents().put(DIGEST, BYTES);
      assertThat(file(directory, DIGEST)).hasBinaryContent(BYTES);
    }
  }

  @Test
  void contentThatTookThePlaceOfABadFile_staysWhenTheReaderOfThatEnds(@TempDir Path directory)
      throws IOException {
    try (Store store = Store.open(directory)) {
      store.contents().put(DIGEST, BYTES);
      Files.write(file(directory, DIGEST), Stored.bytes("some c0ntent"));
      try (Reading reading = store.contents().read(DIGEST).orElseThrow()) {
        Stored.fetch(store, BYTES);
        store.contents().setAside(reading, "its bytes changed");
      }
      assertThat(store.contents().readAll(DIGEST, 100)).contains(BYTES);
      assertThat(store.quarantine().corruptions()).isZero();
    }
  }
}
