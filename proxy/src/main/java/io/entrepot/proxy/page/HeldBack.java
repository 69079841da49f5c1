package io.entrepot.proxy.page;

import java.time.Instant;
import java.util.List;

/**
 * What the policy holds back.
 *
 * @param waiting by source, then the oldest first
 * @param denied by source
 */
public record HeldBack(List<Waiting> waiting, List<Denied> denied) {

  /** Nothing. */
  public static final HeldBack NOTHING = new HeldBack(List.of(), List.of());

  /** Copies the lists. */
  public HeldBack {
    waiting = List.copyOf(waiting);
    denied = List.copyOf(denied);
  }

  /** A digest that is not old enough yet. */
  public record Waiting(String reference, String digest, Instant firstSeen) {}

  /** A digest that is denied. */
  public record Denied(String reference, String digest, String reason) {}
}
