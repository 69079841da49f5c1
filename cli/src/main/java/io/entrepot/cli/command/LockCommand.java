package io.entrepot.cli.command;

import io.entrepot.lock.LockFile;
import io.entrepot.lock.LockFileCodec;
import io.entrepot.lock.LockMerge;
import java.io.IOException;
import java.nio.file.Path;

/** {@code entrepot lock merge}, which git calls. */
final class LockCommand extends EntrepotCommand {

  enum Action {
    MERGE
  }

  private final Option<Action> action = arguments().parameter(0, Action.class, "ACTION", "merge.");

  private final Option<Path> base =
      arguments()
          .parameter(1, Path.class, "BASE", "The lock file of the common ancestor; may be empty.");

  private final Option<Path> ours =
      arguments()
          .parameter(2, Path.class, "OURS", "Our lock file; the merged one is written here.");

  private final Option<Path> theirs =
      arguments().parameter(3, Path.class, "THEIRS", "The lock file of the other branch.");

  LockCommand(Invocation invocation) {
    super(
        invocation,
        "Merge two branches' lock files by entry, for git. Of two sights of a digest the earlier one"
            + " counts.",
        "",
        "Tell git once, and name the file in .gitattributes:",
        "  git config merge.entrepot-lock.driver 'entrepot lock merge %O %A %B'",
        "  echo 'images.lock.yaml merge=entrepot-lock' >> .gitattributes",
        "",
        "Examples:",
        "  entrepot lock merge base.yaml images.lock.yaml theirs.yaml");
  }

  @Override
  ExitCode run(Invocation context) throws IOException {
    return switch (action.value()) {
      case MERGE -> merge(context);
    };
  }

  private ExitCode merge(Invocation context) throws IOException {
    Path into = context.file(ours.value());
    LockFile merged =
        LockMerge.merge(
            LockFileCodec.readOrEmpty(context.file(base.value())),
            LockFileCodec.readOrEmpty(into),
            LockFileCodec.readOrEmpty(context.file(theirs.value())));
    LockFileCodec.write(into, merged);
    return ExitCode.DONE;
  }
}
