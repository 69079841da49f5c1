package io.entrepot.cli.command;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The options and parameters of one command, declared beside the fields that keep their values.
 * Names of an option are written as help shows them: {@code "-c, --config"}.
 */
final class Arguments {

  private final CommandSpec spec;

  /**
   * @param description what the command does
   * @param footer lines that follow in its help
   */
  Arguments(Callable<Integer> command, String description, String... footer) {
    spec = CommandSpec.wrapWithoutInspection(command);
    spec.usageMessage().description(description).footer(footer);
    spec.addOption(
        OptionSpec.builder(names("-h, --help"))
            .usageHelp(true)
            .description("Show this help and exit.")
            .build());
  }

  /** As picocli knows the command. */
  CommandSpec spec() {
    return spec;
  }

  /** An option that is there or is not. */
  Flag flag(String names, String description) {
    Flag given = new Flag();
    spec.addOption(
        OptionSpec.builder(names(names))
            .type(boolean.class)
            .description(description)
            .getter(given)
            .setter(given)
            .build());
    return given;
  }

  /** An option with a value. */
  <T> Option<T> option(String names, Class<T> type, String label, String description) {
    return option(names, false, type, type, label, description);
  }

  /** An option that names a file. */
  Option<Path> file(String names, String description) {
    return option(names, Path.class, "FILE", description);
  }

  /** An option without which the command does not begin. */
  <T> Option<T> required(String names, Class<T> type, String label, String description) {
    return option(names, true, type, type, label, description);
  }

  /** An option that may be repeated. */
  <T> Option<List<T>> options(String names, Class<T> type, String label, String description) {
    return option(names, false, List.class, type, label, description);
  }

  /** An option that is there once or more often. */
  <T> Option<List<T>> requiredOptions(
      String names, Class<T> type, String label, String description) {
    return option(names, true, List.class, type, label, description);
  }

  private <V> Option<V> option(
      String names,
      boolean required,
      Class<?> type,
      Class<?> element,
      String label,
      String description) {
    Option<V> given = new Option<>();
    spec.addOption(
        OptionSpec.builder(names(names))
            .type(type)
            .auxiliaryTypes(element)
            .paramLabel(label)
            .description(description)
            .required(required)
            .getter(given)
            .setter(given)
            .build());
    return given;
  }

  /** What stands without an option at a place, counted from 0. */
  <T> Option<T> parameter(int index, Class<T> type, String label, String description) {
    return parameter(Integer.toString(index), "1", type, type, label, description);
  }

  /** The same, where it may be missing. */
  <T> Option<T> optionalParameter(int index, Class<T> type, String label, String description) {
    return parameter(Integer.toString(index), "0..1", type, type, label, description);
  }

  /**
   * Everything that stands without an option from a place on.
   *
   * @param least how many there have to be
   */
  <T> Option<List<T>> parameters(
      int from, int least, Class<T> type, String label, String description) {
    return parameter(from + "..*", least + "..*", List.class, type, label, description);
  }

  private <V> Option<V> parameter(
      String index,
      String arity,
      Class<?> type,
      Class<?> element,
      String label,
      String description) {
    Option<V> given = new Option<>();
    spec.addPositional(
        PositionalParamSpec.builder()
            .index(index)
            .arity(arity)
            .required(!arity.startsWith("0"))
            .type(type)
            .auxiliaryTypes(element)
            .paramLabel(label)
            .description(description)
            .getter(given)
            .setter(given)
            .build());
    return given;
  }

  private static String[] names(String names) {
    return names.split(", ");
  }
}
