package io.entrepot.cli.command;

/** How the program ends, everywhere. */
public enum ExitCode {
  /** Done. */
  DONE(0),
  /** Something was refused or failed; each was named. */
  FAILED(1),
  /** The command line or a file is wrong. */
  USAGE(2),
  /** {@code --check} found something to change. */
  CHANGES(3),
  /** Stopped early on purpose with work left: run again. */
  POSTPONED(4);

  private final int number;

  ExitCode(int number) {
    this.number = number;
  }

  /** What the process ends with. */
  public int number() {
    return number;
  }
}
