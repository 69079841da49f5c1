package io.entrepot.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.cli.command.Entrepot;
import io.entrepot.cli.command.Invocation;
import io.entrepot.cli.output.Console;
import io.entrepot.cli.output.Terminal;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;

/** The program. */
public final class Main {

  private static final String LOG_FORMAT = "java.util.logging.SimpleFormatter.format";

  private Main() {}

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    if (System.getProperty(LOG_FORMAT) == null) {
      // One line for each event: time, level, message.
      System.setProperty(LOG_FORMAT, "%1$tFT%1$tT.%1$tL%1$tz %4$s %5$s%6$s%n");
    }
    Map<String, String> environment = System.getenv();
    Terminal terminal = Terminal.ofProcess(environment);
    Console console =
        new Console(
            new PrintStream(new FileOutputStream(FileDescriptor.out), false, UTF_8),
            new PrintStream(new FileOutputStream(FileDescriptor.err), false, UTF_8),
            terminal.colours());
    Entrepot.prepare(console, arguments);
    Invocation invocation =
        new Invocation(
            console,
            terminal,
            environment,
            Path.of("").toAbsolutePath(),
            Path.of(environment.getOrDefault("HOME", System.getProperty("user.home"))));
    System.exit(Entrepot.run(invocation, arguments));
  }
}
