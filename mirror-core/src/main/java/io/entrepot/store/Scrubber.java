package io.entrepot.store;

import io.entrepot.oci.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Reads everything again and compares it with its digest. Blocks. */
public final class Scrubber {

  private final ContentIndex index;
  private final Contents contents;

  Scrubber(ContentIndex index, Contents contents) {
    this.index = index;
    this.contents = contents;
  }

  /**
   * Hashes everything that is here now.
   *
   * @param progress called before each
   * @return the digests whose bytes were wrong; they are set aside
   */
  public List<Digest> verifyAll(Consumer<Digest> progress) {
    List<Digest> bad = new ArrayList<>();
    index.forEach(
        (digest, entry) -> {
          progress.accept(digest);
          if (!contents.scrub(digest)) {
            bad.add(digest);
          }
        });
    return bad;
  }
}
