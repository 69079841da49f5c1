package io.entrepot.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.layout.Layout;
import io.entrepot.layout.LayoutDocument;
import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.oci.MediaType;
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
                        LockFile.USUAL_NAME + " of the layout",
                        new String(document.bytes(), UTF_8)),
                    document.annotations().containsKey(SPARSE)));
  }

  void write(Layout layout) {
    new LayoutDocument(
            LockFile.USUAL_NAME,
            TYPE,
            LockFileCodec.format(lock).getBytes(UTF_8),
            sparse ? Map.of(SPARSE, "true") : Map.of())
        .writeTo(layout);
  }
}
