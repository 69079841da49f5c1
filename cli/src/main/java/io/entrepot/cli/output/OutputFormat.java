package io.entrepot.cli.output;

/** What {@code --output} takes. */
public enum OutputFormat {
  /** Text for a terminal. */
  TEXT,
  /** One JSON document. */
  JSON
}
