package io.entrepot.cli.command;

import picocli.CommandLine.Option;

/** What every command takes. */
final class CommonOptions {

  @Option(
      names = {"-q", "--quiet"},
      description = "Results and failures only.")
  boolean quiet;

  @Option(
      names = {"-v", "--verbose"},
      description = "More detail; stack traces of failures.")
  boolean verbose;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  boolean help;
}
