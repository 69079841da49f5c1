package io.entrepot.cli.command;

import io.entrepot.cli.shell.Completion;
import io.entrepot.cli.shell.ManualPage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "completion",
    description = "Print the script that completes commands, options and values in a shell.",
    footer = {
      "",
      "Examples:",
      "  source <(entrepot completion bash)",
      "  entrepot completion fish > ~/.config/fish/completions/entrepot.fish",
      "  entrepot completion --man | man -l -",
    })
final class CompletionCommand extends EntrepotCommand {

  @Parameters(arity = "0..1", paramLabel = "SHELL", description = "bash, zsh or fish.")
  private @Nullable Completion shell;

  @Option(names = "--man", description = "Print the manual page instead.")
  private boolean manual;

  CompletionCommand(Invocation invocation) {
    super(invocation);
  }

  @Override
  ExitCode run(Invocation context) {
    if (manual == (shell != null)) {
      throw new UsageException("completion needs one of: bash, zsh, fish, --man");
    }
    CommandSpec root = Entrepot.wholeCommandLine(context).getCommandSpec();
    context.console().document(shell == null ? ManualPage.of(root) : shell.script(root));
    return ExitCode.DONE;
  }
}
