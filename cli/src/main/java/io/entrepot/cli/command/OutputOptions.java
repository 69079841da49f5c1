package io.entrepot.cli.command;

import io.entrepot.cli.output.OutputFormat;

/** How results are printed. */
final class OutputOptions {

  private final Option<OutputFormat> format;

  OutputOptions(Arguments arguments) {
    format =
        arguments.option("-o, --output", OutputFormat.class, "FORMAT", "text (default) or json.");
  }

  boolean json() {
    return format.orNull() == OutputFormat.JSON;
  }
}
