package io.entrepot.cli.command;

import io.entrepot.cli.output.Console;
import io.entrepot.cli.output.GateFormat;
import io.entrepot.cli.output.OutputFormat;
import io.entrepot.cli.output.Release;
import io.entrepot.config.ByteSize;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;

/** The command line as a whole. */
public final class Entrepot {

  private static final List<String> VERSION = List.of("-V", "--version");

  /** picocli makes no narrower help. */
  private static final int NARROWEST = 55;

  private Entrepot() {}

  /** Lets a process that will run one command and end begin early with what that command needs. */
  public static void prepare(Console console, String... arguments) {
    if (arguments.length > 0 && arguments[0].equals("serve")) {
      Serving.prepare();
    } else {
      MemoryWatch.start(console);
    }
  }

  /**
   * Runs one command.
   *
   * @return the exit code
   */
  public static int run(Invocation invocation, String... arguments) {
    CommandLine commandLine = commandLine(invocation, needed(arguments));
    if (arguments.length == 0) {
      invocation.console().say(commandLine.getUsageMessage().stripTrailing());
      return ExitCode.USAGE.number();
    }
    try {
      return commandLine.execute(arguments);
    } catch (RuntimeException | OutOfMemoryError e) {
      return Failures.report(e, invocation.console());
    }
  }

  /** Runs one command that was made for this run. */
  static int run(Invocation invocation, Commands.Entry command, List<String> arguments) {
    try {
      return commandLine(invocation, List.of(command)).execute(arguments.toArray(String[]::new));
    } catch (RuntimeException | OutOfMemoryError e) {
      return Failures.report(e, invocation.console());
    }
  }

  /**
   * The command that is asked for: to make the others too would add 15 ms to each start. Help and
   * mistakes need all of them.
   */
  private static List<Commands.Entry> needed(String... arguments) {
    String wanted = arguments.length == 0 ? "" : arguments[0];
    if (arguments.length == 1 && VERSION.contains(wanted)) {
      return List.of();
    }
    return Commands.ALL.stream()
        .filter(command -> command.name().equals(wanted) && !command.describesOthers())
        .findFirst()
        .map(List::of)
        .orElse(Commands.ALL);
  }

  private static CommandLine commandLine(Invocation invocation, List<Commands.Entry> commands) {
    CommandLine root = new CommandLine(rootSpec());
    for (Commands.Entry command : commands) {
      root.addSubcommand(command.name(), new CommandLine(command.spec(invocation)));
    }
    root.setCaseInsensitiveEnumValuesAllowed(true);
    root.registerConverter(ImageReference.class, converter(ImageReference::parse));
    root.registerConverter(ByteSize.class, converter(ByteSize::parse));
    root.registerConverter(RegistryName.class, converter(RegistryName::new));
    root.registerConverter(Repository.class, converter(Repository::parse));
    root.registerConverter(Tag.class, converter(Tag::new));
    root.registerConverter(Platform.class, converter(Platform::parse));
    root.registerConverter(OutputFormat.class, format(OutputFormat.values(), "text or json"));
    root.registerConverter(
        GateFormat.class, format(GateFormat.values(), "text, json, sarif, github or junit"));
    wide(root, invocation.environment().getOrDefault("COLUMNS", ""));
    HelpFooter.wrap(root);
    boolean colours = invocation.terminal().colours();
    root.setColorScheme(
        CommandLine.Help.defaultColorScheme(
            colours ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF));
    Failures.handle(root, invocation.console());
    root.setOut(invocation.console().writer());
    root.setErr(invocation.console().writer());
    return root;
  }

  /** As wide as the user says, else as the terminal. */
  private static void wide(CommandLine root, String columns) {
    if (columns.matches("[1-9][0-9]{1,3}")) {
      root.setUsageHelpWidth(Math.max(NARROWEST, Integer.parseInt(columns)));
    } else {
      root.setUsageHelpAutoWidth(true);
    }
  }

  private static CommandSpec rootSpec() {
    CommandSpec spec = CommandSpec.create().name("entrepot");
    spec.usageMessage()
        .description("Keeps a team's container images close, complete and pinned.")
        .footer(
            "",
            "Examples:",
            "  entrepot mirror -c mirror.yaml --dry-run     what would be copied, and what it"
                + " costs",
            "  entrepot verify redis:7 --platform linux/arm64",
            "  entrepot copy redis:7 localhost:5000/redis:7",
            "",
            "Exit codes: 0 done; 1 refused or failed; 2 usage or configuration; 3 --check found",
            "something to change; 4 stopped early with work left, run again.");
    spec.addOption(
        OptionSpec.builder("-h", "--help")
            .usageHelp(true)
            .description("Show this help and exit.")
            .build());
    spec.addOption(
        OptionSpec.builder(VERSION.toArray(String[]::new))
            .versionHelp(true)
            .description("Print the version and exit.")
            .build());
    spec.version("entrepot " + Release.version().orElse("(built from source)"));
    return spec;
  }

  private static <T extends Enum<T>> ITypeConverter<T> format(T[] formats, String choice) {
    return converter(
        text ->
            Arrays.stream(formats)
                .filter(format -> format.name().toLowerCase(Locale.ROOT).equals(text))
                .findFirst()
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "not an output format: '%s' (%s)".formatted(text, choice))));
  }

  private static <T> ITypeConverter<T> converter(Function<String, T> parser) {
    return text -> {
      try {
        return parser.apply(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    };
  }
}
