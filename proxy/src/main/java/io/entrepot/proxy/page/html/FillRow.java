package io.entrepot.proxy.page.html;

import io.entrepot.proxy.page.Fill;
import java.util.List;

/**
 * A fetch on the page.
 *
 * @param href of its repository
 * @param percent 0 to 100
 * @param known whether the upstream has said how much there is
 */
record FillRow(
    String repository,
    String href,
    String digest,
    String shortDigest,
    String words,
    int percent,
    boolean known) {

  static List<FillRow> all(Frame frame, List<Fill> fills) {
    return fills.stream().map(fill -> of(frame, fill)).toList();
  }

  private static FillRow of(Frame frame, Fill fill) {
    Long total = fill.total();
    return new FillRow(
        fill.repository(),
        Links.image(frame, fill.repository()),
        fill.digest(),
        Words.digest(fill.digest()),
        total == null
            ? Words.bytes(fill.bytes())
            : Words.bytes(fill.bytes()) + " of " + Words.bytes(total),
        total == null || total == 0 ? 0 : Math.clamp(100 * fill.bytes() / total, 0, 100),
        total != null);
  }
}
