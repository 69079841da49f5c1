package io.entrepot.store;

import java.time.Duration;
import java.time.Instant;

/** A clock that goes when it is told to, from now on. */
final class TestClock {

  private Instant wall = Instant.now();
  private long nanos;

  StoreClock clock() {
    return new StoreClock(() -> wall, () -> nanos);
  }

  /** Time passes. */
  TestClock pass(Duration time) {
    nanos += time.toNanos();
    return set(time);
  }

  /** Somebody sets the time of day. */
  TestClock set(Duration forward) {
    wall = wall.plus(forward);
    return this;
  }
}
