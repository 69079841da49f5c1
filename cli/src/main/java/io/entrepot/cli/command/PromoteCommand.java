package io.entrepot.cli.command;

import io.entrepot.config.PinSettings;
import io.entrepot.pin.Promoter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code entrepot promote}. */
@Command(
    name = "promote",
    mixinStandardHelpOptions = true,
    description =
        "Copies exactly the digests of one environment's files to the same places of another's.",
    footer = {
      "",
      "Example:",
      "  entrepot promote --diff env/dev env/staging",
      "",
      "Exit codes: 0 done, 1 something exists on one side only, 2 usage, 3 --check found changes."
    })
public final class PromoteCommand extends RewriteCommand {

  @Parameters(index = "0", paramLabel = "FROM", description = "A directory.")
  Path from = Path.of("");

  @Parameters(index = "1", paramLabel = "TO", description = "A directory.")
  Path to = Path.of("");

  @Override
  int run(PinSettings settings, PinReport.Form form) throws IOException {
    for (Path directory : new Path[] {from, to}) {
      if (!Files.isDirectory(directory)) {
        throw new UsageException("not a directory: " + directory);
      }
    }
    return finish(new Promoter(settings.rules()).plan(from, to), form, false);
  }
}
