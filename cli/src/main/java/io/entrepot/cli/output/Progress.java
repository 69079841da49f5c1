package io.entrepot.cli.output;

import io.entrepot.mirror.MirrorListener;

/** How a run shows that it goes on. */
public interface Progress extends AutoCloseable {

  /** To be told of the run. */
  MirrorListener listener();

  /** How many images there are, once that is known. */
  void images(int number);

  /** Ends it; once is enough. */
  @Override
  void close();

  /** Redrawn lines on a terminal, plain lines elsewhere, nothing when quiet. */
  static Progress of(Console console, Terminal terminal) {
    if (console.isQuiet() || !terminal.interactive()) {
      return new ProgressLines(console);
    }
    return ProgressBoard.start(console, terminal);
  }
}
