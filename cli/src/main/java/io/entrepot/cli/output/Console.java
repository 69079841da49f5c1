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
  private boolean colour;
  private Paint paint = Paint.NONE;
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

  /** Standard output, for the parser to print help and the version. */
  public PrintWriter writer() {
    return new PrintWriter(out, true, UTF_8);
  }

  /**
   * Sets how much is printed.
   *
   * @param nothingButResults leaves out notes
   * @param everything adds details and stack traces
   */
  public void verbosity(boolean nothingButResults, boolean everything) {
    this.quiet = nothingButResults;
    this.verbose = everything;
  }

  /**
   * Sets what takes colours.
   *
   * @param errors whether standard error does
   * @param results whether standard output does
   */
  public void colour(boolean errors, boolean results) {
    this.colour = errors;
    this.paint = new Paint(results);
  }

  /** The colours of standard output. */
  Paint paint() {
    return paint;
  }

  /** Whether details and stack traces are printed. */
  public boolean isVerbose() {
    return verbose;
  }

  /** Whether only results and failures are printed. */
  public boolean isQuiet() {
    return quiet;
  }

  /** Prints what a run elsewhere said already, as it said it. */
  public synchronized void relay(String results, String rest) {
    clearOverlay();
    err.print(rest);
    err.flush();
    out.print(results);
    out.flush();
  }

  /** Prints a line of the result on standard output. */
  public synchronized void result(String line) {
    clearOverlay();
    out.println(printable(line));
    out.flush();
  }

  /** Prints a document of our own making on standard output, unchecked. */
  public synchronized void document(String text) {
    clearOverlay();
    out.print(text);
    out.flush();
  }

  /** As {@link #document(String)}, for a document that does not fit into memory. */
  public synchronized void document(Consumer<Writer> writing) {
    clearOverlay();
    PrintWriter writer =
        new PrintWriter(new BufferedWriter(new OutputStreamWriter(out, UTF_8), 1 << 16));
    writing.accept(writer);
    writer.flush();
  }

  /** Prints a line on standard error, unless the console is quiet. */
  public synchronized void note(String line) {
    if (!quiet) {
      printError(line);
    }
  }

  /** Prints a warning on standard error. */
  public synchronized void warn(String message) {
    printError(paint("33", "warning: ") + printable(message));
  }

  /** Prints a failure on standard error. */
  public synchronized void error(String message) {
    printError(paint("31", "error: ") + printable(message));
  }

  /** Prints a line on standard error, however quiet the console is. */
  public synchronized void say(String line) {
    printError(printable(line));
  }

  /** Prints the stack trace of a failure if the console is verbose. */
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

  /** The text with control characters replaced, which a terminal would obey. */
  static String printable(String text) {
    return text.replaceAll("[\\p{Cc}\\p{Cf}&&[^\\n\\t]]", "\uFFFD");
  }
}
