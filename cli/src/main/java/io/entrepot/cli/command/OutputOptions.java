package io.entrepot.cli.command;

import io.entrepot.cli.output.OutputFormat;
import picocli.CommandLine.Option;

/** How results are printed. */
final class OutputOptions {

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "text (default) or json.")
  OutputFormat format = OutputFormat.TEXT;

  boolean json() {
    return format == OutputFormat.JSON;
  }
}
