package io.entrepot.proxy.schedule;

import tools.jackson.databind.node.ObjectNode;

/** What came of a run of a mirror. */
public sealed interface RunResult {

  /**
   * It ran.
   *
   * @param report in the shape of {@code mirror --report}
   * @param lockChanged whether the lock file says something else now
   * @param stopped whether it was stopped before its end
   * @param postponed whether images wait for a quota
   */
  record Done(ObjectNode report, boolean lockChanged, boolean stopped, boolean postponed)
      implements RunResult {}

  /**
   * It could not run.
   *
   * @param reason in a sentence, with file and line where there are such
   */
  record Broken(String reason) implements RunResult {}
}
