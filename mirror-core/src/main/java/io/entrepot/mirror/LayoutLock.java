package io.entrepot.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.layout.Layout;
import io.entrepot.layout.LayoutDocument;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryException;
import io.vertx.core.buffer.Buffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The lock that travels in a layout: what the layout was made to hold.
 *
 * @param sparse whether what the other side has was left out
 */
record LayoutLock(LockFile lock, boolean sparse) {

  private static final MediaType TYPE = new MediaType("application/vnd.entrepot.lock.v1+yaml");
  private static final String SPARSE = "dev.entrepot.sparse";

  static Optional<LayoutLock> read(Layout layout) {
    return LayoutDocument.read(layout, LockFile.USUAL_NAME, TYPE)
        .map(
            document ->
                new LayoutLock(
                    LockFileCodec.parse(
                        LockFile.USUAL_NAME + " of the layout", document.content().toString(UTF_8)),
                    document.annotations().containsKey(SPARSE)));
  }

  void write(Layout layout) {
    new LayoutDocument(
            LockFile.USUAL_NAME,
            TYPE,
            Buffer.buffer(LockFileCodec.format(lock).getBytes(UTF_8)),
            sparse ? Map.of(SPARSE, "true") : Map.of())
        .writeTo(layout);
  }

  /**
   * Refuses a layout whose index does not say what the lock says.
   *
   * @throws RegistryException naming the first image that is missing or another one
   */
  void requireEntries(Layout layout) {
    Map<String, Digest> entries = new HashMap<>();
    for (Descriptor entry : layout.entries()) {
      Layout.nameOf(entry).ifPresent(name -> entries.put(name, entry.digest()));
    }
    lock.images()
        .forEach(
            (key, image) -> {
              String name = (image.targetDigest() == null ? key : image.target()).toString();
              Digest there = entries.get(name);
              if (there == null ? !sparse : !there.equals(image.digestAtTarget())) {
                throw RegistryException.of(
                        ErrorCode.MANIFEST_INVALID,
                        "index.json of the layout has %s for %s; its lock says %s"
                            .formatted(
                                there == null ? "nothing" : there, name, image.digestAtTarget()))
                    .withRemedy("make the layout again, or fetch it again");
              }
            });
  }
}
