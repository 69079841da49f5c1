package io.entrepot.cli.command;

import io.entrepot.cli.output.ColorChoice;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;

/** A command, with the options that all commands have. */
abstract class EntrepotCommand implements Callable<Integer> {

  private final Invocation invocation;
  private final Arguments arguments;
  private final Flag quiet;
  private final Flag verbose;
  private final Option<ColorChoice> color;

  /**
   * @param description what the command does
   * @param footer lines that follow in its help
   */
  EntrepotCommand(Invocation invocation, String description, String... footer) {
    this.invocation = invocation;
    this.arguments = new Arguments(this, description, footer);
    this.quiet = arguments.flag("-q, --quiet", "Results and failures only.");
    this.verbose = arguments.flag("-v, --verbose", "More detail; stack traces of failures.");
    this.color =
        arguments.option(
            "--color",
            ColorChoice.class,
            "WHEN",
            "auto, always or never (default: auto); goes before NO_COLOR and CLICOLOR_FORCE.");
  }

  /** Runs the command. */
  abstract ExitCode run(Invocation context) throws Exception;

  /** The options and parameters; the fields of a command add theirs. */
  final Arguments arguments() {
    return arguments;
  }

  /** The command for picocli. */
  final CommandSpec spec() {
    return arguments.spec();
  }

  @Override
  public final Integer call() throws Exception {
    invocation.console().verbosity(quiet.isSet(), verbose.isSet());
    ColorChoice choice = color.or(ColorChoice.AUTO);
    invocation
        .console()
        .colour(invocation.terminal().colours(choice), invocation.terminal().resultColours(choice));
    return run(invocation).number();
  }
}
