package io.entrepot.proxy.admission;

import io.entrepot.oci.Digest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * What a tag has meant upstream, as far as it may still be given: the last is what it means now.
 *
 * @param meanings oldest first
 */
record TagHistory(List<Meaning> meanings) {

  /** The tag is never answered with one that is further back. */
  private static final int MOST = 8;

  static final TagHistory NONE = new TagHistory(List.of());

  /**
   * A digest that the tag had.
   *
   * @param since when it was seen there first
   */
  record Meaning(Digest digest, Instant since) {}

  /** Keeps the newest. */
  TagHistory {
    meanings = List.copyOf(meanings.subList(Math.max(0, meanings.size() - MOST), meanings.size()));
  }

  /**
   * The history when the tag means a digest. Going back to an earlier one takes back what came
   * after it.
   *
   * @param takenBack whether the meaning that ends now is to be forgotten, because the tag left it
   *     at once
   */
  TagHistory then(Digest digest, Instant now, Predicate<Meaning> takenBack) {
    for (int i = 0; i < meanings.size(); i++) {
      if (meanings.get(i).digest().equals(digest)) {
        return i == meanings.size() - 1 ? this : new TagHistory(meanings.subList(0, i + 1));
      }
    }
    List<Meaning> more = new ArrayList<>(meanings);
    if (!more.isEmpty() && takenBack.test(more.getLast())) {
      more.removeLast();
    }
    more.add(new Meaning(digest, now));
    return new TagHistory(more);
  }

  /** The digests, newest first. */
  List<Digest> newestFirst() {
    return meanings.reversed().stream().map(Meaning::digest).toList();
  }
}
