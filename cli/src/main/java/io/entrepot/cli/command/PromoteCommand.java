package io.entrepot.cli.command;

import io.entrepot.cli.output.PinReport;
import io.entrepot.pin.PinPlan;
import io.entrepot.pin.PinSettings;
import io.entrepot.pin.PolicyFilter;
import io.entrepot.pin.Promoter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** {@code entrepot promote}. */
final class PromoteCommand extends RewriteCommand {

  private final Option<Path> from = arguments().parameter(0, Path.class, "FROM", "A directory.");

  private final Option<Path> to = arguments().parameter(1, Path.class, "TO", "A directory.");

  PromoteCommand(Invocation invocation) {
    super(
        invocation,
        "Copy exactly the digests of one environment's files to the same places of another's.",
        "",
        "Examples:",
        "  entrepot promote --diff env/dev env/staging",
        "",
        "Exit codes: 0 done, 1 something exists on one side only, 2 usage, 3 --check found"
            + " changes.");
  }

  @Override
  ExitCode run(Invocation context, PinSettings settings, PinReport.Form form) throws IOException {
    List<Path> directories = files(context, List.of(from.value(), to.value()));
    for (Path directory : directories) {
      if (!Files.isDirectory(directory)) {
        throw new UsageException("not a directory: " + directory);
      }
    }
    try (LateRegistries registries = new LateRegistries(context, settings.registries())) {
      PolicyFilter filter =
          filter(context, lockIfThere(context, settings), Optional.of(registries::client));
      PinPlan plan =
          new Promoter(settings.rules(), filter, tools(context))
              .plan(directories.getFirst(), directories.getLast());
      return finish(context, plan, form, false);
    }
  }
}
