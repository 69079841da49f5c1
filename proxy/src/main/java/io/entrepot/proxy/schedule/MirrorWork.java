package io.entrepot.proxy.schedule;

import java.util.Optional;

/** Runs a mirror. Blocks; an interrupt stops the run and leaves what is done in the lock. */
@FunctionalInterface
public interface MirrorWork {

  /**
   * One run.
   *
   * @param only a glob over sources and targets; empty for all entries
   */
  RunResult run(MirrorJob job, Optional<String> only);
}
