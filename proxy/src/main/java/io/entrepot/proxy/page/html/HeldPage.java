package io.entrepot.proxy.page.html;

import io.entrepot.proxy.page.HeldBack.Denied;
import io.entrepot.proxy.page.HeldBack.Waiting;
import io.jstach.jstache.JStache;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What waits, and what is denied. */
@JStache(path = "io/entrepot/proxy/page/html/held.mustache")
public record HeldPage(Frame frame, List<Waiting> allWaiting, List<Denied> allDenied) {

  /** A digest that waits. */
  record WaitingRow(
      String reference,
      String digest,
      String shortDigest,
      @Nullable Moment firstSeen,
      @Nullable String until) {}

  /** A digest that is denied. */
  record DeniedRow(String reference, String digest, String shortDigest, String reason) {}

  List<WaitingRow> waiting() {
    return allWaiting.stream()
        .map(
            each ->
                new WaitingRow(
                    each.reference(),
                    each.digest(),
                    Words.digest(each.digest()),
                    frame.moment(each.firstSeen()),
                    until(each.until())))
        .toList();
  }

  private static @Nullable String until(@Nullable Instant until) {
    return until == null ? null : Words.exact(until);
  }

  List<DeniedRow> denied() {
    return allDenied.stream()
        .map(
            each ->
                new DeniedRow(
                    each.reference(), each.digest(), Words.digest(each.digest()), each.reason()))
        .toList();
  }
}
