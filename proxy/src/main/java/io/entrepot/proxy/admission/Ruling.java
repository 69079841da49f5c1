package io.entrepot.proxy.admission;

import io.entrepot.policy.Decision;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A decision about content of one repository, and for how long it is believed.
 *
 * @param vouches whether what an admitted list holds is admitted with it
 * @param until when it is judged again
 */
record Ruling(Decision decision, boolean vouches, Instant until) {

  /** Others sign meanwhile, and the content of more lists becomes known. */
  private static final Duration SOON = Duration.ofMinutes(1);

  /** Long enough that a registry which fails is not asked for each request. */
  private static final Duration AT_ONCE = Duration.ofSeconds(10);

  static final Ruling ADMITTED = new Ruling(new Decision.Admitted(List.of()), true, Instant.MAX);

  /** As long as the kind of the decision says. */
  static Ruling of(Decision decision, Instant now) {
    return new Ruling(
        decision,
        true,
        switch (decision) {
          case Decision.Admitted _ -> Instant.MAX;
          case Decision.Waiting(var end) -> end.isBefore(now.plus(SOON)) ? end : now.plus(SOON);
          case Decision.Refused(var cause, _, _) when cause == Decision.Cause.DENIED -> Instant.MAX;
          case Decision.Refused _ -> now.plus(SOON);
          case Decision.Unjudged _ -> now.plus(AT_ONCE);
        });
  }

  boolean isAdmitted() {
    return decision instanceof Decision.Admitted;
  }

  boolean isDenied() {
    return decision instanceof Decision.Refused(var cause, _, _) && cause == Decision.Cause.DENIED;
  }

  /** Whether it is still believed. The common case asks no clock. */
  boolean isFresh(Clock clock) {
    return until.equals(Instant.MAX) || clock.instant().isBefore(until);
  }

  /** The same, judged again soon: not all that it rests on was looked at, or will last. */
  Ruling forAMoment(Instant now) {
    Instant soon = now.plus(SOON);
    return new Ruling(decision, vouches, until.isBefore(soon) ? until : soon);
  }

  /** The same for what stands beside images: it makes nothing else run. */
  Ruling vouchingForNothing() {
    return new Ruling(decision, false, until);
  }
}
