package io.entrepot.mirror;

import io.entrepot.lock.Denial;
import io.entrepot.mirror.ImageResult.Outcome;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An image must not or cannot be copied now, though nothing failed; its tag does not move. */
final class Stopped extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** The remedy for everything that is postponed. */
  static final String RETRY_NEXT_RUN = "run again: what is done stays done";

  private final Outcome outcome;
  private final @Nullable String remedy;
  private final transient Optional<Denial> denial;

  private Stopped(
      Outcome outcome, String reason, @Nullable String remedy, Optional<Denial> denial) {
    super(reason);
    this.outcome = outcome;
    this.remedy = remedy;
    this.denial = denial;
  }

  /** It is not what is required. */
  static Stopped refused(String reason, String remedy) {
    return new Stopped(Outcome.REFUSED, reason, remedy, Optional.empty());
  }

  /** The policy denies it, or something in it. */
  static Stopped denied(String reason, String remedy, Denial denial) {
    return new Stopped(Outcome.REFUSED, reason, remedy, Optional.of(denial));
  }

  /** It is left for the next run. */
  static Stopped postponed(String reason) {
    return new Stopped(Outcome.POSTPONED, reason, RETRY_NEXT_RUN, Optional.empty());
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

  /** What is denied, where that is why. */
  Optional<Denial> denial() {
    return denial;
  }
}
