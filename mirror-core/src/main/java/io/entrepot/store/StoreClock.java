package io.entrepot.store;

import java.time.Duration;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The time of day, which may be set, and a clock that only goes forward.
 *
 * @param wall for what outlives the process: times of files
 * @param nanos for what is measured within it, as {@link System#nanoTime}
 */
record StoreClock(InstantSource wall, LongSupplier nanos) {

  static final StoreClock SYSTEM = new StoreClock(InstantSource.system(), System::nanoTime);

  boolean isWithin(Duration time, long sinceNanos) {
    return nanos.getAsLong() - sinceNanos < time.toNanos();
  }
}
