package io.entrepot.cli.command;

import io.entrepot.cli.shell.Completion;
import io.entrepot.cli.shell.ManualPage;
import picocli.CommandLine.Model.CommandSpec;

final class CompletionCommand extends EntrepotCommand {

  private final Option<Completion> shell =
      arguments().optionalParameter(0, Completion.class, "SHELL", "bash, zsh or fish.");

  private final Flag manual = arguments().flag("--man", "Print the manual page instead.");

  CompletionCommand(Invocation invocation) {
    super(
        invocation,
        "Print the script that completes commands, options and values in a shell.",
        "",
        "Examples:",
        "  source <(entrepot completion bash)",
        "  entrepot completion fish > ~/.config/fish/completions/entrepot.fish",
        "  entrepot completion --man | man -l -");
  }

  @Override
  ExitCode run(Invocation context) {
    Completion wanted = shell.orNull();
    if (manual.isSet() == (wanted != null)) {
      throw new UsageException("completion needs one of: bash, zsh, fish, --man");
    }
    CommandSpec root = spec().root();
    context.console().document(wanted == null ? ManualPage.of(root) : wanted.script(root));
    return ExitCode.DONE;
  }
}
