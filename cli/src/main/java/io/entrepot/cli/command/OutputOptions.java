package io.entrepot.cli.command;

import io.entrepot.cli.output.OutputFormat;

/** The option {@code --output} of commands that print text or JSON. */
final class OutputOptions {

  private final Option<OutputFormat> format;

  OutputOptions(Arguments arguments) {
    format =
        arguments.option(
            "-o, --output", OutputFormat.class, "FORMAT", "text or json (default: text).");
  }

  boolean json() {
    return format.orNull() == OutputFormat.JSON;
  }
}
