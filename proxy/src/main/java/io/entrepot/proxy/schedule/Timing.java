package io.entrepot.proxy.schedule;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;

/** When a mirror runs. */
public sealed interface Timing {

  /** The next time after a run that began then. */
  Instant next(Instant began);

  /** Again and again. */
  record Every(Duration interval) implements Timing {

    /** Less would ask registries without end. */
    private static final Duration LEAST = Duration.ofMinutes(1);

    /** Checks the interval. */
    public Every {
      if (interval.compareTo(LEAST) < 0) {
        throw new IllegalArgumentException("at least a minute lies between two runs");
      }
    }

    @Override
    public Instant next(Instant began) {
      return began.plus(interval);
    }
  }

  /** At fixed times of a zone. */
  record At(Cron cron, ZoneId zone) implements Timing {
    @Override
    public Instant next(Instant began) {
      return cron.next(began.atZone(zone)).toInstant();
    }
  }
}
