package io.entrepot.cli.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** One command. */
abstract class EntrepotCommand implements Callable<Integer> {

  @Mixin private final CommonOptions common = new CommonOptions();

  private final Invocation invocation;

  EntrepotCommand(Invocation invocation) {
    this.invocation = invocation;
  }

  /** Does it. */
  abstract ExitCode run(Invocation context) throws Exception;

  @Override
  public final Integer call() throws Exception {
    invocation.console().verbosity(common.quiet, common.verbose);
    return run(invocation).number();
  }
}
