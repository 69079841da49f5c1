package io.entrepot.cli.output;

/** What {@code --output} takes. */
public enum OutputFormat {
  /** For people. */
  TEXT,
  /** For programs. */
  JSON
}
