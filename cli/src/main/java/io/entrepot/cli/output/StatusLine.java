package io.entrepot.cli.output;

import io.entrepot.concurrent.StepListener;
import java.util.concurrent.TimeUnit;

/**
 * One line on a terminal that says how far a command has come, redrawn at most ten times a second,
 * and gone when something else is printed or the command ends. Nothing where there is no terminal.
 */
public final class StatusLine implements StepListener, AutoCloseable {

  private static final long REDRAW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Short commands show nothing. */
  private static final long FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final String CLEAR = "\r\u001B[K";

  private final Console console;
  private final boolean shown;
  private final long began = System.nanoTime();
  private long drawn;
  private boolean visible;
  private boolean closed;

  /** A line on standard error. */
  public StatusLine(Console console, Terminal terminal) {
    this.console = console;
    this.shown = terminal.interactive() && !console.isQuiet();
    if (shown) {
      console.show(this::clear);
    }
  }

  @Override
  public void step(String what, int done, int all) {
    if (!shown) {
      return;
    }
    long now = System.nanoTime();
    synchronized (console) {
      if (closed || now - began < FIRST_NANOS || now - drawn < REDRAW_NANOS) {
        return;
      }
      drawn = now;
      visible = true;
      console.draw("%s%s: %d of %d".formatted(CLEAR, what, done, all));
    }
  }

  private void clear() {
    if (visible) {
      visible = false;
      console.draw(CLEAR);
    }
  }

  @Override
  public void close() {
    synchronized (console) {
      closed = true;
      if (shown) {
        clear();
        console.show(null);
      }
    }
  }
}
