package io.entrepot.cli.command;

import io.entrepot.config.PinSettings;
import io.entrepot.pin.PinPlan;
import io.entrepot.pin.Promoter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code entrepot promote}. */
@Command(
    name = "promote",
    description =
        "Copies exactly the digests of one environment's files to the same places of another's.",
    footer = {
      "",
      "Examples:",
      "  entrepot promote --diff env/dev env/staging",
      "",
      "Exit codes: 0 done, 1 something exists on one side only, 2 usage, 3 --check found changes."
    })
final class PromoteCommand extends RewriteCommand {

  @Parameters(index = "0", paramLabel = "FROM", description = "A directory.")
  private Path from = Path.of("");

  @Parameters(index = "1", paramLabel = "TO", description = "A directory.")
  private Path to = Path.of("");

  PromoteCommand(Invocation invocation) {
    super(invocation);
  }

  @Override
  ExitCode run(Invocation context, PinSettings settings, PinReport.Form form) throws IOException {
    List<Path> directories = files(context, List.of(from, to));
    for (Path directory : directories) {
      if (!Files.isDirectory(directory)) {
        throw new UsageException("not a directory: " + directory);
      }
    }
    PinPlan plan =
        new Promoter(settings.rules()).plan(directories.getFirst(), directories.getLast());
    return finish(context.console(), plan, form, false);
  }
}
