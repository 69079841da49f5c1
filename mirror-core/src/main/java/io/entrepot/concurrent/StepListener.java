package io.entrepot.concurrent;

/** Is told how far a long work has come. Any thread; it must not block. */
@FunctionalInterface
public interface StepListener {

  /** Tells nobody. */
  StepListener SILENT = (what, done, all) -> {};

  /**
   * A part of the work is done.
   *
   * @param what the work, as {@code rendering}
   * @param done parts of it so far
   * @param all parts that are known so far
   */
  void step(String what, int done, int all);
}
