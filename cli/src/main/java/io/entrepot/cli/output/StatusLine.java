package io.entrepot.cli.output;

import io.entrepot.concurrent.StepListener;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

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
  private volatile boolean closed;

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
    draw("%s: %d of %d".formatted(what, done, all));
  }

  private void draw(String text) {
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
      console.draw(CLEAR + text);
    }
  }

  /** Work of which nobody knows how far it is: the line says what it is, and for how long. */
  public void working(String what) {
    if (!shown) {
      return;
    }
    Thread.startVirtualThread(
        () -> {
          while (!closed) {
            draw("%s, %d s".formatted(what, (System.nanoTime() - began) / 1_000_000_000));
            LockSupport.parkNanos(FIRST_NANOS);
          }
        });
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
