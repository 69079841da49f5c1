package io.entrepot.cli.command;

import java.util.List;
import picocli.CommandLine;

final class HelpCommand extends EntrepotCommand {

  private final Option<List<String>> command =
      arguments()
          .parameters(
              0,
              0,
              String.class,
              "COMMAND",
              "The command to explain; after cache also the one below it.");

  HelpCommand(Invocation invocation) {
    super(
        invocation,
        "Print the help of a command, or the list of commands.",
        "",
        "Examples:",
        "  entrepot help",
        "  entrepot help mirror",
        "  entrepot help cache du");
  }

  @Override
  ExitCode run(Invocation context) {
    CommandLine root = spec().root().commandLine();
    CommandLine wanted = root;
    for (String name : command.or(List.of())) {
      CommandLine below = wanted.getSubcommands().get(name);
      if (below == null) {
        String above = wanted == root ? "" : wanted.getCommandName() + " ";
        throw new UsageException(
            "no such command: %s%s; entrepot help %slists them".formatted(above, name, above));
      }
      wanted = below;
    }
    wanted.usage(context.console().writer(), root.getColorScheme());
    return ExitCode.DONE;
  }
}
