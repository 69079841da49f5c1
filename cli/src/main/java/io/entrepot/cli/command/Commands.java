package io.entrepot.cli.command;

import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The commands in the order of the help. The parser, the completions and the manual page read this
 * list; {@code ./format} writes the launcher's part of it.
 */
public final class Commands {

  /** Every command: a line here, and a class of its own. */
  static final List<Entry> ALL =
      List.of(
          new Entry("serve", Kind.SERVE, ServeCommand::new),
          new Entry("mirror", Kind.MIRROR, MirrorCommand::new),
          new Entry("copy", Kind.MIRROR, CopyCommand::new),
          new Entry("verify", Kind.MIRROR, VerifyCommand::new),
          new Entry("pin", Kind.PIN, PinCommand::new),
          new Entry("bump", Kind.PIN, BumpCommand::new),
          new Entry("promote", Kind.PIN, PromoteCommand::new),
          new Entry("check", Kind.PIN, CheckCommand::new),
          new Entry("init", Kind.PIN, InitCommand::new),
          new Entry("inventory", Kind.PIN, InventoryCommand::new),
          new Entry("prune", Kind.MIRROR, PruneCommand::new),
          new Entry("inspect", Kind.MIRROR, InspectCommand::new),
          new Entry("digest", Kind.MIRROR, DigestCommand::new),
          new Entry("tags", Kind.MIRROR, TagsCommand::new),
          new Entry("lock", Kind.PIN, LockCommand::new),
          new Entry("cache", Kind.MIRROR, CacheCommand::new),
          new Entry("config", Kind.PIN, ConfigCommand::new),
          new Entry("doctor", Kind.MIRROR, DoctorCommand::new),
          new Entry("notify", Kind.MIRROR, NotifyCommand::new),
          new Entry("ca", Kind.PIN, CaCommand::new),
          new Entry("credential-provider", Kind.PIN, CredentialProviderCommand::new),
          new Entry("completion", Kind.PIN, CompletionCommand::new),
          new Entry("help", Kind.PIN, HelpCommand::new));

  private Commands() {}

  /** How a command runs, and so which options and start-up cache its Java machine takes. */
  public enum Kind {
    /** For as long as it is let. */
    SERVE,
    /** For a few seconds, with registries. */
    MIRROR,
    /** For a second or two, over files. */
    PIN
  }

  /** Makes a command. Its class is loaded by that, and not before. */
  record Entry(String name, Kind kind, Function<Invocation, EntrepotCommand> made) {

    CommandSpec spec(Invocation invocation) {
      return made.apply(invocation).spec().name(name);
    }

    /** Whether the command prints what other commands take. */
    boolean describesOthers() {
      return name.equals("completion") || name.equals("help");
    }
  }

  /** The names of the commands of one kind. */
  public static List<String> names(Kind kind) {
    return ALL.stream().filter(command -> command.kind() == kind).map(Entry::name).toList();
  }
}
