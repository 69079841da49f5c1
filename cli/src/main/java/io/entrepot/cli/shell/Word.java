package io.entrepot.cli.shell;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * An option or a place for an argument.
 *
 * @param names of an option, short before long; empty for an argument
 * @param label what stands for the value, empty where none is taken
 * @param values all there are, or empty where it is free
 * @param file whether the value names a file or folder
 */
record Word(
    List<String> names, String description, String label, List<String> values, boolean file) {

  /** The options of a command, in the order of their long names, without hidden ones. */
  static List<Word> options(CommandSpec command) {
    return command.options().stream()
        .filter(option -> !option.hidden())
        .sorted(Comparator.comparing(OptionSpec::longestName))
        .map(
            option ->
                of(
                    option,
                    Arrays.stream(option.names())
                        .sorted(Comparator.comparingInt(String::length))
                        .toList(),
                    option.arity().max() == 0 ? "" : option.paramLabel()))
        .toList();
  }

  /** The arguments of a command, in their order. */
  static List<Word> arguments(CommandSpec command) {
    return command.positionalParameters().stream()
        .filter(argument -> !argument.hidden())
        .map(argument -> of(argument, List.of(), argument.paramLabel()))
        .toList();
  }

  /** The commands under a command, without hidden ones. */
  static List<CommandSpec> commands(CommandSpec root) {
    return root.subcommands().values().stream()
        .map(CommandLine::getCommandSpec)
        .filter(command -> !command.usageMessage().hidden())
        .toList();
  }

  /** What a command does, in one line. */
  static String description(CommandSpec command) {
    return line(command.usageMessage().description());
  }

  private static Word of(ArgSpec spec, List<String> names, String label) {
    Class<?> type = spec.typeInfo().isMultiValue() ? spec.auxiliaryTypes()[0] : spec.type();
    List<String> values = List.of();
    if (!label.isEmpty() && type.isEnum()) {
      values =
          Arrays.stream(type.getEnumConstants())
              .map(constant -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT))
              .toList();
    }
    return new Word(
        names, line(spec.description()), label, values, !label.isEmpty() && type == Path.class);
  }

  private static String line(String[] description) {
    // picocli takes descriptions for formats.
    return String.join(" ", description).replace("%%", "%").replace("%n", " ").strip();
  }
}
