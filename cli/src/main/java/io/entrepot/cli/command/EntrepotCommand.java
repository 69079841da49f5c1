package io.entrepot.cli.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;

/** One command. */
abstract class EntrepotCommand implements Callable<Integer> {

  private final Invocation invocation;
  private final Arguments arguments;
  private final Flag quiet;
  private final Flag verbose;

  /**
   * @param description what it does
   * @param footer lines that follow in its help
   */
  EntrepotCommand(Invocation invocation, String name, String description, String... footer) {
    this.invocation = invocation;
    this.arguments = new Arguments(this, name, description, footer);
    this.quiet = arguments.flag("-q, --quiet", "Results and failures only.");
    this.verbose = arguments.flag("-v, --verbose", "More detail; stack traces of failures.");
  }

  /** Does it. */
  abstract ExitCode run(Invocation context) throws Exception;

  /** What it takes; its fields add to that. */
  final Arguments arguments() {
    return arguments;
  }

  /** As picocli knows it. */
  final CommandSpec spec() {
    return arguments.spec();
  }

  @Override
  public final Integer call() throws Exception {
    invocation.console().verbosity(quiet.isSet(), verbose.isSet());
    return run(invocation).number();
  }
}
