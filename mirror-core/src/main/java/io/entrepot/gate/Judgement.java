package io.entrepot.gate;

/**
 * A rule and how it is judged. Has no state: one instance serves every check, from many threads.
 */
public interface Judgement {

  /** What is refused. */
  Rule rule();

  /**
   * Judges everything that was rendered, for all targets.
   *
   * @throws GateException if the check cannot go on, such as for a directory that is not there
   */
  void judge(Evidence evidence, Findings findings);
}
