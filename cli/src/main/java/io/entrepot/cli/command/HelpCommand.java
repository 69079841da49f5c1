package io.entrepot.cli.command;

import picocli.CommandLine;

final class HelpCommand extends EntrepotCommand {

  private final Option<String> command =
      arguments().optionalParameter(0, String.class, "COMMAND", "The command to explain.");

  HelpCommand(Invocation invocation) {
    super(
        invocation,
        "Print the help of a command, or the list of commands.",
        "",
        "Examples:",
        "  entrepot help",
        "  entrepot help mirror");
  }

  @Override
  ExitCode run(Invocation context) {
    CommandLine root = spec().root().commandLine();
    String name = command.orNull();
    CommandLine wanted = name == null ? root : root.getSubcommands().get(name);
    if (wanted == null) {
      throw new UsageException("no such command: %s; entrepot help lists them".formatted(name));
    }
    wanted.usage(context.console().writer(), root.getColorScheme());
    return ExitCode.DONE;
  }
}
