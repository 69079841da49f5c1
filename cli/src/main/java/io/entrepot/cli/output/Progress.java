package io.entrepot.cli.output;

import io.entrepot.mirror.MirrorListener;

/** What a run of the mirror shows while it goes on. */
public sealed interface Progress extends AutoCloseable permits ProgressBoard, ProgressLines {

  /** The listener to give to the run. */
  MirrorListener listener();

  /** Sets the number of images, once it is known. */
  void images(int number);

  /** Ends the display. A second call does nothing. */
  @Override
  void close();

  /**
   * Lines that are redrawn on a terminal, plain lines elsewhere, nothing if the console is quiet.
   */
  static Progress of(Console console, Terminal terminal) {
    if (console.isQuiet() || !terminal.interactive()) {
      return new ProgressLines(console);
    }
    return ProgressBoard.start(console, terminal);
  }
}
