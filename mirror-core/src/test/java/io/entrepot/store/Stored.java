package io.entrepot.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;

/** What the tests of the store put into it, and where that lies. */
final class Stored {

  private Stored() {}

  static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  static Path file(Path store, Digest digest) {
    return store.resolve("blobs/sha256").resolve(digest.shortHex(2)).resolve(digest.hex());
  }

  /** An image of one layer; its configuration is the layer too. */
  static RawManifest image(byte[] layer, long size, String more) {
    String pointer =
        "{\"mediaType\":\"application/octet-stream\",\"digest\":\"%s\",\"size\":%d}"
            .formatted(Digest.of(layer), size);
    return RawManifest.of(
        MediaType.OCI_MANIFEST,
        bytes(
            "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]%s}"
                .formatted(MediaType.OCI_MANIFEST, pointer, pointer, more)));
  }

  static RawManifest image(byte[] layer) {
    return image(layer, layer.length, "");
  }

  /** Content as a fetch stores it: nothing keeps it but its use. */
  static Digest fetch(Store store, byte[] content) {
    Ingest ingest = store.contents().begin(Digest.Algorithm.SHA256);
    ingest.write(ByteBuffer.wrap(content));
    return ingest.commit(Digest.of(content), content.length).digest();
  }

  /** Makes every file below a directory as old as that. */
  static void age(Path directory, Duration age) throws IOException {
    FileTime time = FileTime.from(Instant.now().minus(age));
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path each : files.filter(Files::isRegularFile).toList()) {
        Files.setLastModifiedTime(each, time);
      }
    }
  }
}
