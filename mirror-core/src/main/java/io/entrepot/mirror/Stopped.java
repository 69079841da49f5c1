package io.entrepot.mirror;

import io.entrepot.mirror.ImageResult.Outcome;
import org.jspecify.annotations.Nullable;

/** An image must not or cannot be copied now, though nothing failed; its tag does not move. */
final class Stopped extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** The remedy for everything that is postponed. */
  static final String RETRY_NEXT_RUN = "run again: what is done stays done";

  private final Outcome outcome;
  private final @Nullable String remedy;

  private Stopped(Outcome outcome, String reason, @Nullable String remedy) {
    super(reason);
    this.outcome = outcome;
    this.remedy = remedy;
  }

  /** It is not what is required. */
  static Stopped refused(String reason, String remedy) {
    return new Stopped(Outcome.REFUSED, reason, remedy);
  }

  /** It is left for the next run. */
  static Stopped postponed(String reason) {
    return new Stopped(Outcome.POSTPONED, reason, RETRY_NEXT_RUN);
  }

  Outcome outcome() {
    return outcome;
  }

  String reason() {
    return String.valueOf(getMessage());
  }

  @Nullable String remedy() {
    return remedy;
  }
}
