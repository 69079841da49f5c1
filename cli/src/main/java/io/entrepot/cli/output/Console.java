package io.entrepot.cli.output;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedWriter;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Results on standard output, everything else on standard error. Control characters are replaced,
 * since much of what is printed comes from registries.
 */
public final class Console {

  private final PrintStream out;
  private final PrintStream err;
  private final boolean colour;
  private boolean quiet;
  private boolean verbose;
  private @Nullable Overlay overlay;

  /** Lines at the bottom of the terminal that other lines must not tear apart. */
  interface Overlay {

    /** Removes the lines. */
    void clear();
  }

  /**
   * @param colour whether standard error takes colours
   */
  public Console(PrintStream out, PrintStream err, boolean colour) {
    this.out = out;
    this.err = err;
    this.colour = colour;
  }

  /** Standard output for a document that is asked for, such as help. */
  public PrintWriter writer() {
    return new PrintWriter(out, true, UTF_8);
  }

  /** Says less, or more. */
  public void verbosity(boolean nothingButResults, boolean everything) {
    this.quiet = nothingButResults;
    this.verbose = everything;
  }

  /** Whether stack traces and details are wanted. */
  public boolean isVerbose() {
    return verbose;
  }

  /** Whether nothing but results and failures is wanted. */
  public boolean isQuiet() {
    return quiet;
  }

  /** A line of the result. */
  public synchronized void result(String line) {
    clearOverlay();
    out.println(printable(line));
    out.flush();
  }

  /** Text of the result as it is, without a check: a document of our own making. */
  public synchronized void document(String text) {
    clearOverlay();
    out.print(text);
    out.flush();
  }

  /** As {@link #document(String)}, of what is too long to be held. */
  public synchronized void document(Consumer<Writer> writing) {
    clearOverlay();
    PrintWriter writer =
        new PrintWriter(new BufferedWriter(new OutputStreamWriter(out, UTF_8), 1 << 16));
    writing.accept(writer);
    writer.flush();
  }

  /** What is nice to know. */
  public synchronized void note(String line) {
    if (!quiet) {
      printError(line);
    }
  }

  /** What is odd but stops nothing. */
  public synchronized void warn(String message) {
    printError(paint("33", "warning: ") + printable(message));
  }

  /** What failed. */
  public synchronized void error(String message) {
    printError(paint("31", "error: ") + printable(message));
  }

  /** A line on standard error, whatever the verbosity. */
  public synchronized void say(String line) {
    printError(printable(line));
  }

  /** The trace of a failure, where that is wanted. */
  public synchronized void trace(Throwable failure) {
    if (verbose) {
      clearOverlay();
      failure.printStackTrace(err);
    }
  }

  synchronized void show(@Nullable Overlay lines) {
    overlay = lines;
  }

  synchronized void draw(String text) {
    err.print(text);
    err.flush();
  }

  private void printError(String line) {
    clearOverlay();
    err.println(line);
    err.flush();
  }

  private void clearOverlay() {
    if (overlay != null) {
      overlay.clear();
    }
  }

  private String paint(String code, String text) {
    return colour ? "\u001B[" + code + "m" + text + "\u001B[0m" : text;
  }

  /** Text without anything that a terminal would obey. */
  static String printable(String text) {
    return text.replaceAll("[\\p{Cc}\\p{Cf}&&[^\\n\\t]]", "\uFFFD");
  }
}
